"""The pitch elements a network can tell apart: 17 straight marks, 3 round ones and 33 key points, with identities.

Order is normative: an index here is a channel of the network. Left and right swap under a mirrored image.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import (
    CIRCLE_RADIUS_M,
    GOAL_AREA_WIDTH_M,
    PENALTY_AREA_WIDTH_M,
    STANDARD_PITCH,
    PitchSpec,
)

FloatArray = NDArray[np.float64]

LINES = tuple(STANDARD_PITCH.straight_lines)
ARCS = tuple(STANDARD_PITCH.arcs)
MARKS = LINES + ARCS


def _mirrored_name(name: str) -> str:
    if "left" in name:
        return name.replace("left", "right")
    return name.replace("right", "left")


@dataclass(frozen=True)
class ElementGeometry:
    """Where the elements of one pitch lie.

    Args:
        line_axis: (17,) 0 for a line x = const, 1 for y = const.
        line_offset_m: (17,) that constant.
        line_span_m: (17, 2) first and last coordinate along the line.
        arc_centre_m: (3, 2); arc_start_rad, arc_end_rad: (3,).
        points_xy_m: (33, 2) key points.
    """

    line_axis: NDArray[np.int64]
    line_offset_m: FloatArray
    line_span_m: FloatArray
    arc_centre_m: FloatArray
    arc_start_rad: FloatArray
    arc_end_rad: FloatArray
    points_xy_m: FloatArray


def _key_points(pitch: PitchSpec) -> FloatArray:
    """(33, 2): the centre spot first, then pairs left, right for each of 14 places, then four on the halfway line."""
    half_x, half_y = pitch.length_m / 2, pitch.width_m / 2
    area_y, goal_y = PENALTY_AREA_WIDTH_M / 2, GOAL_AREA_WIDTH_M / 2
    lines = pitch.straight_lines
    area_x = lines["penalty_area_right_front"][0, 0]
    goal_x = lines["goal_area_right_front"][0, 0]
    mark_x = float(pitch.spots["penalty_mark_right"][0])
    arc_y = float(np.sqrt(CIRCLE_RADIUS_M**2 - (area_x - mark_x) ** 2))
    right = [
        (half_x, -half_y), (half_x, -area_y), (half_x, -goal_y),
        (half_x, goal_y), (half_x, area_y), (half_x, half_y),
        (goal_x, -goal_y), (goal_x, goal_y), (mark_x, 0.0),
        (area_x, -area_y), (area_x, -arc_y), (area_x, arc_y), (area_x, area_y),
        (CIRCLE_RADIUS_M, 0.0),
    ]  # fmt: skip
    middle = [(0.0, -half_y), (0.0, -CIRCLE_RADIUS_M), (0.0, CIRCLE_RADIUS_M), (0.0, half_y)]
    pairs = [point for x, y in right for point in ((-x, y), (x, y))]
    return np.array([(0.0, 0.0), *pairs, *middle])


@lru_cache(maxsize=8)
def geometry(pitch: PitchSpec = STANDARD_PITCH) -> ElementGeometry:
    """The elements of a pitch of this size."""
    ends = np.stack([pitch.straight_lines[name] for name in LINES])
    axis = np.where(np.abs(ends[:, 0, 0] - ends[:, 1, 0]) < 1e-9, 0, 1)
    rows = np.arange(len(LINES))
    arcs = [pitch.arcs[name] for name in ARCS]
    return ElementGeometry(
        line_axis=axis,
        line_offset_m=ends[rows, 0, axis],
        line_span_m=np.sort(ends[rows, :, 1 - axis], axis=1),
        arc_centre_m=np.stack([arc[0] for arc in arcs]),
        arc_start_rad=np.array([arc[2] for arc in arcs]),
        arc_end_rad=np.array([arc[3] for arc in arcs]),
        points_xy_m=_key_points(pitch),
    )


N_MARKS = len(MARKS)
N_POINTS = len(_key_points(STANDARD_PITCH))
N_CHANNELS = N_MARKS + N_POINTS


def mirrored_channels() -> NDArray[np.int64]:
    """(53,) ``maps[mirrored_channels()]`` of a left-right mirrored image speaks of the mirrored pitch."""
    marks = [MARKS.index(_mirrored_name(name)) for name in MARKS]
    points = geometry().points_xy_m
    swapped = points * np.array([-1.0, 1.0])
    nearest = np.argmin(np.linalg.norm(points[:, None] - swapped[None], axis=2), axis=0)
    return np.array([*marks, *(N_MARKS + nearest)])
