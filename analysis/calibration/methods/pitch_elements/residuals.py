"""How far seen points lie from the marks a camera projects: exact for lines, first order for circles, lens undone.

Seen points are in image widths from the middle of the image (``as_seen``), which frees all of this from image sizes.
Camera vectors (B, 8) are those of ``calibration.cameras``; every function returns one row a camera.
"""

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import LOG_FOCAL
from analysis.calibration.methods.pitch_elements.elements import ElementGeometry
from analysis.calibration.rays import rotations, straightened
from analysis.core.pitch import CIRCLE_RADIUS_M

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def as_seen(points_px: FloatArray, image_size_px: tuple[int, int]) -> FloatArray:
    """Pixels (..., 2) of an image of (width, height) in image widths from its middle."""
    return np.asarray((points_px - np.array(image_size_px) / 2) / image_size_px[0])


def line_distances(
    vectors: FloatArray, seen: FloatArray, line: IntArray, elements: ElementGeometry
) -> FloatArray:
    """Signed distances (B, N), in image widths, of seen points (N, 2) from the straight marks numbered ``line`` (N,).

    A ground line is a plane through the optical centre; its normal in camera coordinates is the line on the image.
    """
    direction = straightened(vectors, seen)
    axis, offset = elements.line_axis[line], elements.line_offset_m[line]
    position = vectors[:, None, :3]
    along_x = axis[None] == 0
    normal = np.zeros((len(vectors), len(line), 3))
    normal[..., 0] = np.where(along_x, position[..., 2], 0.0)
    normal[..., 1] = np.where(along_x, 0.0, position[..., 2])
    normal[..., 2] = offset[None] - np.where(along_x, position[..., 0], position[..., 1])
    projected = np.einsum("bij,bnj->bni", rotations(vectors), normal)
    length = np.maximum(np.linalg.norm(projected[..., :2], axis=2), 1e-9)
    value = np.sum(projected[..., :2] * direction, axis=2) + projected[..., 2]
    return np.asarray(value / length * np.exp(vectors[:, LOG_FOCAL])[:, None])


def arc_distances(
    vectors: FloatArray, seen: FloatArray, arc: IntArray, elements: ElementGeometry
) -> FloatArray:
    """Signed first-order distances (B, N), in image widths, of seen points (N, 2) from the round marks ``arc`` (N,)."""
    direction = straightened(vectors, seen)
    rotation = rotations(vectors)
    ray = np.concatenate([direction, np.ones((*direction.shape[:2], 1))], axis=2)
    world = np.einsum("bji,bnj->bni", rotation, ray)
    position = vectors[:, None, :3]
    height = position[..., 2:]
    beside = position[..., :2] - elements.arc_centre_m[arc][None]
    offset = height * world[..., :2] - beside * world[..., 2:]
    drop = -world[..., 2]
    value = np.sum(offset**2, axis=2) - CIRCLE_RADIUS_M**2 * drop**2
    across = rotation[:, None, :2, :]
    d_offset = height[..., None] * across[..., :2] - beside[..., None, :] * across[..., 2:]
    gradient = 2 * np.einsum("bnk,bnik->bni", offset, d_offset)
    gradient = gradient + 2 * CIRCLE_RADIUS_M**2 * drop[..., None] * across[..., 2]
    length = np.maximum(np.linalg.norm(gradient, axis=2), 1e-9)
    return np.asarray(value / length * np.exp(vectors[:, LOG_FOCAL])[:, None])
