"""Plane-to-plane maps. A matrix is named ``to_from_source``: ``image_from_pitch`` maps pitch metres to image pixels."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def normalised(matrix: FloatArray) -> FloatArray:
    """The same map with [2, 2] = 1.

    Raises:
        ValueError: not 3x3, not finite, or [2, 2] is zero (the origin maps to infinity).
    """
    matrix = np.asarray(matrix, dtype=np.float64)
    if matrix.shape != (3, 3) or not np.isfinite(matrix).all():
        raise ValueError(f"a homography is a finite 3x3 matrix, got shape {matrix.shape}: {matrix}")
    if abs(matrix[2, 2]) < 1e-12:
        raise ValueError(
            "the homography sends the origin to infinity; it cannot be normalised to [2, 2] = 1"
        )
    return matrix / matrix[2, 2]


def project(to_from_source: FloatArray, points: FloatArray) -> FloatArray:
    """Map points (N, 2) through a homography; rows that land at or behind infinity are NaN.

    "Behind" is judged by the sign of the homogeneous weight, which must be positive in front: see ``facing``.
    """
    points = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    mapped = points @ to_from_source[:, :2].T + to_from_source[:, 2]
    weight = mapped[:, 2:]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(weight > 1e-9, mapped[:, :2] / weight, np.nan)


def facing(image_from_pitch: FloatArray, image_size_px: tuple[int, int]) -> FloatArray:
    """The homography scaled so that ground in view has positive weight.

    Ground in view is taken at the middle of the image's lower part (85 % down), which no broadcast camera points
    above the horizon. Args: ``image_size_px`` is (width, height).
    """
    width_px, height_px = image_size_px
    try:
        ground = np.linalg.solve(image_from_pitch, np.array([width_px / 2, height_px * 0.85, 1.0]))
    except np.linalg.LinAlgError:
        return image_from_pitch
    if abs(ground[2]) < 1e-12:
        return image_from_pitch
    sign = np.sign(image_from_pitch[2] @ (ground / ground[2]))
    return image_from_pitch * (sign if sign else 1.0)


def ground_from_image(
    image_from_pitch: FloatArray, points_px: FloatArray, image_size_px: tuple[int, int]
) -> FloatArray:
    """Ground positions (N, 2) in metres of image points (N, 2); rows above the horizon are NaN."""
    front = facing(image_from_pitch, image_size_px)
    points_px = np.asarray(points_px, dtype=np.float64).reshape(-1, 2)
    pitch_from_image = np.linalg.inv(front)
    rays = points_px @ pitch_from_image[:, :2].T + pitch_from_image[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        pitch_xy_m = rays[:, :2] / rays[:, 2:]
    weight = pitch_xy_m @ front[2, :2] + front[2, 2]
    return np.where((weight > 1e-9)[:, None], pitch_xy_m, np.nan)


def rescaled(
    image_from_pitch: FloatArray, from_size_px: tuple[int, int], to_size_px: tuple[int, int]
) -> FloatArray:
    """The same camera for an image of another size; sizes are (width, height)."""
    scale = np.diag([to_size_px[0] / from_size_px[0], to_size_px[1] / from_size_px[1], 1.0])
    return np.asarray(scale @ image_from_pitch)
