"""Pictures worse than the one we have: colours, light, blur, noise, compression, overlays, as broadcasts come."""

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from analysis.video.images import recompressed

ImageArray = NDArray[np.uint8]


def worse_picture(image: ImageArray, rng: Generator) -> ImageArray:
    """Colours, light, blur, noise, compression, overlays and holes, each some of the time."""
    picture = _recoloured(image, rng)
    if rng.random() < 0.3:
        picture = _shadowed(picture, rng)
    if rng.random() < 0.3:
        picture = _overlaid(picture, rng)
    if rng.random() < 0.35:
        picture = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.4, 1.6)))
    if rng.random() < 0.15:
        factor = float(rng.uniform(0.45, 0.8))
        size = (image.shape[1], image.shape[0])
        small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        picture = cv2.resize(small, size, interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.25:
        noise = np.zeros(picture.shape, np.int8)
        cv2.randn(noise, 0, float(rng.uniform(2, 12)))
        picture = cv2.add(picture, noise, dtype=cv2.CV_8U)
    if rng.random() < 0.3:
        picture = recompressed(picture, quality=int(rng.integers(18, 80)))
    return picture


def _recoloured(image: ImageArray, rng: Generator) -> ImageArray:
    if rng.random() < 0.7:
        hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
        table = np.arange(256)
        hue = ((table + int(rng.normal(0, 6))) % 180).astype(np.uint8)
        saturation = np.clip(table * rng.uniform(0.4, 1.6), 0, 255).astype(np.uint8)
        image = cv2.cvtColor(
            cv2.merge([cv2.LUT(hsv[..., 0], hue), cv2.LUT(hsv[..., 1], saturation), hsv[..., 2]]),
            cv2.COLOR_HSV2RGB,
        )
    if rng.random() < 0.04:
        image = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    gamma = np.exp(rng.normal(0, 0.25))
    gain, lift = rng.uniform(0.65, 1.35), rng.uniform(-25, 25)
    tint = rng.normal(1, 0.05, 3)
    light = (np.arange(256) / 255.0) ** gamma * 255 * gain + lift
    table = np.clip(light[:, None] * tint, 0, 255).astype(np.uint8)
    return cv2.LUT(image, table[None])


def _shadowed(image: ImageArray, rng: Generator) -> ImageArray:
    height, width = image.shape[:2]
    side = np.array([rng.normal(), rng.normal(0, 0.6)])
    x, y = np.arange(width) / width, np.arange(height) / height
    lean = side[0] * (x[None] - rng.uniform(0.2, 0.8)) + side[1] * (
        y[:, None] - rng.uniform(0.2, 0.8)
    )
    soft = 1 / (1 + np.exp(-np.clip(lean * rng.uniform(20, 200), -30, 30)))
    factor = (1 - rng.uniform(0.2, 0.65) * soft).astype(np.float32)
    return (image * factor[..., None]).astype(np.uint8)


def _overlaid(image: ImageArray, rng: Generator) -> ImageArray:
    image = image.copy()
    height, width = image.shape[:2]
    for _ in range(int(rng.integers(1, 4))):
        w, h = int(rng.uniform(0.05, 0.35) * width), int(rng.uniform(0.04, 0.16) * height)
        x, y = int(rng.integers(0, width - w)), int(rng.integers(0, height - h))
        colour = tuple(int(value) for value in rng.integers(0, 255, 3))
        cv2.rectangle(image, (x, y), (x + w, y + h), colour, -1)
        text = "".join(chr(int(value)) for value in rng.integers(48, 90, 8))
        ink = tuple(255 - value for value in colour)
        cv2.putText(
            image, text, (x + 3, y + h - 4), cv2.FONT_HERSHEY_SIMPLEX, h / 40, ink, 1, cv2.LINE_AA
        )
    return image
