"""Drawn training frames: random cameras round a striped pitch with lines, people, boards and a noisy crowd.

They are crude on purpose; they teach the geometry of views that the labelled frames lack.
"""

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from analysis.calibration.cameras import LOG_FOCAL, camera_from_ground, project_ground
from analysis.calibration.methods.pitch_elements.residuals import rotations, straightened
from analysis.calibration.methods.pitch_elements.targets import cell_centres
from analysis.core.pitch import LINE_WIDTH_M, STANDARD_PITCH

FloatArray = NDArray[np.float64]
ImageArray = NDArray[np.uint8]
_MARKS = STANDARD_PITCH.sampled_marks(0.7)


def random_camera(rng: Generator) -> FloatArray:
    """A camera (8,) where broadcast cameras stand, looking at a random place of the pitch."""
    place = np.array([rng.normal(0, 4), -rng.uniform(45, 105), rng.uniform(8, 32)])
    if rng.random() < 0.15:
        place[0] = rng.uniform(-40, 40)
    target = np.array([rng.uniform(-52, 52), rng.uniform(-25, 34)])
    away = target - place[:2]
    pan = np.arctan2(away[0], away[1])
    tilt = np.arctan2(place[2], np.linalg.norm(away))
    log_focal = rng.uniform(np.log(0.8), np.log(4.5))
    return np.array([*place, pan, tilt, rng.normal(0, 0.012), log_focal, rng.normal(-0.01, 0.015)])


def sketch(vector: FloatArray, size_px: tuple[int, int], rng: Generator) -> ImageArray:
    """(H, W, 3) RGB drawing of what the camera sees."""
    width, height = size_px
    half = (width // 2, height // 2)
    image = cv2.resize(_ground(vector, half, rng), size_px, interpolation=cv2.INTER_LINEAR)
    _draw_lines(image, vector, rng)
    _draw_people(image, vector, rng)
    return image


def _ground(vector: FloatArray, size: tuple[int, int], rng: Generator) -> ImageArray:
    width, height = size
    direction = straightened(vector[None], cell_centres(size))[0]
    rotation = rotations(vector[None])[0]
    world = (direction @ rotation[:2] + rotation[2]).astype(np.float32)
    drop = np.maximum(-world[:, 2], 1e-4)
    x = (vector[0] + vector[2] * world[:, 0] / drop).reshape(height, width)
    y = (vector[1] + vector[2] * world[:, 1] / drop).reshape(height, width)
    grass = np.array([rng.uniform(30, 110), rng.uniform(85, 170), rng.uniform(20, 80)])
    stripe = rng.uniform(4, 12)
    along, across = (x, y) if rng.random() < 0.7 else (y, x)
    wave = np.sign(np.sin(along * np.pi / stripe))
    if rng.random() < 0.3:
        wave = wave * np.sign(np.sin(across * np.pi / stripe))
    light = 1 + rng.uniform(0, 0.12) * wave + rng.normal(0, 0.03, (height, width))
    picture = light[..., None] * grass
    margin = rng.uniform(2, 7)
    outside = (
        (np.abs(x) > 52.5 + margin)
        | (np.abs(y) > 34 + margin)
        | (-world[:, 2] <= 1e-3).reshape(height, width)
    )
    coarse = cv2.resize(
        rng.uniform(0, 255, (height // 6, width // 6, 3)).astype(np.float32),
        size,
        interpolation=cv2.INTER_LINEAR,
    )
    crowd = 0.5 * coarse + 0.5 * rng.uniform(0, 255, (height, width, 3))
    crowd = crowd * rng.uniform(0.3, 1.0) + rng.uniform(-40, 40, 3)
    board = outside & (np.abs(y) <= 34 + margin + 4) & (np.abs(x) <= 52.5 + margin + 4)
    letters = np.where(np.sin(x * rng.uniform(0.5, 2)) > 0, 1.0, 0.0)[..., None]
    boards = letters * rng.uniform(0, 255, 3) + (1 - letters) * rng.uniform(0, 255, 3)
    picture = np.where(outside[..., None], crowd, picture)
    picture = np.where(board[..., None], boards, picture)
    return np.clip(picture, 0, 255).astype(np.uint8)


def _draw_lines(image: ImageArray, vector: FloatArray, rng: Generator) -> None:
    height, width = image.shape[:2]
    paint = np.clip(rng.normal(225, 20) + rng.normal(0, 8, 3), 120, 255)
    fade = rng.uniform(0.45, 1.0)
    layer = image.copy()
    for points in _MARKS.values():
        pixels, depth = _projected(vector, points, (width, height))
        thickness = LINE_WIDTH_M * np.exp(vector[LOG_FOCAL]) * width / np.maximum(depth, 1.0)
        for k in range(len(points) - 1):
            near = depth[k] > 1 and depth[k + 1] > 1
            if not near or not (np.abs(pixels[k : k + 2]) < 4 * width).all():
                continue
            ends = np.round(pixels[k : k + 2] * 16).astype(int)
            thick = max(1, round(float(thickness[k])))
            strength = min(1.0, 0.35 + float(thickness[k]))
            grass = np.array([70.0, 130.0, 50.0])
            colour = tuple(float(value) for value in paint * strength + grass * (1 - strength))
            cv2.line(layer, tuple(ends[0]), tuple(ends[1]), colour, thick, cv2.LINE_AA, 4)
    cv2.addWeighted(layer, fade, image, 1 - fade, 0, dst=image)


def _projected(
    vector: FloatArray, points_xy_m: FloatArray, size_px: tuple[int, int]
) -> tuple[FloatArray, FloatArray]:
    pixels = project_ground(vector[None], points_xy_m, size_px)[0]
    depth_row = camera_from_ground(vector[None])[0, 2]
    return pixels, points_xy_m @ depth_row[:2] + depth_row[2]


def _draw_people(image: ImageArray, vector: FloatArray, rng: Generator) -> None:
    height, width = image.shape[:2]
    kits = rng.uniform(0, 255, (3, 3))
    feet = np.stack([rng.uniform(-52, 52, 26), rng.uniform(-34, 34, 26)], axis=1)
    feet[:12] = rng.normal(0, 9, (12, 2)) + rng.uniform(-40, 40, 2) * np.array([1, 0.6])
    pixels, depth = _projected(vector, feet, (width, height))
    for (x, y), distance in sorted(zip(pixels, depth, strict=True), key=lambda item: -item[1]):
        if distance < 5 or not (-50 < x < width + 50 and -50 < y < height + 80):
            continue
        size = 1.8 * np.exp(vector[LOG_FOCAL]) * width / distance
        kit = tuple(float(value) for value in kits[int(rng.integers(0, 3))])
        skin = (150.0, 110.0, 90.0)
        lean = rng.uniform(-0.15, 0.15) * size
        body, legs = (int(x + lean), int(y - 0.62 * size)), (int(x), int(y - 0.2 * size))
        cv2.ellipse(
            image,
            (int(x + 0.3 * size), int(y)),
            (int(0.45 * size) + 1, int(0.07 * size) + 1),
            0,
            0,
            360,
            (30, 60, 25),
            -1,
        )
        cv2.ellipse(image, legs, (int(0.1 * size) + 1, int(0.22 * size) + 1), 0, 0, 360, skin, -1)
        cv2.ellipse(image, body, (int(0.15 * size) + 1, int(0.2 * size) + 1), 0, 0, 360, kit, -1)
        cv2.circle(
            image, (int(x + 1.2 * lean), int(y - 0.9 * size)), int(0.08 * size) + 1, skin, -1
        )
