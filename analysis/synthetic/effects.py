"""What lies between the stadium and the file: lens, grading, sensor, graphics, compression."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

ImageArray = NDArray[np.uint8]


def noise_tile(
    rng: np.random.Generator, size_px: tuple[int, int], strength: float
) -> NDArray[np.int8]:
    """(H + 64, W + 64, 3) sensor noise, mostly grey, to be added at random offsets."""
    width, height = size_px
    grey = rng.standard_normal((height + 64, width + 64, 1), dtype=np.float32)
    colour = rng.standard_normal((height + 64, width + 64, 3), dtype=np.float32)
    return np.clip(strength * (grey + 0.5 * colour), -127, 127).astype(np.int8)


def add_noise(image: ImageArray, tile: NDArray[np.int8], seed: int) -> ImageArray:
    """The image with a part of a noise tile, chosen by ``seed``."""
    dx, dy = (seed * 37) % 64, (seed * 53) % 64
    part = tile[dy : dy + image.shape[0], dx : dx + image.shape[1]]
    return np.asarray(cv2.add(image, part, dtype=cv2.CV_8U))


@dataclass(frozen=True, slots=True)
class Grade:
    """Colours between camera and screen.

    Args:
        gamma: below 1 brightens.
        contrast: round the middle grey.
        saturation: 0 grey, 1 as is.
        brightness: added, grey levels.
        tint_rgb: factors.
    """

    gamma: float = 1.0
    contrast: float = 1.0
    saturation: float = 1.0
    brightness: float = 0.0
    tint_rgb: tuple[float, float, float] = (1.0, 1.0, 1.0)


def grade_image(image: ImageArray, grade: Grade) -> ImageArray:
    """A graded copy."""
    ramp = np.arange(256, dtype=np.float32)[:, None] * np.array(grade.tint_rgb, np.float32)
    ramp = 255 * (np.clip(ramp, 0, 255) / 255) ** grade.gamma
    ramp = (ramp - 128) * grade.contrast + 128 + grade.brightness
    table = np.clip(ramp, 0, 255).astype(np.uint8).reshape(256, 1, 3)
    image = np.asarray(cv2.LUT(image, table))
    if abs(grade.saturation - 1) > 0.02:
        keep = np.float32(grade.saturation)
        grey = np.array([0.299, 0.587, 0.114], np.float32) * (1 - keep)
        image = np.asarray(cv2.transform(image, np.eye(3, dtype=np.float32) * keep + grey[None]))
    return image


def bend(image: ImageArray, focal_px: float, radial_k1: float) -> ImageArray:
    """The picture of a lens with r' = r (1 + k1 r^2) from that of a pinhole; same size, middle stays."""
    height, width = image.shape[:2]
    # The inverse changes slowly: a coarse grid, enlarged, is exact to a hundredth of a pixel.
    x = (np.linspace(0, width, width // 8 + 1) - width / 2) / focal_px
    y = (np.linspace(0, height, height // 8 + 1) - height / 2) / focal_px
    bent = np.stack(np.meshgrid(x, y), axis=2)
    plane = bent.copy()
    for _ in range(6):
        plane = bent / (1 + radial_k1 * (plane**2).sum(2, keepdims=True))
    coarse = (plane * focal_px + np.array([width / 2, height / 2])).astype(np.float32)
    columns = (np.arange(width, dtype=np.float32) + 0.5) * (len(x) - 1) / width
    rows = (np.arange(height, dtype=np.float32) + 0.5) * (len(y) - 1) / height
    grid_x, grid_y = np.meshgrid(columns, rows)
    source = cv2.remap(coarse, grid_x, grid_y, cv2.INTER_LINEAR)
    return np.asarray(
        cv2.remap(image, source[..., 0] - 0.5, source[..., 1] - 0.5, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    )  # fmt: skip


def soften(image: ImageArray, scale: float) -> ImageArray:
    """The picture through a smaller one: detail of an upscaled feed."""
    height, width = image.shape[:2]
    small = cv2.resize(
        image,
        (max(8, int(width * scale)), max(8, int(height * scale))),
        interpolation=cv2.INTER_AREA,
    )
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


def smear(image: ImageArray, dx_px: float, dy_px: float) -> ImageArray:
    """Motion blur of a camera that moves by so many pixels within the exposure."""
    length = float(np.hypot(dx_px, dy_px))
    if length < 0.7:
        return image
    size = int(np.ceil(length)) | 1
    kernel = np.zeros((size + 2, size + 2), np.float32)
    middle = (size + 1) / 2
    ends = [(middle + s * dx_px / 2, middle + s * dy_px / 2) for s in (-1, 1)]
    fixed = [(round(x * 16), round(y * 16)) for x, y in ends]
    cv2.line(kernel, fixed[0], fixed[1], 1.0, 1, cv2.LINE_AA, 4)
    return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()))


def vignette(size_px: tuple[int, int], strength: float) -> NDArray[np.float32]:
    """(H, W, 1) light that falls off towards the corners."""
    width, height = size_px
    x, y = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
    return (1 - strength * (x[None] ** 2 + y[:, None] ** 2) / 2)[..., None]


def score_bug(
    image: ImageArray,
    texts: tuple[str, str, str],
    colours: list[tuple[int, int, int]],
    *,
    right: bool,
) -> None:
    """Team names, score and clock in a corner, in place. ``texts``: home, away, and clock with score."""
    height, width = image.shape[:2]
    unit = max(height // 60, 4)
    x, y, tall = (width - 32 * unit if right else 3 * unit), 2 * unit, 3 * unit
    for text, colour, wide in (
        (texts[0], colours[0], 8),
        (texts[2], (24, 26, 34), 12),
        (texts[1], colours[1], 8),
    ):
        cv2.rectangle(image, (x, y), (x + wide * unit, y + tall), colour, -1)
        ink = (20, 20, 24) if sum(colour) > 380 else (245, 245, 245)
        cv2.putText(
            image,
            text,
            (x + unit, y + int(0.72 * tall)),
            cv2.FONT_HERSHEY_DUPLEX,
            unit / 14,
            ink,
            max(1, unit // 7),
            cv2.LINE_AA,
        )
        x += wide * unit


def lower_third(image: ImageArray, text: str, colour: tuple[int, int, int]) -> None:
    """A caption across the lower middle, in place."""
    height, width = image.shape[:2]
    x0, x1, y0, y1 = int(0.22 * width), int(0.78 * width), int(0.8 * height), int(0.9 * height)
    part = image[y0:y1, x0:x1]
    part[:] = (part * 0.25 + np.array(colour) * 0.75).astype(np.uint8)
    scale = (y1 - y0) / 55
    cv2.putText(
        image,
        text,
        (x0 + 12, y1 - int(0.3 * (y1 - y0))),
        cv2.FONT_HERSHEY_DUPLEX,
        scale,
        (240, 240, 240),
        max(1, round(scale)),
        cv2.LINE_AA,
    )
