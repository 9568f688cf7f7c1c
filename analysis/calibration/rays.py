"""From seen points to rays: the lens term undone, and which way a camera is turned.

Seen points are in image widths from the middle of the image, which frees all of this from image sizes. Camera vectors
(B, 8) are those of ``calibration.cameras``.
"""

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import BEND, LOG_FOCAL, camera_from_ground

FloatArray = NDArray[np.float64]


def rotations(vectors: FloatArray) -> FloatArray:
    """(B, 3, 3) rotations camera_from_world."""
    columns = camera_from_ground(vectors)
    right, ahead = columns[:, :, 0], columns[:, :, 1]
    return np.stack([right, ahead, np.cross(right, ahead)], axis=2)


def straightened(vectors: FloatArray, seen: FloatArray) -> FloatArray:
    """Pinhole directions (B, N, 2), in focal lengths, of seen points (N, 2): the lens term undone by Newton steps."""
    radius = 2 * np.linalg.norm(seen, axis=1)[None]
    bend = vectors[:, BEND][:, None]
    ideal = np.repeat(radius, len(vectors), axis=0)
    for _ in range(3):
        slope = np.maximum(1 + 3 * bend * ideal**2, 0.2)
        ideal = ideal - (ideal * (1 + bend * ideal**2) - radius) / slope
    ratio = np.where(radius > 1e-9, ideal / np.maximum(radius, 1e-9), 1.0)
    return seen[None] * (ratio / np.exp(vectors[:, LOG_FOCAL])[:, None])[..., None]


def cell_centres(map_size: tuple[int, int]) -> FloatArray:
    """(H * W, 2) centres of the cells of a map of (width, height), in image widths from the middle."""
    width, height = map_size
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return np.stack([x.ravel() - width / 2, y.ravel() - height / 2], axis=1) / width
