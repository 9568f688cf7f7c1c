"""Small copies of decoded pictures, cheap enough to be made of every one of them."""

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

SIZE_PX = (64, 36)
_PLANAR = {"yuv420p", "yuvj420p"}
# Limited range: luma 16..235, chroma 16..240 round 128.
_LUMA_GAIN, _CHROMA_GAIN = 255 / 219, 255 / 224


def thumbnail(picture: VideoFrame) -> NDArray[np.uint8]:
    """(36, 64, 3) full-range YUV of a decoded picture: every few pixels are averaged, the rest are skipped."""
    if picture.format.name not in _PLANAR:
        return of_image(np.asarray(picture.to_ndarray(format="rgb24"), np.uint8))
    planes = []
    for plane in picture.planes:
        stored = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
        step = max(1, min(plane.width // (2 * SIZE_PX[0]), plane.height // (2 * SIZE_PX[1])))
        some = np.ascontiguousarray(stored[::step, : plane.width : step])
        planes.append(cv2.resize(some, SIZE_PX, interpolation=cv2.INTER_AREA))
    if picture.format.name == "yuvj420p":
        return np.stack(planes, axis=2)
    gains = (_LUMA_GAIN, _CHROMA_GAIN, _CHROMA_GAIN)
    shifts = (-16 * _LUMA_GAIN, 128 - 128 * _CHROMA_GAIN, 128 - 128 * _CHROMA_GAIN)
    full = [
        cv2.convertScaleAbs(np.maximum(plane, 16), alpha=gain, beta=shift)
        for plane, gain, shift in zip(planes, gains, shifts, strict=True)
    ]
    return np.stack(full, axis=2)


def of_image(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same (36, 64, 3) of an RGB picture (H, W, 3)."""
    small = cv2.resize(image, SIZE_PX, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2YUV))
