"""What can be read off positions alone: outs, goals, and restarts that begin with a ball at rest in a known place.

Serves two ends: it proves that the truth of a simulated match is physically there, and it names the events of real
tracking data, which comes without our labels.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import (
    GOAL_AREA_DEPTH_M,
    GOAL_AREA_WIDTH_M,
    GOAL_HEIGHT_M,
    GOAL_WIDTH_M,
    PENALTY_MARK_M,
    PitchSpec,
)
from analysis.synthetic.records import RATE_HZ

FloatArray = NDArray[np.float64]

BALL_RADIUS_M = 0.11
_MEMORY_FRAMES = 60 * RATE_HZ


@dataclass(frozen=True, slots=True)
class Reading:
    """One event: frame, label of SoccerNet-v2, where the ball was."""

    frame: int
    label: str
    pitch_xy_m: tuple[float, float]


def read_events(
    ball_xyz_m: FloatArray,
    home_xy_m: FloatArray,
    away_xy_m: FloatArray,
    pitch: PitchSpec,
    *,
    still_m: float = 0.12,
) -> list[Reading]:
    """Events in time order.

    Args:
        ball_xyz_m: (T, 3); NaN where unknown.
        home_xy_m, away_xy_m: (T, 11 or more, 2); NaN for absent people.
        pitch: size of the pitch.
        still_m: a ball that moves less than this within a third of a second lies still.
    """
    ball = np.asarray(ball_xyz_m, np.float64)
    found = _outs_and_throws(ball, pitch)
    lying = _resting(ball, still_m)
    found += _from_rest(ball, lying, "Corner", pitch.corners, 1.0)
    kick_offs = _from_rest(ball, lying, "Kick-off", np.zeros((1, 2)), 0.6)
    found += [r for r in kick_offs if _in_own_halves(home_xy_m[r.frame], away_xy_m[r.frame])]
    mark_x = pitch.length_m / 2 - PENALTY_MARK_M
    penalties = _from_rest(ball, lying, "Penalty", np.array([[mark_x, 0], [-mark_x, 0]]), 0.6)
    people = np.concatenate([home_xy_m, away_xy_m], axis=1)
    found += [r for r in penalties if _area_is_clear(people[r.frame], r.pitch_xy_m, pitch)]
    found += _goal_kicks(ball, lying, pitch)
    return sorted(found, key=lambda reading: reading.frame)


def _outs_and_throws(ball: FloatArray, pitch: PitchSpec) -> list[Reading]:
    half = np.array([pitch.length_m / 2, pitch.width_m / 2])
    with np.errstate(invalid="ignore"):
        beyond = np.abs(ball[:, :2]) > half + BALL_RADIUS_M
    outside = beyond.any(1)
    found: list[Reading] = []
    over_touch = False
    for frame in np.flatnonzero(np.diff(outside.astype(np.int8))) + 1:
        x, y, z = (float(v) for v in ball[frame])
        if outside[frame]:
            over_touch = bool(beyond[frame, 1])
            between = abs(y) < GOAL_WIDTH_M / 2 and z < GOAL_HEIGHT_M and not over_touch
            found.append(Reading(int(frame), "Goal" if between else "Ball out of play", (x, y)))
        elif over_touch and abs(y) > half[1] - 3.0:
            found.append(Reading(int(frame), "Throw-in", (x, y)))
    return found


def _resting(ball: FloatArray, still_m: float) -> NDArray[np.bool_]:
    """(T,) whether the ball has hardly moved within the last third of a second."""
    lag = RATE_HZ // 3
    moved = np.full(len(ball), np.inf)
    moved[lag:] = np.linalg.norm(ball[lag:, :2] - ball[:-lag, :2], axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(moved < still_m)


def _from_rest(
    ball: FloatArray, lying: NDArray[np.bool_], label: str, spots: FloatArray, radius_m: float
) -> list[Reading]:
    """Moments at which a ball that lay on one of the spots (N, 2) leaves."""
    found = []
    for spot in spots:
        with np.errstate(invalid="ignore"):
            near = np.linalg.norm(ball[:, :2] - spot, axis=1) < radius_m
        at_rest = near & lying
        for frame in np.flatnonzero(at_rest[:-1] & ~at_rest[1:]):
            later = ball[min(frame + RATE_HZ, len(ball) - 1), :2]
            if np.linalg.norm(later - ball[frame, :2]) > 2.0:
                found.append(
                    Reading(int(frame), label, (float(ball[frame, 0]), float(ball[frame, 1])))
                )
    return found


def _goal_kicks(ball: FloatArray, lying: NDArray[np.bool_], pitch: PitchSpec) -> list[Reading]:
    """A ball that was behind the goal-line lately, lies in the goal area and leaves it fast."""
    with np.errstate(invalid="ignore"):
        inside = (np.abs(ball[:, 0]) > pitch.length_m / 2 - GOAL_AREA_DEPTH_M - 0.1) & (
            np.abs(ball[:, 0]) < pitch.length_m / 2
        )
        inside &= np.abs(ball[:, 1]) < GOAL_AREA_WIDTH_M / 2
    at_rest = inside & lying & (ball[:, 2] < 0.05)
    with np.errstate(invalid="ignore"):
        behind = np.flatnonzero(np.abs(ball[:, 0]) > pitch.length_m / 2 + BALL_RADIUS_M)
    found = []
    for frame in np.flatnonzero(at_rest[:-1] & ~at_rest[1:]):
        later = ball[min(frame + RATE_HZ, len(ball) - 1), :2]
        recent = np.searchsorted(behind, frame) - np.searchsorted(behind, frame - _MEMORY_FRAMES)
        if recent and np.linalg.norm(later - ball[frame, :2]) > 8.0:
            found.append(
                Reading(int(frame), "Clearance", (float(ball[frame, 0]), float(ball[frame, 1])))
            )
    return found


def _in_own_halves(home_xy: FloatArray, away_xy: FloatArray) -> bool:
    """Whether the teams stand on different sides of the halfway line (half a metre is forgiven)."""
    sides = [team[np.isfinite(team[:, 0]), 0] for team in (home_xy, away_xy)]
    if not all(len(side) for side in sides):
        return False
    left, right = sorted(sides, key=lambda side: float(np.median(side)))
    return bool(left.max() < 0.5 and right.min() > -0.5)


def _area_is_clear(people: FloatArray, spot: tuple[float, float], pitch: PitchSpec) -> bool:
    """Whether at most taker and keeper are within the penalty area of the spot."""
    sign = np.sign(spot[0])
    with np.errstate(invalid="ignore"):
        inside = (people[:, 0] * sign > pitch.length_m / 2 - 16.5) & (np.abs(people[:, 1]) < 20.16)
    return int(inside.sum()) <= 2
