"""Incidents of a match acted out: each is worked towards in open play, happens at a place, and ends in a restart."""

import numpy as np
from numpy.typing import NDArray

from analysis.synthetic.records import RATE_HZ, REFEREE
from analysis.synthetic.restarts import Restarts
from analysis.synthetic.schedule import (
    CORNER_OUTCOMES,
    CORNER_SHOT,
    FREE_KICK_OUTCOMES,
    FREE_KICK_SHOT,
    SECOND_YELLOW_SHARE,
    pick,
)
from analysis.synthetic.squads import N_SUBSTITUTES, substitutes_of
from analysis.synthetic.world import World

FloatArray = NDArray[np.float64]


class Incidents(Restarts):
    """Everything that can interrupt a match, each as one call that lets time pass."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.n_substituted = [0, 0]
        self.booked: set[int] = set()
        self.waiting: list[tuple[float, int]] = []
        self.corners_bring_shots = True

    # -- the ball leaves the pitch -------------------------------------------------------------

    def ball_out_at_touch(self, team: int) -> None:
        """A team plays the ball over a touch-line; the other one throws it in."""
        world = self.world
        half_x, half_y = world.half_xy
        side = 1.0 if world.ball[1] + self.rng.normal(0, 15) > 0 else -1.0
        want = np.array([np.clip(world.ball[0] + self.rng.normal(0, 14), -40, 40), side * 25.0])
        self.work_to(team, want, 11.0, 14.0)
        end_y = side * (half_y + self.rng.uniform(1.8, 4.0))
        end_x = np.clip(
            world.ball[0] + self.rng.normal(6, 9) * world.attack[team], 2 - half_x, half_x - 2
        )
        self._roll_out(np.array([end_x, end_y, 0.0]), self.rng.uniform(11, 16))
        self.throw_in(1 - team, self.wait_of(self.waits.throw_in))

    def _roll_out(self, end_xyz: FloatArray, speed_ms: float, apex_m: float = 0.0) -> None:
        """Kick over a line; "Ball out of play" when the whole ball is over."""
        world = self.world
        last = world.frame + self.kick(end_xyz, speed_ms, apex_m=apex_m)
        while world.frame < last:
            world.advance(1 / RATE_HZ)
            if world.is_live and (np.abs(world.ball[:2]) > world.half_xy + 0.11).any():
                self.note("Ball out of play", None, frames_ago=1)
                self.stop()

    def _behind(self, sign: float, cross_y: float, cross_z: float = 0.0) -> FloatArray:
        """(3,) a place some metres behind a goal-line, so that the ball crosses it at ``cross_y``, ``cross_z``."""
        world = self.world
        x, y, z = world.ball
        before = max(world.half_xy[0] - sign * x, 0.3)
        further = (before + 3.5) / before
        end_y = np.clip(y + (cross_y - y) * further, cross_y - 6, cross_y + 6)
        end_z = max(0.0, z + (cross_z - z) * further) if cross_z else 0.0
        return np.array([sign * (world.half_xy[0] + 3.5), end_y, end_z])

    def misplaced_to_goal_kick(self, team: int) -> None:
        """A long ball of ``team`` runs over the opponents' goal-line."""
        world = self.world
        sign = world.attack[team]
        side = 1.0 if self.rng.random() < 0.5 else -1.0
        self.work_to(team, np.array([sign * 22.0, side * 14.0]), 16.0, 12.0)
        end = self._behind(sign, side * self.rng.uniform(7, 26))
        self._roll_out(end, 15.0, apex_m=1.0)
        self.goal_kick(1 - team, self.wait_of(self.waits.goal_kick))

    def corner_won(self, team: int) -> None:
        """A cross is put behind by a defender, and the corner is taken."""
        world = self.world
        sign = world.attack[team]
        side = 1.0 if self.rng.random() < 0.5 else -1.0
        self.work_to(team, np.array([sign * 40.0, side * 18.0]), 10.0, 14.0)
        rivals = world.active_outfield(1 - team)
        near = int(
            rivals[np.argmin(np.linalg.norm(world.position[rivals] - world.ball[:2], axis=1))]
        )
        self.pass_to(near)
        cross_y = float(np.clip(world.ball[1] + self.rng.normal(0, 3), -26, 26))
        if abs(cross_y) < 5.0:
            cross_y = side * self.rng.uniform(5, 12)
        self._roll_out(self._behind(sign, cross_y), 14.0)
        self.take_corner(team, float(world.ball[1]))

    def take_corner(self, team: int, side_y: float) -> None:
        """Wait, corner, cross into the box; somebody has it there."""
        self.corner(team, side_y, self.wait_of(self.waits.corner))
        if self.corners_bring_shots and self.rng.random() < CORNER_SHOT:
            self.shoot(team, pick(self.rng, CORNER_OUTCOMES))

    # -- shots ---------------------------------------------------------------------------------

    def approach_goal(self, team: int, most_s: float = 16.0) -> None:
        """Bring the ball into shooting range."""
        sign = self.world.attack[team]
        want = np.array([sign * self.rng.uniform(33, 43), self.rng.normal(0, 7)])
        self.work_to(team, want, 8.0, most_s)

    def shoot(self, team: int, outcome: str) -> None:
        """One shot: ``goal``, ``save``, ``save_corner``, ``off`` or ``off_corner``; then what follows from it."""
        world, rng = self.world, self.rng
        sign, half_x = world.attack[team], world.half_xy[0]
        shooter = world.holder if world.holder >= 0 else self.nearest_to_ball(team)
        world.clear_orders()
        keeper = int(world.slots_of(1 - team)[0])
        side = 1.0 if rng.random() < 0.5 else -1.0
        speed = rng.uniform(19, 27)
        on_target = outcome in ("goal", "save", "save_corner")
        self.note("Shots on target" if on_target else "Shots off target", team, shooter)
        if outcome == "goal":
            self._score(team, shooter, keeper, side, speed)
        elif outcome == "save":
            end = np.array(
                [sign * (half_x - 0.8), side * rng.uniform(0.3, 2.6), rng.uniform(0.1, 1.6)]
            )
            world.send(keeper, end[:2], 1.0)
            world.advance(self.kick(end, speed, drag=0.1) / RATE_HZ)
            world.order[keeper] = np.nan
            world.holder, world.possession = keeper, 1 - team
            world.advance(rng.uniform(2.0, 5.0))
        elif outcome in ("save_corner", "off_corner"):
            block = np.array([sign * (half_x - rng.uniform(2.5, 5)), side * rng.uniform(1, 3), 0.8])
            world.send(keeper, block[:2], 1.0)
            world.advance(self.kick(block, speed, drag=0.1) / RATE_HZ)
            self._roll_out(self._behind(sign, side * rng.uniform(4.6, 9)), 11.0)
            world.order[keeper] = np.nan
            self.take_corner(team, side)
        else:
            over = rng.random() < 0.4
            cross = (
                (rng.uniform(-3, 3), rng.uniform(3.0, 4.6))
                if over
                else (side * rng.uniform(4.4, 9), rng.uniform(0.2, 2))
            )
            self._roll_out(self._behind(sign, *cross), speed)
            self._drop()
            self.goal_kick(1 - team, self.wait_of(self.waits.goal_kick))

    def _score(self, team: int, shooter: int, keeper: int, side: float, speed: float) -> None:
        """The ball goes in, the scorer runs off, team-mates follow, and all walk back to the kick-off."""
        world, rng = self.world, self.rng
        sign, half_x = world.attack[team], world.half_xy[0]
        end = np.array(
            [sign * (half_x + 1.7), side * rng.uniform(1.5, 3.2), rng.uniform(0.15, 1.9)]
        )
        world.send(keeper, np.array([sign * (half_x - 0.6), -side * rng.uniform(-1.0, 2.0)]), 0.9)
        last = world.frame + self.kick(end, speed, drag=0.1)
        while world.frame < last:
            world.advance(1 / RATE_HZ)
            if world.is_live and abs(world.ball[0]) > half_x + 0.11:
                self.note("Goal", team, shooter, frames_ago=1)
                self.whistle()
                self.stop()
        world.order[keeper] = np.nan
        self._drop()
        wait_s = self.wait_of(self.waits.kick_off)
        self._celebrate(team, shooter, 0.4 * wait_s)
        self.kick_off(1 - team, 0.6 * wait_s)

    def _celebrate(self, team: int, scorer: int, seconds: float) -> None:
        world = self.world
        corner = np.array([world.attack[team], np.sign(world.position[scorer, 1]) or 1.0]) * (
            world.half_xy - 5
        )
        world.send(scorer, corner, 0.8)
        for slot in world.active_outfield(team):
            if slot != scorer:
                angle = self.rng.uniform(0, 2 * np.pi)
                spread = self.rng.uniform(0.9, 2.2) * np.array([np.cos(angle), np.sin(angle)])
                world.send(int(slot), corner + spread, self.rng.uniform(0.5, 0.75))
        for slot in world.slots_of(1 - team)[1:]:
            world.send(int(slot), world.position[slot] * 0.85, 0.2)
        begin = world.frame
        world.advance(seconds)
        self.gathered.append((begin, world.frame))

    def _drop(self) -> None:
        """A ball behind the line falls down and rests."""
        world = self.world
        if world.ball[2] > 0.05:
            end = world.ball + np.array([0.3 * np.sign(world.ball[0]), 0.0, 0.0])
            end[2] = 0.0
            world.advance(self.kick(end, 0.8, drag=0.0) / RATE_HZ)

    # -- fouls and cards -----------------------------------------------------------------------

    def foul(self, team: int, *, near_goal: bool, card: str | None) -> None:
        """A foul on ``team``, a card perhaps, and the free kick: direct and shot at goal when near it."""
        world, rng = self.world, self.rng
        sign = world.attack[team]
        if near_goal:
            want, radius = np.array([sign * rng.uniform(25, 31), rng.normal(0, 9)]), 9.0
        else:
            want, radius = np.array([rng.normal(0, 18), rng.normal(0, 16)]), 20.0
        self.work_to(team, want, radius, 12.0)
        offender, spot = self._tackle(team)
        if near_goal:
            spot = np.array([sign * np.clip(sign * spot[0], 22, world.half_xy[0] - 17.5), spot[1]])
        self.note("Foul", 1 - team, offender)
        self.whistle()
        self.stop()
        self._card(offender, spot, card)
        if near_goal:
            self._direct(team, spot)
        else:
            taker = self.free_kick(team, spot, self.wait_of(self.waits.free_kick))
            self._indirect(taker)

    def _direct(self, team: int, spot: FloatArray) -> None:
        """A direct free kick near goal: shot, or crossed to a team-mate in the area."""
        world = self.world
        taker = self.shooting_free_kick(team, spot, self.wait_of(self.waits.shot_free_kick))
        self.note("Direct free-kick", team, taker)
        world.is_live, world.possession, world.holder = True, team, taker
        if self.rng.random() < FREE_KICK_SHOT:
            self.shoot(team, pick(self.rng, FREE_KICK_OUTCOMES))
        else:
            mates = world.active_outfield(team)[3:-1]
            self.pass_to(int(self.rng.choice(mates)), lofted=True)
            world.clear_orders()

    def _indirect(self, taker: int) -> None:
        def release() -> None:
            self.world.holder = taker
            self.pass_to(self.choose_receiver(None), lofted=bool(self.rng.random() < 0.35))

        self.in_play(taker, "Indirect free-kick", release)

    def _tackle(self, team: int) -> tuple[int, FloatArray]:
        """An opponent runs into the holder; (offender, where)."""
        world = self.world
        holder = world.holder if world.holder >= 0 else self.nearest_to_ball(team)
        rivals = world.active_outfield(1 - team)
        offender = int(
            rivals[
                np.argmin(np.linalg.norm(world.position[rivals] - world.position[holder], axis=1))
            ]
        )
        last = world.frame + 3 * RATE_HZ
        while (
            np.linalg.norm(world.position[offender] - world.position[holder]) > 0.7
            and world.frame < last
        ):
            world.send(offender, world.position[holder], 1.0)
            world.send(holder, world.position[holder] + world.velocity[holder] * 0.3, 0.3)
            world.advance(0.12)
        world.clear_orders()
        world.holder = -1
        return offender, world.ball[:2].copy()

    def _card(self, offender: int, spot: FloatArray, card: str | None) -> None:
        """The referee comes, players gather, the card is shown; a red one sends the offender off."""
        world = self.world
        world.send(REFEREE, spot + np.array([1.5, 1.5]), 0.7)
        if card is None:
            return
        people = [s for s in self.nearest_few(spot, 6) if s != offender]
        for k, slot in enumerate(people):
            angle = 2 * np.pi * k / 6 + 0.4
            world.send(slot, spot + 2.6 * np.array([np.cos(angle), np.sin(angle)]), 0.4)
        world.send(offender, spot + np.array([0.4, 1.2]), 0.3)
        begin = world.frame
        world.advance(self.rng.uniform(4, 9))
        if card == "Yellow card" and int(world.slot_person[offender]) in self.booked:
            # Who has been booked takes care, and referees talk first.
            card = "Yellow->red card" if self.rng.random() < SECOND_YELLOW_SHARE else None
        if card is None:
            world.clear_orders()
            return
        self.booked.add(int(world.slot_person[offender]))
        self.note(card, world.team_of(offender), offender)
        world.advance(self.rng.uniform(3, 5))
        self.gathered.append((begin, world.frame))
        world.clear_orders()
        if card != "Yellow card" and len(world.active_outfield(world.team_of(offender))) > 7:
            self._send_off(offender)

    def nearest_few(self, spot: FloatArray, n_people: int) -> list[int]:
        """Players nearest to a place."""
        slots = np.r_[1:11, 12:22]
        slots = slots[self.world.is_active[slots]]
        near = np.argsort(np.linalg.norm(self.world.position[slots] - spot, axis=1))
        return [int(slot) for slot in slots[near[:n_people]]]

    def _walk_off(self, slot: int, most_s: float) -> None:
        world = self.world
        out = np.array([world.position[slot, 0] * 0.3, -world.half_xy[1] - 1.2])
        world.send(slot, out, 0.5)
        last = world.frame + most_s * RATE_HZ
        while world.frame < last and world.position[slot, 1] > -world.half_xy[1] - 0.6:
            world.advance(0.4)
        world.order[slot] = np.nan

    def _send_off(self, slot: int) -> None:
        self._walk_off(slot, 25.0)
        self.world.is_active[slot] = False

    def offside(self, team: int) -> None:
        """A pass to an attacker behind the last line but one."""
        world = self.world
        sign = world.attack[team]
        self.work_to(team, np.array([sign * 8.0, self.rng.normal(0, 12)]), 22.0, 10.0)
        mates = world.active_outfield(team)
        mates = mates[mates != world.holder]
        runner = int(mates[np.argmax(world.position[mates, 0] * sign)])
        line = max(world.offside_line(1 - team) * sign, 1.0, world.ball[0] * sign)
        goal = np.array([sign * min(line + 4.5, world.half_xy[0] - 4), world.position[runner, 1]])
        last = world.frame + 4 * RATE_HZ
        while world.frame < last:
            world.send(runner, goal, 1.0)
            world.advance(0.12)
            line = max(world.offside_line(1 - team) * sign, 0.5, world.ball[0] * sign)
            if world.position[runner, 0] * sign > line + 0.4:
                break
        self.pass_to(runner, lofted=bool(self.rng.random() < 0.4))
        self.note("Offside", team, runner)
        self.whistle()
        self.stop()
        spot = world.ball[:2].copy()
        taker = self.free_kick(1 - team, spot, self.wait_of(self.waits.free_kick))
        self._indirect(taker)

    def penalty_given(self, team: int, outcome: str, card: str | None) -> None:
        """A foul in the area, the penalty, and its outcome (``goal``, ``save`` or ``off``)."""
        world = self.world
        sign = world.attack[team]
        self.work_to(team, np.array([sign * 43.0, self.rng.normal(0, 6)]), 6.5, 16.0)
        offender, spot = self._tackle(team)
        self.note("Foul", 1 - team, offender)
        self.whistle()
        self.stop()
        self._card(offender, spot, card)
        taker = self.penalty(team, self.wait_of(self.waits.penalty))
        world.send(taker, world.ball[:2], 0.6)
        world.advance(0.5)
        self.note("Penalty", team, taker)
        world.is_live, world.possession, world.holder = True, team, taker
        self.shoot(team, outcome)

    def before_restart(self, taker: int) -> None:
        """Substitutions that are due."""
        while self.waiting and self.waiting[0][0] <= self.world.frame / RATE_HZ:
            _, team = self.waiting.pop(0)
            if self.n_substituted[team] < N_SUBSTITUTES:
                self._substitute(team, taker)

    def _substitute(self, team: int, taker: int) -> None:
        """A player leaves over the near touch-line at the halfway line, another one comes."""
        world = self.world
        outfield = world.active_outfield(team)
        slot = int(self.rng.choice(outfield[outfield != taker]))
        self._walk_off(slot, 25.0)
        person = substitutes_of(team)[self.n_substituted[team]]
        self.note("Substitution", team, slot)
        world.slot_person[slot] = person
        world.top_speed[slot] = world.people[person].top_speed_ms
        world.position[slot] = 0.5 * self.rng.normal(), -world.half_xy[1] - 0.6
        world.velocity[slot] = 0
        self.n_substituted[team] += 1
