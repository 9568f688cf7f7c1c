"""How unlike the grass round it each pixel is: shadow-tolerant contrast to the local grass colour."""

import cv2
import numpy as np
from numpy.typing import NDArray

ImageArray = NDArray[np.uint8]
MaskArray = NDArray[np.bool_]
Float32Array = NDArray[np.float32]

# Shadows keep the grass's chromaticity and lose light; so darkness counts less than light and hue.
DARKNESS_WEIGHT = 0.55


def grass_contrast(image: ImageArray, grass: MaskArray, *, reach_px: int) -> Float32Array:
    """(H, W) distance of each pixel from the mean of the grass within ``reach_px``, in units of the grass's own spread.

    Args:
        image: (H, W, 3) RGB.
        grass: (H, W) pixels that look like grass.
        reach_px: radius of the neighbourhood.
    """
    features = _features(image)
    local, known = _local_mean(features, grass, reach_px)
    difference = features - local
    calm = (grass & known)[::4, ::4]
    sample = difference[::4, ::4][calm]
    if len(sample) < 50:
        return np.zeros(image.shape[:2], np.float32)
    spread = 1.4826 * np.median(np.abs(sample), axis=0) + np.array([1.5, 0.008, 0.008])
    scaled = difference / spread.astype(np.float32)
    light = scaled[..., 0]
    light = np.where(light < 0, light * DARKNESS_WEIGHT, light)
    square = light**2 + scaled[..., 1] ** 2 + scaled[..., 2] ** 2
    return np.asarray(np.sqrt(square) * known, dtype=np.float32)


def _features(image: ImageArray) -> Float32Array:
    """(H, W, 3) lightness and two ratios of green to the others that a shadow leaves nearly alone."""
    planes = cv2.split(image.astype(np.float32))
    red, green, blue = planes
    total = red + green + blue + 45.0
    return cv2.merge([total * 0.333, (green - red) / total, (green - blue) / total])


def _local_mean(
    features: Float32Array, grass: MaskArray, reach_px: int
) -> tuple[Float32Array, MaskArray]:
    step = 4
    height, width = grass.shape
    small_size = (max(1, width // step), max(1, height // step))
    weight = grass.astype(np.float32)
    top = cv2.resize(features * weight[..., None], small_size, interpolation=cv2.INTER_AREA)
    bottom = cv2.resize(weight, small_size, interpolation=cv2.INTER_AREA)
    kernel = (2 * max(1, reach_px // step) + 1,) * 2
    total = cv2.boxFilter(top, -1, kernel, normalize=False)
    count = cv2.boxFilter(bottom, -1, kernel, normalize=False)
    # Where grass is scarce nearby, a wider look.
    wide = (kernel[0] * 4 + 1,) * 2
    total += 0.02 * cv2.boxFilter(top, -1, wide, normalize=False)
    count += 0.02 * cv2.boxFilter(bottom, -1, wide, normalize=False)
    mean = total / np.maximum(count, 1e-3)[..., None]
    local = cv2.resize(mean, (width, height), interpolation=cv2.INTER_LINEAR)
    known = cv2.resize(count, (width, height), interpolation=cv2.INTER_LINEAR) > 0.3
    return local, known
