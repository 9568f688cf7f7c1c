"""Which part of the pitch a frame shows: the picture's rectangle laid on the grass, cut at the horizon.

Works in homogeneous pitch coordinates, like a graphics pipeline: cutting against planes before the division by the
weight keeps views that contain the horizon finite. Pitch frame and matrices as in ``analysis.core``.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.core import homography

FloatArray = NDArray[np.float64]

# Metres of surroundings that still count as seen; beyond it a view only grows longer, not more telling.
SURROUNDINGS_M = 12.0


def field_of_view(
    image_from_pitch: Sequence[float] | FloatArray,
    image_size_px: tuple[int, int],
    pitch_size_m: tuple[float, float],
) -> list[tuple[float, float]] | None:
    """Corners of the visible ground, metres, in order; None when the picture shows no ground near the pitch.

    Args:
        image_from_pitch: nine numbers, row by row.
        image_size_px: (width, height) of the frames the matrix speaks of.
        pitch_size_m: (length, width).
    """
    matrix = np.asarray(image_from_pitch, dtype=np.float64).reshape(3, 3)
    width_px, height_px = image_size_px
    corners = np.array(
        [[0, 0, 1], [width_px, 0, 1], [width_px, height_px, 1], [0, height_px, 1]], dtype=np.float64
    )
    try:
        rays = corners @ np.linalg.inv(homography.facing(matrix, image_size_px)).T
    except np.linalg.LinAlgError:
        return None
    reach_x = pitch_size_m[0] / 2 + SURROUNDINGS_M
    reach_y = pitch_size_m[1] / 2 + SURROUNDINGS_M
    # Each row (a, b, c) keeps a*x + b*y + c*w >= 0: in front of the horizon, then inside the surroundings.
    planes = np.array(
        [[0, 0, 1], [1, 0, reach_x], [-1, 0, reach_x], [0, 1, reach_y], [0, -1, reach_y]], dtype=np.float64
    )  # fmt: skip
    planes[0, 2] /= max(1e-12, float(np.abs(rays[:, 2]).max()))
    polygon = rays
    for number, plane in enumerate(planes):
        polygon = _cut(polygon, plane, floor=1e-6 if number == 0 else 0.0)
        if len(polygon) < 3:
            return None
    points = polygon[:, :2] / polygon[:, 2:]
    return [(round(float(x), 1), round(float(y), 1)) for x, y in points]


def _cut(polygon: FloatArray, plane: FloatArray, *, floor: float) -> FloatArray:
    """The part of a convex polygon (N, 3) where ``plane . point >= floor`` (Sutherland-Hodgman)."""
    side = polygon @ plane - floor
    kept: list[FloatArray] = []
    for i in range(len(polygon)):
        j = (i + 1) % len(polygon)
        if side[i] >= 0:
            kept.append(polygon[i])
        if (side[i] >= 0) != (side[j] >= 0):
            share = side[i] / (side[i] - side[j])
            kept.append(polygon[i] + share * (polygon[j] - polygon[i]))
    return np.array(kept).reshape(-1, 3)
