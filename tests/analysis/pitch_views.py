"""Pictures of a pitch as a camera would see it: grass, white marks, a stand above; truth is the camera."""

import cv2
import numpy as np

from analysis.core.camera import Camera
from analysis.core.pitch import STANDARD_PITCH
from analysis.core.records import Frame


def broadcast_camera(size=(960, 540), pan=0.1, tilt=0.2, focal=1.35):
    """A main camera beside the halfway line; ``focal`` in image widths."""
    return Camera((1.0, -78.0, 17.0), pan, tilt, focal * size[0], size)


def drawn_view(
    size=(960, 540), camera=None, *, grass=(70, 140, 60), line=(235, 240, 235), pitch=STANDARD_PITCH
):
    """(image, camera): grass 7 m round the pitch, white marks, noise of two grey levels."""
    camera = camera or broadcast_camera(size)
    image = np.full((size[1], size[0], 3), (40, 45, 60), np.uint8)
    half_x, half_y = pitch.length_m / 2 + 7.5, pitch.width_m / 2 + 7.5
    around = np.array(
        [[-half_x, -half_y, 0], [half_x, -half_y, 0], [half_x, half_y, 0], [-half_x, half_y, 0]]
    )
    cv2.fillPoly(image, [camera.project(around).astype(np.int32)], grass)
    thickness = max(2, round(size[0] / 480))
    for points in pitch.sampled_marks(0.5).values():
        pixels = camera.project(np.column_stack([points, np.zeros(len(points))]))
        near = np.isfinite(pixels).all(axis=1) & (np.abs(pixels) < 5 * max(size)).all(axis=1)
        fixed = np.round(pixels[near] * 16).astype(np.int32)
        cv2.polylines(image, [fixed], False, line, thickness, cv2.LINE_AA, 4)
    noise = np.random.default_rng(3).normal(0, 2, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8), camera


def frames(*images):
    """One frame each, half a second apart."""
    return [Frame(time_ms=500 * i, index=i, image=image) for i, image in enumerate(images)]
