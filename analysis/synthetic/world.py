"""The pitch as a physical place: people who run within human limits, and a ball that is held, flies or lies."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import PitchSpec
from analysis.synthetic.formations import TeamShape, live_targets
from analysis.synthetic.records import (
    FAR_ASSISTANT,
    N_SLOTS,
    NEAR_ASSISTANT,
    RATE_HZ,
    REFEREE,
    Person,
)

FloatArray = NDArray[np.float64]

STEP_S = 1 / RATE_HZ
MAX_ACCELERATION_MS2 = 4.5
_RETARGET_EVERY = 5
_TEAM_SLOTS = (np.arange(0, 11), np.arange(11, 22))


class VideoOver(Exception):
    """The last frame of the period has been recorded."""


@dataclass(slots=True)
class Flight:
    """A ball on its way from ``start`` to ``end`` (3,), metres; ``drag`` in [0, 0.5], ``apex_m`` above the chord."""

    start: FloatArray
    end: FloatArray
    first_frame: int
    n_frames: int
    apex_m: float
    drag: float

    def at(self, frame: int) -> FloatArray:
        """(3,) position."""
        u = min(1.0, (frame - self.first_frame) / self.n_frames)
        way = u * (1 + self.drag) - self.drag * u * u
        position = self.start + (self.end - self.start) * way
        position[2] += 4 * self.apex_m * u * (1 - u)
        return position


class World:
    """State of one moment and the record of all before.

    Args:
        rng: the only source of chance.
        people: slots 0..24 begin with people 0..24.
        n_frames: length of the record.
        pitch: size of the pitch.
    """

    def __init__(
        self, rng: np.random.Generator, people: tuple[Person, ...], n_frames: int, pitch: PitchSpec
    ) -> None:
        self.rng, self.people, self.pitch = rng, people, pitch
        self.n_frames, self.stop_frame, self.frame = n_frames, n_frames, 0
        self.half_xy = np.array([pitch.length_m / 2, pitch.width_m / 2])
        self.slot_person = np.arange(N_SLOTS)
        self.is_active = np.ones(N_SLOTS, dtype=bool)
        self.position = np.zeros((N_SLOTS, 2))
        self.velocity = np.zeros((N_SLOTS, 2))
        self.target = np.zeros((N_SLOTS, 2))
        self.order = np.full((N_SLOTS, 2), np.nan)
        self.order_effort = np.ones(N_SLOTS)
        self.effort = np.full(N_SLOTS, 0.5)
        self.sway = np.zeros((N_SLOTS, 2))
        self.top_speed = np.array([people[i].top_speed_ms for i in range(N_SLOTS)])
        self.shapes = (TeamShape.draw(rng), TeamShape.draw(rng))
        self.attack = np.array([1.0, -1.0])
        self.ball = np.zeros(3)
        self.flight: Flight | None = None
        self.holder = -1
        self.possession = 0
        self.is_live = False
        self.person_xy_m = np.full((n_frames, len(people), 2), np.nan, dtype=np.float32)
        self.ball_xyz_m = np.zeros((n_frames, 3), dtype=np.float32)
        self.live = np.zeros(n_frames, dtype=bool)

    def team_of(self, slot: int) -> int:
        """0 home, 1 away."""
        return 0 if slot < 11 else 1

    def slots_of(self, team: int) -> NDArray[np.int64]:
        """The eleven slots of a team; the first is the keeper's."""
        return _TEAM_SLOTS[team]

    def active_outfield(self, team: int) -> NDArray[np.int64]:
        """Slots of a team's players on the pitch without the keeper."""
        slots = _TEAM_SLOTS[team][1:]
        return slots[self.is_active[slots]]

    def send(self, slot: int, xy: FloatArray, effort: float = 1.0) -> None:
        """Order a person to a place until the order is cleared."""
        self.order[slot] = xy
        self.order_effort[slot] = effort

    def clear_orders(self) -> None:
        """Everybody is free again."""
        self.order[:] = np.nan

    def advance(self, seconds: float) -> None:
        """Let time pass. Raises: VideoOver at the end of the period."""
        for _ in range(max(1, round(seconds * RATE_HZ))):
            self._step()

    def _step(self) -> None:
        if self.frame >= self.stop_frame:
            raise VideoOver
        if self.frame % _RETARGET_EVERY == 0:
            self._retarget()
        ordered = np.isfinite(self.order[:, 0])
        target = np.where(ordered[:, None], self.order, self.target)
        delta = target - self.position
        distance = np.sqrt((delta * delta).sum(1))
        effort = np.where(ordered, self.order_effort, self.effort)
        speed = np.minimum(self.top_speed * effort, distance * 1.7)
        change = delta * (speed / np.maximum(distance, 1e-6))[:, None] - self.velocity
        size = np.sqrt((change * change).sum(1))
        change *= np.minimum(1.0, MAX_ACCELERATION_MS2 * STEP_S / np.maximum(size, 1e-9))[:, None]
        self.velocity += change
        self.position += self.velocity * STEP_S
        self._move_ball()
        self._record()
        self.frame += 1

    def _move_ball(self) -> None:
        if self.flight is not None:
            self.ball = self.flight.at(self.frame + 1)
            if self.frame + 1 >= self.flight.first_frame + self.flight.n_frames:
                self.flight = None
        elif self.holder >= 0:
            velocity = self.velocity[self.holder]
            speed = float(np.hypot(*velocity))
            facing = (
                velocity / speed
                if speed > 0.4
                else np.array([self.attack[self.team_of(self.holder)], 0.0])
            )
            touch = 0.45 + 0.09 * speed * (1 + np.sin(self.frame * 0.45))
            goal = self.position[self.holder] + facing * touch
            change = goal - self.ball[:2]
            size = float(np.hypot(*change))
            self.ball[:2] += change * min(1.0, 12.0 * STEP_S / max(size, 1e-6))
            self.ball[2] = max(0.0, self.ball[2] - 5 * STEP_S)
            if self.is_live:
                self.ball[:2] = np.clip(self.ball[:2], -self.half_xy + 0.15, self.half_xy - 0.15)

    def _record(self) -> None:
        active = self.is_active
        self.person_xy_m[self.frame, self.slot_person[active]] = self.position[active]
        self.ball_xyz_m[self.frame] = self.ball
        self.live[self.frame] = self.is_live

    def offside_line(self, defending: int) -> float:
        """Pitch x of the second-last defender of a team, ball not counted."""
        sign = self.attack[1 - defending]
        slots = _TEAM_SLOTS[defending]
        depth = np.sort(self.position[slots[self.is_active[slots]], 0] * sign)
        return float(sign * depth[-2]) if len(depth) > 1 else float(sign * self.half_xy[0])

    def _retarget(self) -> None:
        """New places for everybody without an order."""
        self.sway = 0.97 * self.sway + self.rng.normal(0, 0.35, (N_SLOTS, 2))
        ball_xy = self.flight.end[:2] if self.flight is not None else self.ball[:2]
        ball_xy = np.clip(ball_xy, -self.half_xy, self.half_xy)
        lines = (self.offside_line(0), self.offside_line(1))
        for team in (0, 1):
            sign = self.attack[team]
            places = live_targets(
                self.shapes[team],
                ball_xy * sign,
                has_ball=team == self.possession,
                line_x=lines[1 - team] * sign,
                pitch=self.pitch,
            )
            self.target[_TEAM_SLOTS[team]] = places * sign
        outfield = np.r_[1:11, 12:22]
        self.target[outfield] += self.sway[outfield]
        self._defend(ball_xy)
        self._place_officials(ball_xy, lines)
        distance = np.linalg.norm(self.target - self.position, axis=1)
        self.effort = np.clip(0.19 + distance / 29, 0.19, 0.85)
        limit = self.half_xy + 2.5
        self.target = np.clip(self.target, -limit, limit)

    def _defend(self, ball_xy: FloatArray) -> None:
        """Mark opponents near the own goal, press and cover the ball."""
        team = 1 - self.possession
        sign = self.attack[team]
        slots = self.active_outfield(team)
        opponents = self.active_outfield(self.possession)
        if not len(slots) or not len(opponents):
            return
        between = self.target[slots][:, None] - self.position[opponents][None]
        gap = np.sqrt((between * between).sum(2))
        nearest = gap.argmin(1)
        close = gap[np.arange(len(slots)), nearest] < 7
        goal_side = self.position[opponents[nearest]] + np.array([-1.2 * sign, 0.0])
        weight = np.where(close, 0.6 if ball_xy[0] * sign < -10 else 0.35, 0.0)[:, None]
        self.target[slots] = self.target[slots] * (1 - weight) + goal_side * weight
        reach = np.linalg.norm(self.position[slots] - ball_xy, axis=1)
        order = np.argsort(reach)
        self.target[slots[order[0]]] = ball_xy + np.array([-1.3 * sign, 0.0])
        if len(order) > 1:
            self.target[slots[order[1]]] = ball_xy + np.array([-5.5 * sign, -0.15 * ball_xy[1]])

    def _place_officials(self, ball_xy: FloatArray, lines: tuple[float, float]) -> None:
        x, y = ball_xy
        self.target[REFEREE] = x * 0.9 - 4 * np.sign(x + 0.01), np.clip(y * 0.8 + 8, -26, 26)
        half_x, half_y = self.half_xy
        right, left = max(lines[0], lines[1], 0.0, x), min(lines[0], lines[1], 0.0, x)
        self.target[NEAR_ASSISTANT] = min(right, half_x), -half_y - 0.9
        self.target[FAR_ASSISTANT] = max(left, -half_x), half_y + 0.9
