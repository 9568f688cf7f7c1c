"""How unlike the grass round it each pixel is: shadow-tolerant contrast to the local grass colour."""

import cv2
import numpy as np
from numpy.typing import NDArray

ImageArray = NDArray[np.uint8]
MaskArray = NDArray[np.bool_]
Float32Array = NDArray[np.float32]

# Shadows leave about this share of the light and keep the grass's chromaticity: only what is darker still is a person.
SHADOW_SHARE = 0.8
DARKNESS_WEIGHT = 1.3


def grass_contrast(
    image: ImageArray, field: MaskArray, *, reach_px: int
) -> tuple[Float32Array, Float32Array]:
    """(H, W) distance of each pixel from the grass round it, in units of its spread; (H, W) that grass's lightness.

    The grass round a pixel is the median of the picture at a quarter of its size: it follows mowing stripes and the
    edges of shadows, and people and marks are too small to move it.

    Args:
        image: (H, W, 3) RGB.
        field: (H, W) the field's region, to measure the grass's spread on.
        reach_px: half the width of the neighbourhood.
    """
    height, width = field.shape
    small = cv2.resize(
        image, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA
    )
    kernel = 2 * max(1, reach_px // 4) + 1
    # Beyond the field the median would mix in boards and benches: grass from nearby is drawn out over them.
    inside = cv2.resize(field.astype(np.uint8), small.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    small = _drawn_out(small, inside, kernel)
    background = cv2.resize(
        cv2.medianBlur(small, kernel), (width, height), interpolation=cv2.INTER_LINEAR
    )
    light, first, second = _features(image)
    base_light, base_first, base_second = _features(background)
    sample = np.s_[::4, ::4]
    calm = field[sample]
    if calm.sum() < 50:
        return np.zeros(field.shape, np.float32), base_light
    ratio = (light + 4) / (base_light + 4) - 1
    ratio_spread = _spread(ratio[sample][calm], floor=0.035)
    dark = DARKNESS_WEIGHT * np.minimum(ratio + (1 - SHADOW_SHARE), 0)
    total = ((np.maximum(ratio, 0) + 0.25 * np.minimum(ratio, 0) + dark) / ratio_spread) ** 2
    for plane, base in ((first, base_first), (second, base_second)):
        difference = plane - base
        total += (difference / _spread(difference[sample][calm], floor=0.010)) ** 2
    return cv2.GaussianBlur(cv2.sqrt(total), (3, 3), 0), base_light


def _drawn_out(small: ImageArray, inside: ImageArray, kernel: int) -> ImageArray:
    """The picture with pixels outside replaced by means of nearby inside ones, of further ones where none are near."""
    filled = small.copy()
    todo = inside == 0
    for size in (kernel, 4 * kernel + 1, 2 * max(small.shape) + 1):
        weight = cv2.boxFilter(inside.astype(np.float32), -1, (size, size), normalize=False)
        near = todo & (weight > 2)
        if not near.any():
            continue
        total = cv2.boxFilter(
            small.astype(np.float32) * inside[..., None], -1, (size, size), normalize=False
        )
        filled[near] = np.clip(total[near] / weight[near][:, None], 0, 255).astype(np.uint8)
        todo &= ~near
    return filled


def _spread(difference: Float32Array, *, floor: float) -> float:
    """Robust standard deviation, never below the floor that compression noise sets."""
    return 1.4826 * float(np.median(np.abs(difference))) + floor


def _features(image: ImageArray) -> tuple[Float32Array, Float32Array, Float32Array]:
    """(H, W) each: lightness and two ratios of green to the others that a shadow leaves nearly alone."""
    red, green, blue = (plane.astype(np.float32) for plane in cv2.split(image))
    total = red + green + blue
    scale = 1 / (total + 45.0)
    return total * 0.3333, (green - red) * scale, (green - blue) * scale
