"""The colour a person wears: what team clustering reads."""

import numpy as np
from numpy.typing import NDArray

ImageArray = NDArray[np.uint8]
MaskArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]


def shirt_colour(image: ImageArray, own: MaskArray, box: tuple[int, int, int, int]) -> FloatArray:
    """(3,) mean RGB of the person's pixels between neck and waist; of all of them when there are too few."""
    x0, y0, x1, y1 = box
    rows = np.zeros(own.shape[0], bool)
    rows[int(0.15 * own.shape[0]) : max(1, int(0.52 * own.shape[0]))] = True
    torso = own & rows[:, None]
    pixels = image[y0:y1, x0:x1][torso if torso.sum() >= 6 else own]
    if not len(pixels):
        return np.full(3, np.nan)
    return np.asarray(pixels.mean(axis=0), dtype=np.float64)
