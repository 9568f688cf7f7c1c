"""Flat pictures in space, warped into the view.

A ``Panel`` is a rectangle in space with a texture; ``paint`` puts it into a frame through the camera's projection.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
ImageArray = NDArray[np.uint8]

_NEAREST_M = 1.0


@dataclass(slots=True)
class Panel:
    """A textured rectangle: texture pixel (u, v) lies at ``origin + u * step_u + v * step_v`` (3,) metres each."""

    texture: ImageArray
    origin: FloatArray
    step_u: FloatArray
    step_v: FloatArray

    @property
    def world_from_texture(self) -> FloatArray:
        """(4, 3) homogeneous map."""
        plane = np.zeros((4, 3))
        plane[:3] = np.stack([self.step_u, self.step_v, self.origin], axis=1)
        plane[3, 2] = 1.0
        return plane


def paint(canvas: ImageArray, panel: Panel, image_from_world: FloatArray) -> None:
    """Warp a panel into a frame (H, W, 3) in place.

    Args:
        canvas: the frame.
        panel: what to paint.
        image_from_world: (3, 4), weight is the depth.
    """
    image_from_texture = image_from_world @ panel.world_from_texture
    box = _shown_part(panel, image_from_texture, canvas.shape)
    if box is None:
        return
    x0, y0, x1, y1 = box
    shift = np.array([[1.0, 0, -x0], [0, 1.0, -y0], [0, 0, 1.0]])
    # OpenCV reads textures at pixel centres, so half a pixel goes in before and comes off after.
    half = np.array([[1.0, 0, 0.5], [0, 1.0, 0.5], [0, 0, 1.0]])
    matrix = np.linalg.inv(half) @ shift @ image_from_texture @ half
    part = canvas[y0:y1, x0:x1]
    # A homography also maps what lies behind the camera: beyond the plane's horizon nothing may be painted.
    horizon = np.linalg.inv(image_from_texture)[2]
    edges = np.array([[x0, x1, x0, x1], [y0, y0, y1, y1], [1, 1, 1, 1]], np.float64)
    whole = bool((horizon @ edges > 0).all())
    target = part if whole else part.copy()
    cv2.warpPerspective(
        panel.texture,
        matrix,
        (x1 - x0, y1 - y0),
        dst=target,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_TRANSPARENT,
    )
    if not whole:
        x, y = np.arange(x0, x1) + 0.5, np.arange(y0, y1) + 0.5
        seen = horizon[0] * x[None] + (horizon[1] * y[:, None] + horizon[2]) > 0
        cv2.copyTo(target, seen.astype(np.uint8), part)


def _shown_part(
    panel: Panel, image_from_texture: FloatArray, shape: tuple[int, ...]
) -> tuple[int, int, int, int] | None:
    """Pixel rectangle of the frame that may show the panel; None when it is out of view."""
    height, width = panel.texture.shape[:2]
    outline = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]], np.float64)
    mapped = _before(outline @ image_from_texture.T)
    if not len(mapped):
        return None
    points = mapped[:, :2] / mapped[:, 2:]
    low, high = points.min(0) - 2, points.max(0) + 2
    x0, y0 = max(0, int(low[0])), max(0, int(low[1]))
    x1, y1 = min(shape[1], int(high[0]) + 1), min(shape[0], int(high[1]) + 1)
    return (x0, y0, x1, y1) if x1 - x0 > 1 and y1 - y0 > 1 else None


def _before(outline: FloatArray) -> FloatArray:
    """The part (M, 3) of a convex outline (N, 3) whose weight, the depth, is at least the nearest one."""
    kept: list[FloatArray] = []
    for one, other in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        if one[2] >= _NEAREST_M:
            kept.append(one)
        if (one[2] >= _NEAREST_M) != (other[2] >= _NEAREST_M):
            kept.append(one + (other - one) * (_NEAREST_M - one[2]) / (other[2] - one[2]))
    return np.array(kept).reshape(-1, 3)
