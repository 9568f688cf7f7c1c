"""What people do with the ball: carry, pass, shoot, fetch it for a restart. Everything happens in a ``World``."""

import numpy as np
from numpy.typing import NDArray

from analysis.synthetic.records import RATE_HZ, MatchEvent, Period
from analysis.synthetic.world import Flight, World

FloatArray = NDArray[np.float64]


class Actions:
    """Verbs of play that let time pass in a world and write events down.

    Args:
        world: what they act on.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.rng = world.rng
        self.events: list[MatchEvent] = []
        self.whistles: list[int] = []
        self.gathered: list[tuple[int, int]] = []
        self.periods: list[Period] = []
        self.half = 1

    def note(
        self, label: str, team: int | None, slot: int | None = None, *, frames_ago: int = 0
    ) -> None:
        """Write an event down at the present frame, which is about to be recorded, or some frames before."""
        world = self.world
        person = None if slot is None else int(world.slot_person[slot])
        place = (round(float(world.ball[0]), 3), round(float(world.ball[1]), 3))
        name = None if team is None else ("home", "away")[team]
        frame = min(world.frame, world.stop_frame - 1) - frames_ago
        self.events.append(MatchEvent(frame, label, name, person, place, self.half))

    def whistle(self) -> None:
        """The referee blows."""
        self.whistles.append(self.world.frame)

    def kick(
        self,
        end_xyz: FloatArray,
        speed_ms: float,
        *,
        apex_m: float = 0.0,
        drag: float = 0.3,
    ) -> int:
        """Send the ball off; returns the frames it needs. Nobody holds it then."""
        world = self.world
        distance = float(np.linalg.norm(end_xyz[:2] - world.ball[:2]))
        n_frames = max(4, round(distance / speed_ms * RATE_HZ))
        world.flight = Flight(world.ball.copy(), end_xyz, world.frame, n_frames, apex_m, drag)
        world.holder = -1
        return n_frames

    def inside(self, xy: FloatArray, margin_m: float) -> FloatArray:
        """The point, moved into the pitch by at least a margin."""
        limit = self.world.half_xy - margin_m
        return np.clip(xy, -limit, limit)

    def take(self, slot: int) -> None:
        """A person runs to the ball and has it."""
        world = self.world
        effort_until = world.frame + 5 * RATE_HZ
        while np.linalg.norm(world.position[slot] - world.ball[:2]) > 1.1:
            if world.frame > effort_until:
                break
            world.send(slot, world.ball[:2])
            world.advance(0.12)
        world.order[slot] = np.nan
        world.holder = slot
        world.possession = world.team_of(slot)

    def pass_to(self, slot: int, *, lofted: bool = False, noise_m: float = 0.6) -> None:
        """Play the ball to a person (an opponent: it is intercepted) and wait until he has it."""
        world = self.world
        distance = float(np.linalg.norm(world.position[slot] - world.ball[:2]))
        speed = self.rng.uniform(15, 19) if lofted else self.rng.uniform(8.5, 13.5)
        seconds = max(0.25, distance / speed)
        lead = world.position[slot] + world.velocity[slot] * min(seconds, 1.5) * 0.8
        end = self.inside(lead + self.rng.normal(0, noise_m, 2), 0.8)
        apex = min(9.0, 0.14 * distance) if lofted else 0.0
        n_frames = self.kick(np.array([*end, 0.0]), speed, apex_m=apex)
        world.send(slot, end)
        world.advance(n_frames / RATE_HZ)
        self.take(slot)

    def carry(self, direction: FloatArray, distance_m: float) -> None:
        """Run with the ball."""
        world, slot = self.world, self.world.holder
        goal = self.inside(world.position[slot] + direction * distance_m, 2.0)
        effort = self.rng.uniform(0.35, 0.8)
        world.send(slot, goal, effort)
        world.advance(distance_m / (world.top_speed[slot] * effort) + 0.3)
        world.order[slot] = np.nan

    def choose_receiver(self, want_xy: FloatArray | None) -> int:
        """A team-mate who stands well: open, not too far, forward or towards a wanted place."""
        world = self.world
        holder, team = world.holder, world.possession
        mates = world.slots_of(team)
        mates = mates[world.is_active[mates] & (mates != holder)]
        opponents = world.slots_of(1 - team)
        opponents = opponents[world.is_active[opponents]]
        here = world.ball[:2]
        gap = world.position[mates][:, None] - world.position[opponents][None]
        openness = np.sqrt((gap * gap).sum(2)).min(1)
        distance = np.linalg.norm(world.position[mates] - here, axis=1)
        forward = (world.position[mates, 0] - here[0]) * world.attack[team]
        score = 0.5 * np.minimum(openness, 8) - 0.12 * np.abs(distance - 14) + 0.06 * forward
        if want_xy is not None:
            score -= 0.22 * np.linalg.norm(world.position[mates] - want_xy, axis=1)
        score += 0.07 * np.abs(world.position[mates, 1])
        score -= np.where(mates % 11 == 0, 5.0, 0.0) + np.where(distance < 5, 3.0, 0.0)
        return int(mates[np.argmax(score + self.rng.gumbel(0, 0.9, len(mates)))])

    def lose_ball(self) -> None:
        """The next pass goes to an opponent near its way."""
        world = self.world
        mate = self.choose_receiver(None)
        opponents = world.active_outfield(1 - world.possession)
        if not len(opponents):
            return
        middle = (world.position[mate] + world.ball[:2]) / 2
        nearest = np.argmin(np.linalg.norm(world.position[opponents] - middle, axis=1))
        self.pass_to(int(opponents[nearest]))

    def play_on(self, want_xy: FloatArray | None = None, *, may_lose: bool = True) -> None:
        """One thing with the ball: a carry, a pass, or a ball lost."""
        world = self.world
        if world.holder < 0:
            self.take(self.nearest_to_ball())
        holder, draw = world.holder, self.rng.random()
        sign = world.attack[world.possession]
        if holder % 11 == 0:
            world.advance(self.rng.uniform(0.6, 2.5))
            self.pass_to(self.choose_receiver(want_xy), lofted=draw < 0.4)
        elif draw < 0.42:
            ahead = np.array([sign, 0.0]) if want_xy is None else want_xy - world.ball[:2]
            direction = ahead / max(float(np.linalg.norm(ahead)), 1e-6) + self.rng.normal(0, 0.5, 2)
            direction /= max(float(np.linalg.norm(direction)), 1e-6)
            self.carry(direction, self.rng.uniform(2, 9))
        elif may_lose and draw < 0.54:
            self.lose_ball()
        else:
            world.advance(self.rng.uniform(0.1, 0.7))
            mate = self.choose_receiver(want_xy)
            far = np.linalg.norm(world.position[mate] - world.ball[:2]) > 26
            self.pass_to(mate, lofted=bool(far or self.rng.random() < 0.08))

    def nearest_to_ball(self, team: int | None = None) -> int:
        """Slot of the outfield player nearest to the ball, of one team or of both."""
        world = self.world
        slots = np.r_[1:11, 12:22] if team is None else world.slots_of(team)[1:]
        slots = slots[world.is_active[slots]]
        return int(slots[np.argmin(np.linalg.norm(world.position[slots] - world.ball[:2], axis=1))])

    def work_to(self, team: int, want_xy: FloatArray, radius_m: float, most_s: float) -> None:
        """Play until a team has the ball near a wanted place, or as near as it came in ``most_s``."""
        world = self.world
        last = world.frame + most_s * RATE_HZ
        while world.frame < last:
            if world.holder < 0:
                self.take(self.nearest_to_ball())
            if world.possession != team:
                self.lose_ball()
                continue
            if np.linalg.norm(world.ball[:2] - want_xy) < radius_m:
                return
            self.play_on(want_xy, may_lose=False)
        if world.possession != team or world.holder < 0:
            self.take(self.nearest_to_ball(team))
