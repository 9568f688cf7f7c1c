"""The pitch in metres: one frame for the whole project, its marks, its zones.

Frame: origin at the centre spot, x along the length (to the right as the main camera sees it), y away from the main
camera, z up. Laws of the Game, Law 1, give the marks::

      (-52.5, 34)  TL +-----------------------+-----------------------+ TR  (52.5, 34)     far touch-line
                      |                       |                       |
       y              |----.                  |                  .----|  20.16  penalty area, 16.5 deep
       ^              |--. |)                .-.                (| .--|   9.16  goal area, 5.5 deep
       |          goal|  | |                (   )                | |  |   3.66  goal posts
       +---> x        |--' |)                '-'                (| '--|          arc r 9.15 round the penalty mark,
                      |----'                  |                  '----|          11 m from the goal-line
                      |                       |                       |
     (-52.5, -34)  BL +-----------------------+-----------------------+ BR  (52.5, -34)    near touch-line

                                        main camera stands here
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

LINE_WIDTH_M = 0.12
GOAL_HEIGHT_M = 2.44
GOAL_WIDTH_M = 7.32
CIRCLE_RADIUS_M = 9.15
PENALTY_MARK_M = 11.0
PENALTY_AREA_DEPTH_M = 16.5
PENALTY_AREA_WIDTH_M = 40.32
GOAL_AREA_DEPTH_M = 5.5
GOAL_AREA_WIDTH_M = 18.32


@dataclass(frozen=True)
class PitchSpec:
    """Length and width of one pitch; every mark follows from them.

    Args:
        length_m: 90 to 120.
        width_m: 45 to 90, and no more than the length.

    Raises:
        ValueError: sizes that the Laws of the Game do not allow.
    """

    length_m: float = 105.0
    width_m: float = 68.0

    def __post_init__(self) -> None:
        if not (
            90 <= self.length_m <= 120
            and 45 <= self.width_m <= 90
            and self.width_m <= self.length_m
        ):
            raise ValueError(
                f"a pitch is 90-120 m long and 45-90 m wide, got {self.length_m} x {self.width_m}: "
                "set the pitch size of the match"
            )

    @cached_property
    def straight_lines(self) -> dict[str, FloatArray]:
        """Straight marks by name: (2, 2) end points x, y in metres, on the outer edge as the Laws measure them."""
        half_x, half_y = self.length_m / 2, self.width_m / 2
        lines: dict[str, list[list[float]]] = {
            "touch_near": [[-half_x, -half_y], [half_x, -half_y]],
            "touch_far": [[-half_x, half_y], [half_x, half_y]],
            "halfway": [[0, -half_y], [0, half_y]],
        }
        for side, sign in (("left", -1.0), ("right", 1.0)):
            goal_x = sign * half_x
            lines[f"goal_line_{side}"] = [[goal_x, -half_y], [goal_x, half_y]]
            for area, depth, width in (
                ("penalty_area", PENALTY_AREA_DEPTH_M, PENALTY_AREA_WIDTH_M),
                ("goal_area", GOAL_AREA_DEPTH_M, GOAL_AREA_WIDTH_M),
            ):
                front_x = goal_x - sign * depth
                lines[f"{area}_{side}_front"] = [[front_x, -width / 2], [front_x, width / 2]]
                lines[f"{area}_{side}_near"] = [[goal_x, -width / 2], [front_x, -width / 2]]
                lines[f"{area}_{side}_far"] = [[goal_x, width / 2], [front_x, width / 2]]
        return {name: np.array(ends, dtype=np.float64) for name, ends in lines.items()}

    @cached_property
    def arcs(self) -> dict[str, tuple[FloatArray, float, float, float]]:
        """Round marks by name: (centre (2,), radius_m, start_rad, end_rad), angles counter-clockwise from +x."""
        mark_x = self.length_m / 2 - PENALTY_MARK_M
        reach = float(np.arccos((PENALTY_AREA_DEPTH_M - PENALTY_MARK_M) / CIRCLE_RADIUS_M))
        return {
            "centre_circle": (np.zeros(2), CIRCLE_RADIUS_M, 0.0, 2 * np.pi),
            "arc_left": (np.array([-mark_x, 0.0]), CIRCLE_RADIUS_M, -reach, reach),
            "arc_right": (np.array([mark_x, 0.0]), CIRCLE_RADIUS_M, np.pi - reach, np.pi + reach),
        }

    @cached_property
    def spots(self) -> dict[str, FloatArray]:
        """Centre spot and penalty marks: (2,) each, metres."""
        mark_x = self.length_m / 2 - PENALTY_MARK_M
        return {
            "centre_spot": np.zeros(2),
            "penalty_mark_left": np.array([-mark_x, 0.0]),
            "penalty_mark_right": np.array([mark_x, 0.0]),
        }

    @cached_property
    def corners(self) -> FloatArray:
        """(4, 2) corners, counter-clockwise from the near left one."""
        half_x, half_y = self.length_m / 2, self.width_m / 2
        return np.array(
            [[-half_x, -half_y], [half_x, -half_y], [half_x, half_y], [-half_x, half_y]]
        )

    def sampled_marks(self, step_m: float = 0.5) -> dict[str, FloatArray]:
        """Every line and arc as points about ``step_m`` apart: name -> (N, 2) metres."""
        marks: dict[str, FloatArray] = {}
        for name, ends in self.straight_lines.items():
            n_points = max(2, int(np.ceil(np.linalg.norm(ends[1] - ends[0]) / step_m)) + 1)
            marks[name] = np.linspace(ends[0], ends[1], n_points)
        for name, (centre, radius, start, end) in self.arcs.items():
            n_points = max(8, int(np.ceil(radius * (end - start) / step_m)) + 1)
            angle = np.linspace(start, end, n_points)
            marks[name] = centre + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        return marks

    def contains(self, pitch_xy_m: FloatArray, *, margin_m: float = 0.0) -> NDArray[np.bool_]:
        """Whether points (..., 2) lie on the pitch grown by ``margin_m``; NaN counts as outside."""
        x, y = pitch_xy_m[..., 0], pitch_xy_m[..., 1]
        inside = (np.abs(x) <= self.length_m / 2 + margin_m) & (
            np.abs(y) <= self.width_m / 2 + margin_m
        )
        return np.asarray(inside)


STANDARD_PITCH = PitchSpec()
