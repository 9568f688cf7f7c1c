"""One person, one box: of boxes that overlap too much the most certain stays."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# A box this much inside a better one, and this much smaller, is a part of the same person: somebody behind would stand
# as tall.
PART_INSIDE = 0.85
PART_AREA = 0.65


def without_doubles(box_px: FloatArray, score: FloatArray, overlap: float) -> NDArray[np.int64]:
    """Indices of boxes (N, 4), highest score first: none overlaps a better one by more than ``overlap``, none is a part
    of a better one (a head and shoulders seen as a person of their own).
    """
    order = np.argsort(-score, kind="stable")
    x0, y0, x1, y1 = box_px[order].T
    area = (x1 - x0) * (y1 - y0)
    inter = np.clip(np.minimum(x1[:, None], x1) - np.maximum(x0[:, None], x0), 0, None) * np.clip(
        np.minimum(y1[:, None], y1) - np.maximum(y0[:, None], y0), 0, None
    )
    ratio = inter / np.maximum(area[:, None] + area - inter, 1e-9)
    share = inter / np.maximum(area, 1e-9)  # of the column's box, inside the row's
    is_double = (ratio > overlap) | ((share > PART_INSIDE) & (area < PART_AREA * area[:, None]))
    alive = np.ones(len(order), bool)
    for i in range(len(order)):
        if alive[i]:
            alive[i + 1 :] &= ~is_double[i, i + 1 :]
    return order[alive]
