"""Where everybody wants to be: formations that shift with the ball, and layouts of restarts.

All positions are metres of the pitch frame. Inside, a team is looked at so that it attacks towards +x ("team frame");
turning the pitch by 180 degrees maps one team's frame to the other's.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import CIRCLE_RADIUS_M, GOAL_AREA_DEPTH_M, PENALTY_MARK_M, PitchSpec

FloatArray = NDArray[np.float64]

# (depth 0 = last line .. 1 = first line, lateral -1 .. 1) of ten outfield players
FORMATIONS: dict[str, tuple[tuple[float, float], ...]] = {
    "4-4-2": (
        (0.05, -0.85), (0, -0.3), (0, 0.3), (0.05, 0.85), (0.5, -0.9),
        (0.42, -0.25), (0.42, 0.25), (0.5, 0.9), (1, -0.22), (0.95, 0.25),
    ),
    "4-3-3": (
        (0.07, -0.85), (0, -0.3), (0, 0.3), (0.07, 0.85), (0.35, 0),
        (0.5, -0.4), (0.5, 0.4), (0.9, -0.9), (1, 0), (0.9, 0.9),
    ),
    "4-2-3-1": (
        (0.07, -0.85), (0, -0.3), (0, 0.3), (0.07, 0.85), (0.33, -0.25),
        (0.33, 0.25), (0.68, -0.85), (0.7, 0), (0.68, 0.85), (1, 0.05),
    ),
    "3-5-2": (
        (0, -0.5), (0, 0), (0, 0.5), (0.45, -0.95), (0.35, -0.3),
        (0.42, 0.1), (0.55, 0.35), (0.45, 0.95), (0.95, -0.25), (1, 0.25),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TeamShape:
    """One team's way to stand.

    Args:
        name: key of ``FORMATIONS``.
        depth, lateral: (10,) of the outfield players.
    """

    name: str
    depth: FloatArray
    lateral: FloatArray

    @staticmethod
    def draw(rng: np.random.Generator) -> "TeamShape":
        """A formation with a personal touch."""
        name = str(rng.choice(sorted(FORMATIONS)))
        places = np.array(FORMATIONS[name]) + rng.normal(0, 0.02, (10, 2))
        return TeamShape(name, np.clip(places[:, 0], 0, 1), np.clip(places[:, 1], -1, 1))


def live_targets(
    shape: TeamShape, ball_xy: FloatArray, *, has_ball: bool, line_x: float, pitch: PitchSpec
) -> FloatArray:
    """(11, 2) targets in the team frame while the ball is in play; row 0 is the keeper.

    Args:
        shape: the formation.
        ball_xy: (2,) in the team frame.
        has_ball: whether the team is in possession.
        line_x: second-last opponent's x in the team frame, the offside line.
        pitch: size of the pitch.
    """
    half_x, half_y = pitch.length_m / 2, pitch.width_m / 2
    x, y = ball_xy
    if has_ball:
        back, front = np.clip(x - 30, -half_x + 14, 6), np.clip(x + 14, -14, half_x - 7)
        width, follow = 0.84 * half_y, 0.2
    else:
        back, front = np.clip(x - 23, -half_x + 7, -5), np.clip(x + 3, -half_x + 22, 24)
        width, follow = 0.56 * half_y, 0.45
    targets = np.empty((11, 2))
    targets[1:, 0] = back + shape.depth * (front - back)
    targets[1:, 1] = shape.lateral * width + y * follow
    if has_ball:
        targets[1:, 0] = np.minimum(targets[1:, 0], max(line_x - 0.6, min(x, half_x), 0.0))
    targets[1:, 1] = np.clip(targets[1:, 1], -half_y + 1, half_y - 1)
    targets[0] = -half_x + 1.5 + np.clip((x + half_x) * 0.13, 0, 13), np.clip(y * 0.12, -3.4, 3.4)
    return targets


def kickoff_targets(shape: TeamShape, *, kicks_off: bool, pitch: PitchSpec) -> FloatArray:
    """(11, 2) in the team frame: everybody in the own half, opponents outside the centre circle."""
    half_x, half_y = pitch.length_m / 2, pitch.width_m / 2
    targets = np.empty((11, 2))
    targets[0] = -half_x + 4, 0
    targets[1:, 0] = -34 + shape.depth * 32
    targets[1:, 1] = shape.lateral * half_y * 0.72
    if kicks_off:
        first, second = np.argsort(-shape.depth)[:2] + 1
        targets[first] = -0.45, 0.25
        targets[second] = -3.2, 7.0
    else:
        outfield = targets[1:]
        near = np.linalg.norm(outfield, axis=1) < CIRCLE_RADIUS_M + 0.8
        outfield[near, 0] = -np.sqrt(
            np.maximum((CIRCLE_RADIUS_M + 1.0) ** 2 - outfield[near, 1] ** 2, 1.0)
        )
    return targets


def corner_targets(
    corner: FloatArray, *, attacks: bool, rng: np.random.Generator, pitch: PitchSpec
) -> FloatArray:
    """(11, 2) in the team frame at a corner kick.

    Args:
        corner: (2,) in the team frame: x = +half length for the attackers, - for the defenders.
        attacks: whether this team takes the corner; its outfield row 10 takes it.
        rng: places differ a little every time.
        pitch: size of the pitch.
    """
    half_x = pitch.length_m / 2
    side = np.sign(corner[1])
    if attacks:
        places = [
            (-half_x + 14, 0),
            (-4, -6),
            (-3, 7),
            (half_x - 24, -4),
            (half_x - 22, 5),
            (half_x - 11, -5),
            (half_x - 9, -1.5),
        ]
        places += [(half_x - 10.5, 2), (half_x - 8, 4.5), (half_x - 5, 1)]
        targets = np.array([*places, (corner[0] + 0.5, corner[1] + 0.4 * side)])
    else:
        places = [
            (-half_x + 0.8, 0.4 * side),
            (-half_x + 1.2, 3.4 * side),
            (-half_x + GOAL_AREA_DEPTH_M, 3 * side),
        ]
        places += [
            (-half_x + 6, 0),
            (-half_x + 6.5, -2.5 * side),
            (-half_x + 9.5, 1.5),
            (-half_x + 9, -4),
        ]
        places += [
            (-half_x + 10, 4.5),
            (-half_x + 15, 2),
            (-half_x + 11, side * 20),
            (-half_x + 36, -2),
        ]
        targets = np.array(places)
    targets[:10] += rng.normal(0, 0.5, (10, 2))
    if attacks:
        return targets
    targets[10] += rng.normal(0, 1.5, 2)
    return targets


def keep_away(targets: FloatArray, spot: FloatArray, radius_m: float) -> FloatArray:
    """Targets (N, 2) pushed out of a circle round a spot."""
    offset = targets - spot
    distance = np.linalg.norm(offset, axis=1, keepdims=True)
    pushed = spot + offset / np.maximum(distance, 1e-6) * (radius_m + 0.5)
    return np.where(distance < radius_m + 0.5, pushed, targets)


def penalty_targets(
    sign: float, n_people: int, rng: np.random.Generator, pitch: PitchSpec
) -> FloatArray:
    """(N, 2) pitch-frame places behind the arc and the front of the penalty area at the goal on side ``sign``."""
    angle = np.linspace(-1.05, 1.05, n_people)
    mark_x = pitch.length_m / 2 - PENALTY_MARK_M
    radius = 11.5 + rng.uniform(0, 2, n_people)
    x = np.minimum(mark_x - radius * np.cos(angle), pitch.length_m / 2 - 17.6)
    return np.stack([sign * x, radius * 1.35 * np.sin(angle)], axis=1)
