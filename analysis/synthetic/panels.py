"""Flat pictures in space, warped into the view.

A ``Panel`` is a rectangle in space with a texture; ``paint`` puts it into a frame through the camera's projection.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
ImageArray = NDArray[np.uint8]


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
    cv2.warpPerspective(
        panel.texture,
        matrix,
        (x1 - x0, y1 - y0),
        dst=canvas[y0:y1, x0:x1],
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_TRANSPARENT,
    )


def _shown_part(
    panel: Panel, image_from_texture: FloatArray, shape: tuple[int, ...]
) -> tuple[int, int, int, int] | None:
    """Pixel rectangle of the frame that may show the panel; None when it is out of view."""
    height, width = panel.texture.shape[:2]
    u, v = np.meshgrid(np.linspace(0, width, 33), np.linspace(0, height, 17))
    mapped = image_from_texture @ np.stack([u.ravel(), v.ravel(), np.ones(u.size)])
    front = mapped[2] > 1.0
    if not front.any():
        return None
    points = mapped[:2, front] / mapped[2, front]
    pad = 0 if front.all() else max(shape)
    low, high = points.min(1) - pad - 2, points.max(1) + pad + 2
    if not front.all():
        low[1], high[1] = points[1].min() - 60, points[1].max() + pad
    x0, y0 = max(0, int(low[0])), max(0, int(low[1]))
    x1, y1 = min(shape[1], int(high[0]) + 1), min(shape[0], int(high[1]) + 1)
    return (x0, y0, x1, y1) if x1 - x0 > 1 and y1 - y0 > 1 else None
