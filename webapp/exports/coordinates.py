"""Points of our pitch in the frames that other tools use.

Ours: metres, centre origin, x along the length, y away from the main camera, fixed to the ground. Most providers
only move the origin and scale. StatsBomb, Opta and Wyscout draw the penalty area at fixed places of their grid
whatever the real pitch, so between the marks of the Laws of the Game the scale changes (kloppy does the same;
straight scaling is off by up to 1.7 units).

Providers whose acting team always attacks to the right need ``attacks_right``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.core import pitch

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Grid:
    """A provider's grid, by the distance of the marks from the goal-line and from the touch-line.

    Args:
        size: length and width in its units.
        marks_x: goal area, penalty mark, penalty area, end of the arc; from the goal-line.
        circle: radius of the centre circle along the length.
        widths: penalty area, goal area, goal.
    """

    size: tuple[float, float]
    marks_x: tuple[float, float, float, float]
    circle: float
    widths: tuple[float, float, float]

    def knots_x(self) -> list[float]:
        """From the goal-line to the halfway line."""
        half = self.size[0] / 2
        return [0.0, *self.marks_x, half - self.circle, half]

    def knots_y(self) -> list[float]:
        """From the touch-line to the middle of the pitch."""
        half = self.size[1] / 2
        return [0.0, *(half - width / 2 for width in self.widths), half]


@dataclass(frozen=True, slots=True)
class System:
    """One way to write a point.

    Args:
        words: for a menu.
        units: what the numbers are.
        convert: (x from the left goal-line, y from the near touch-line, pitch size), all in metres -> the point.
        turns: whether the acting team always attacks to the right.
        places: decimals.
    """

    words: str
    units: str
    convert: Callable[[float, float, Point], Point]
    turns: bool = False
    places: int = 2


def laws_of(size_m: Point) -> Grid:
    """The marks of a real pitch."""
    arc_end_m = pitch.PENALTY_MARK_M + pitch.CIRCLE_RADIUS_M
    return Grid(
        size_m,
        (pitch.GOAL_AREA_DEPTH_M, pitch.PENALTY_MARK_M, pitch.PENALTY_AREA_DEPTH_M, arc_end_m),
        pitch.CIRCLE_RADIUS_M,
        (pitch.PENALTY_AREA_WIDTH_M, pitch.GOAL_AREA_WIDTH_M, pitch.GOAL_WIDTH_M),
    )


STATSBOMB_GRID = Grid((120, 80), (6, 12, 18, 22), 10, (44, 20, 8))
OPTA_GRID = Grid((100, 100), (5.8, 11.5, 17.0, 20.4), 9.0, (57.8, 26.4, 9.6))
WYSCOUT_GRID = Grid((100, 100), (6.0, 10.0, 16.0, 17.74), 8.84, (62.0, 26.0, 12.0))


def _along(value: float, size: float, knots: list[float], to_size: float, to: list[float]) -> float:
    """Piecewise straight from the nearer end; beyond the lines the whole pitch's scale goes on."""
    near = min(value, size - value)
    moved = near * to_size / size if near < 0 else float(np.interp(near, knots, to))
    return moved if value <= size / 2 else to_size - moved


def by_marks(grid: Grid, *, y_down: bool) -> Callable[[float, float, Point], Point]:
    """The conversion of a provider who draws its own marks."""

    def convert(x: float, y: float, size_m: Point) -> Point:
        laws = laws_of(size_m)
        there_x = _along(x, size_m[0], laws.knots_x(), grid.size[0], grid.knots_x())
        there_y = _along(y, size_m[1], laws.knots_y(), grid.size[1], grid.knots_y())
        return there_x, (grid.size[1] - there_y if y_down else there_y)

    return convert


SYSTEMS: dict[str, System] = {
    "touchline": System("Touchline", "m, centre, y up", lambda x, y, s: (x - s[0] / 2, y - s[1] / 2)),
    "soccernet": System("SoccerNet", "m, centre, y down", lambda x, y, s: (x - s[0] / 2, s[1] / 2 - y)),
    "tracab": System(
        "Tracab", "cm, centre, y up", lambda x, y, s: (100 * (x - s[0] / 2), 100 * (y - s[1] / 2)), places=0
    ),
    "sportvu": System("SportVU", "m, top left, y down", lambda x, y, s: (x, s[1] - y)),
    "sportec": System("Sportec events", "m, bottom left, y up", lambda x, y, s: (x, y)),
    "spadl": System(
        "SPADL", "105 x 68 m, bottom left, home attacks right",
        lambda x, y, s: (105 * x / s[0], 68 * y / s[1]), turns=True,
    ),
    "statsbomb": System("StatsBomb", "120 x 80, top left", by_marks(STATSBOMB_GRID, y_down=True), turns=True),
    "opta": System("Opta", "0-100, bottom left", by_marks(OPTA_GRID, y_down=False), turns=True),
    "wyscout": System("Wyscout", "0-100, top left", by_marks(WYSCOUT_GRID, y_down=True), turns=True),
    "metrica": System(
        "Metrica, EPTS", "0-1, top left, y down", lambda x, y, s: (x / s[0], 1 - y / s[1]), places=5
    ),
    "datafactory": System(
        "Datafactory", "-1 to 1, centre, y down", lambda x, y, s: (2 * x / s[0] - 1, 1 - 2 * y / s[1]), places=4
    ),
}  # fmt: skip


def to_system(name: str, xy_m: Point, size_m: Point, *, attacks_right: bool = True) -> Point:
    """A point of ours in a provider's frame.

    Args:
        name: key of ``SYSTEMS``.
        xy_m: metres in our frame.
        size_m: length and width of the pitch.
        attacks_right: where the team attacks that the provider turns to the right; ignored by the others.

    Raises:
        KeyError: no such system.
    """
    system = SYSTEMS[name]
    sign = -1.0 if system.turns and not attacks_right else 1.0
    x, y = system.convert(sign * xy_m[0] + size_m[0] / 2, sign * xy_m[1] + size_m[1] / 2, size_m)
    return x + 0.0, y + 0.0
