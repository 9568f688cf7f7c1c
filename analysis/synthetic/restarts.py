"""The ball is dead: who goes where, how the ball comes back, and how each restart is taken (Laws 8, 13-17)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import CIRCLE_RADIUS_M, GOAL_AREA_DEPTH_M, PENALTY_MARK_M
from analysis.synthetic import formations
from analysis.synthetic.actions import Actions
from analysis.synthetic.records import NEAR_ASSISTANT, RATE_HZ, REFEREE

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds between the stop and the restart: (median, spread of the logarithm), as in SoccerNet-v2's labels."""

    kick_off: tuple[float, float] = (51.0, 0.17)
    throw_in: tuple[float, float] = (8.6, 0.55)
    goal_kick: tuple[float, float] = (20.5, 0.35)
    corner: tuple[float, float] = (23.0, 0.28)
    free_kick: tuple[float, float] = (16.5, 0.55)
    shot_free_kick: tuple[float, float] = (40.0, 0.35)
    penalty: tuple[float, float] = (62.0, 0.22)


QUICK = Waits((19.0, 0.05), (5.2, 0.1), (8.5, 0.05), (9.5, 0.05), (7.5, 0.05), (12.5, 0.05), (14.5, 0.05))  # fmt: skip


class Restarts(Actions):
    """Restarts of play in a world; ``waits`` says how long they take."""

    waits: Waits = Waits()

    def stop(self) -> None:
        """The ball is dead."""
        self.world.is_live = False

    def wait_of(self, median_and_spread: tuple[float, float]) -> float:
        """A waiting time in seconds."""
        median, spread = median_and_spread
        return median * float(np.exp(np.clip(self.rng.normal(0, spread), -2 * spread, 2 * spread)))

    def before_restart(self, taker: int) -> None:
        """What is done while the ball is dead, such as substitutions; the taker is needed."""

    def place_team(self, team: int, targets: FloatArray, effort: float) -> None:
        """Send a team to places in its own frame."""
        world = self.world
        slots = world.slots_of(team)
        world.order[slots] = targets * world.attack[team]
        world.order_effort[slots] = effort * self.rng.uniform(0.85, 1.15, 11)

    def shape_targets(self, team: int, ball_xy: FloatArray, *, has_ball: bool) -> FloatArray:
        """Where the formation stands (team frame) for a ball at a place (pitch frame)."""
        world = self.world
        sign = world.attack[team]
        line = world.offside_line(1 - team) * sign
        shape = world.shapes[team]
        return formations.live_targets(
            shape, ball_xy * sign, has_ball=has_ball, line_x=line, pitch=world.pitch
        )

    def bring(
        self,
        taker: int,
        spot: FloatArray,
        wait_s: float,
        *,
        stand: FloatArray | None = None,
        ready: Callable[[], bool] | None = None,
    ) -> None:
        """The taker walks to the spot, the ball is thrown there, everybody gets ready.

        Args:
            taker: slot.
            spot: (2,) where the ball will lie.
            wait_s: least time from now to the restart.
            stand: (2,) where the taker stands; behind the ball when None.
            ready: further condition, awaited for at most 12 s.
        """
        world = self.world
        sign = world.attack[world.team_of(taker)]
        place = spot + np.array([-0.7 * sign, 0.0]) if stand is None else stand
        world.holder = -1
        begin = world.frame
        self.before_restart(taker)
        gap = float(np.linalg.norm(world.position[taker] - place))
        pace = max(gap / max(wait_s - 2.5, 1.0) * 1.15, 1.6)
        world.send(taker, place, min(1.0, pace / world.top_speed[taker]))
        throw_s = min(1.6, 0.3 * wait_s)
        world.advance(max(0.2, wait_s - throw_s - 1.0))
        distance = float(np.linalg.norm(world.ball[:2] - spot))
        if distance > 0.15 or world.ball[2] > 0.05:
            world.flight = None
            n_frames = self.kick(
                np.array([*spot, 0.0]), max(distance / throw_s, 1.5), apex_m=0.06 * distance
            )
            world.advance(n_frames / RATE_HZ)
        world.ball[:] = *spot, 0.0
        last = world.frame + 12 * RATE_HZ
        while world.frame < last and (
            np.linalg.norm(world.position[taker] - place) > 0.6
            or (world.frame - begin) / RATE_HZ < wait_s
            or (ready is not None and not ready())
        ):
            world.advance(0.2)

    def in_play(self, taker: int, label: str | None, release: Callable[[], None]) -> None:
        """Take the restart: the event, the ball in play, orders lifted, the first kick."""
        world = self.world
        team = world.team_of(taker)
        if label is not None:
            self.note(label, team, taker)
        world.is_live = True
        world.possession = team
        world.clear_orders()
        release()

    def kick_off(self, team: int, wait_s: float) -> None:
        """Both teams in their halves, the ball on the centre spot."""
        world = self.world
        self.stop()
        world.clear_orders()
        for side in (0, 1):
            places = formations.kickoff_targets(
                world.shapes[side], kicks_off=side == team, pitch=world.pitch
            )
            self.place_team(side, places, 0.62)
        world.send(REFEREE, np.array([-3.0, 8.5]), 0.5)
        taker = int(world.slots_of(team)[1 + np.argmax(world.shapes[team].depth)])
        if not world.is_active[taker]:
            taker = int(world.active_outfield(team)[-1])

        def ready() -> bool:
            own = np.r_[0:22]
            side = world.position[own, 0] * np.repeat(world.attack, 11)
            return bool((side[world.is_active[own]] <= 0.0).all())

        sign = world.attack[team]
        self.bring(
            taker, np.zeros(2), wait_s, stand=np.array([-0.45 * sign, 0.25 * sign]), ready=ready
        )
        self.whistle()
        mates = world.active_outfield(team)
        mates = mates[mates != taker]
        behind = mates[np.argsort(np.linalg.norm(world.position[mates], axis=1))[:3]]
        self.in_play(taker, "Kick-off", lambda: self.pass_to(int(self.rng.choice(behind))))

    def throw_in(self, team: int, wait_s: float) -> None:
        """From where the ball crossed the touch-line."""
        world = self.world
        half_x, half_y = world.half_xy
        side = np.sign(world.ball[1]) or 1.0
        spot = np.array([np.clip(world.ball[0], -half_x + 1, half_x - 1), side * (half_y + 0.35)])
        world.possession = team
        taker = self.nearest_to_ball(team)
        near = world.active_outfield(team)
        near = near[near != taker]
        near = near[np.argsort(np.linalg.norm(world.position[near] - spot, axis=1))[:3]]
        for slot in near:
            offset = np.array([self.rng.uniform(-9, 9), -side * self.rng.uniform(4, 14)])
            world.send(int(slot), self.inside(spot + offset, 1.0), 0.55)
        self.bring(taker, spot, wait_s, stand=spot + np.array([0.0, 0.45 * side]))
        world.ball[2] = 1.9

        def release() -> None:
            receiver = int(self.rng.choice(near)) if len(near) else self.choose_receiver(None)
            end = self.inside(world.position[receiver], 1.0)
            n_frames = self.kick(np.array([*end, 0.0]), 10.0, apex_m=1.0, drag=0.1)
            world.send(receiver, end)
            world.advance(n_frames / RATE_HZ)
            self.take(receiver)

        self.in_play(taker, "Throw-in", release)

    def goal_kick(self, team: int, wait_s: float) -> None:
        """The keeper kicks from the goal area; SoccerNet calls it a clearance."""
        world = self.world
        sign = world.attack[team]
        side = 1.0 if self.rng.random() < 0.5 else -1.0
        spot = np.array([-sign * (world.half_xy[0] - GOAL_AREA_DEPTH_M + 0.4), side * 4.5])
        middle = np.array([-sign * 8.0, 0.0])
        self.place_team(team, self.shape_targets(team, middle, has_ball=True), 0.4)
        self.place_team(1 - team, self.shape_targets(1 - team, middle, has_ball=False), 0.4)
        keeper = int(world.slots_of(team)[0])
        self.bring(keeper, spot, wait_s)
        long_ball = self.rng.random() < 0.7

        def release() -> None:
            if long_ball:
                mates = world.active_outfield(team)
                depth = world.position[mates, 0] * sign
                self.pass_to(int(self.rng.choice(mates[np.argsort(depth)[-5:]])), lofted=True)
            else:
                self.pass_to(self.choose_receiver(None))

        world.holder = -1
        self.in_play(keeper, "Clearance", release)

    def corner(self, team: int, side_y: float, wait_s: float) -> int:
        """Taken from the corner arc; returns the attacker who reaches the ball."""
        world = self.world
        half_x, half_y = world.half_xy
        sign = world.attack[team]
        spot = np.array([sign * (half_x - 0.3), np.sign(side_y) * (half_y - 0.3)])
        for side in (0, 1):
            places = formations.corner_targets(
                spot * world.attack[side], attacks=side == team, rng=self.rng, pitch=world.pitch
            )
            self.place_team(side, places, 0.5)
        outfield = world.active_outfield(team)
        taker = int(outfield[-1])
        self.bring(taker, spot, wait_s, stand=spot + np.sign(spot) * np.array([0.7, 0.35]))
        header = int(self.rng.choice(outfield[:-1][3:]))
        meet = np.array([sign * (half_x - self.rng.uniform(6, 11)), self.rng.uniform(-5, 5)])

        def release() -> None:
            world.send(header, meet, 0.9)
            world.order[taker] = np.nan
            n_frames = self.kick(np.array([*meet, 1.6]), 18.0, apex_m=5.0, drag=0.1)
            world.advance(n_frames / RATE_HZ)
            world.holder, world.possession = header, team

        self.in_play_keeping_orders(taker, "Corner", release)
        return header

    def in_play_keeping_orders(self, taker: int, label: str, release: Callable[[], None]) -> None:
        """As ``in_play``, but people stay where they were sent until the first kick has landed."""
        world = self.world
        self.note(label, world.team_of(taker), taker)
        world.is_live = True
        world.possession = world.team_of(taker)
        release()
        world.clear_orders()

    def free_kick(self, team: int, spot: FloatArray, wait_s: float) -> int:
        """Teams in shape, opponents 9.15 m away; returns the taker, ready behind the ball."""
        world = self.world
        spot = self.inside(spot, 0.5)
        for side in (0, 1):
            places = self.shape_targets(side, spot, has_ball=side == team)
            self.place_team(side, places, 0.4)
        rivals = world.slots_of(1 - team)
        world.order[rivals] = formations.keep_away(world.order[rivals], spot, CIRCLE_RADIUS_M)
        taker = self.nearest_to_spot(team, spot)
        self.bring(taker, spot, wait_s)
        return taker

    def shooting_free_kick(self, team: int, spot: FloatArray, wait_s: float) -> int:
        """As ``free_kick`` near goal: a wall 9.15 m away, attackers in the box."""
        world = self.world
        sign = world.attack[team]
        goal = np.array([sign * world.half_xy[0], 0.0])
        for side in (0, 1):
            corner = np.array([sign * world.half_xy[0], np.sign(spot[1]) * world.half_xy[1]])
            places = formations.corner_targets(
                corner * world.attack[side], attacks=side == team, rng=self.rng, pitch=world.pitch
            )
            places[1:, 0] -= 5.0 if side == team else -5.0
            self.place_team(side, places, 0.45)
        way = (goal - spot) / np.linalg.norm(goal - spot)
        across = np.array([-way[1], way[0]])
        wall = world.active_outfield(1 - team)[1:5]
        for k, slot in enumerate(wall):
            world.send(int(slot), spot + way * CIRCLE_RADIUS_M + across * (k - 1.5) * 0.62, 0.5)
        taker = int(world.active_outfield(team)[-1])
        self.bring(taker, spot, wait_s, stand=spot - way * 0.8)
        return taker

    def penalty(self, team: int, wait_s: float) -> int:
        """Everybody but taker and keeper behind the ball; returns the taker."""
        world = self.world
        sign = world.attack[team]
        spot = np.array([sign * (world.half_xy[0] - PENALTY_MARK_M), 0.0])
        taker = int(world.active_outfield(team)[-1])
        others = np.array(
            [s for s in [*world.active_outfield(0), *world.active_outfield(1)] if s != taker]
        )
        places = formations.penalty_targets(float(sign), len(others), self.rng, world.pitch)
        order = np.argsort(world.position[others, 1])
        for slot, place in zip(others[order], places, strict=True):
            world.send(int(slot), place, 0.4)
        world.send(int(world.slots_of(1 - team)[0]), np.array([sign * world.half_xy[0], 0.0]), 0.5)
        world.send(REFEREE, spot + np.array([-2.0 * sign, 7.5]), 0.4)
        world.send(
            NEAR_ASSISTANT, np.array([sign * world.half_xy[0], -world.half_xy[1] - 0.9]), 0.6
        )
        self.bring(taker, spot, wait_s, stand=spot + np.array([-2.2 * sign, 0.6]))
        self.whistle()
        return taker

    def nearest_to_spot(self, team: int, spot: FloatArray) -> int:
        """Outfield player of a team nearest to a place."""
        world = self.world
        slots = world.active_outfield(team)
        return int(slots[np.argmin(np.linalg.norm(world.position[slots] - spot, axis=1))])
