"""Boxes that are parts of one body made one, by how tall people are where they stand (algorithms B.1).

A detector sometimes cuts a runner in two: head and arms here, hips and legs there. The parts overlap little, so no rule
of overlap finds them without also taking people who cross for one. A calibrated view knows better: two people who cross
are each as tall as people are at their feet, and together taller; two parts are each too short, and together as tall as
one person.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.core.records import Calibration
from analysis.localization.person_size import height_from_calibration

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
MaskArray = NDArray[np.bool_]

# In heights of a person standing at the lower of two feet: both boxes together are no taller, and one is this short.
MOST_TALL, SHORT = 1.2, 0.95
# A part stands over or under the other: this share of the narrower one's width.
LEAST_ABOVE = 0.7
# What misses a tenth of a person's height is allowed so many tenths more height together, and to stand aside.
TALL_SLACK, ASIDE_SLACK = 0.25, 1.0
# Whoever the detector is this sure of is somebody: on television people lean over and hold each other.
BELIEVED_SCORE = 0.65
# Boxes of whoever stands free and is surely there tell how tall this sample's people are against ``PERSON_HEIGHT_M``.
SURE_SCORE, LEAST_FREE = 0.5, 5
TYPICAL, TYPICAL_RANGE = 1.0, (0.85, 1.15)


@dataclass(frozen=True, slots=True)
class Bodies:
    """What is left of N boxes.

    Args:
        index: (K,) of the boxes kept, ascending; of one body's the surest.
        top: (K,) of the part with the shoulders, whose colour is the shirt's.
        box_px: (K, 4) around all parts of each.
    """

    index: IntArray
    top: IntArray
    box_px: FloatArray


def whole_bodies(box_px: FloatArray, score: FloatArray, view: Calibration) -> Bodies:
    """One box a body.

    Args:
        box_px: (N, 4) in the image of ``view``.
        score: (N,).
        view: of the sample; where it cannot tell heights, boxes stay as they are.
    """
    order = np.argsort(-score, kind="stable")
    boxes = box_px[order].astype(np.float64)
    is_one = _are_one_body(boxes, score[order], view)
    alive = np.ones(len(order), bool)
    top = np.arange(len(order))
    for i in np.flatnonzero(is_one.any(axis=1)):
        if not alive[i]:
            continue
        parts = np.flatnonzero(is_one[i] & alive)
        parts = np.append(parts[parts > i], i)
        alive[parts] = False
        alive[i] = True
        top[i] = parts[boxes[parts, 1].argmin()]
        boxes[i] = [*boxes[parts, :2].min(axis=0), *boxes[parts, 2:].max(axis=0)]
    back = np.argsort(order[alive])
    return Bodies(order[alive][back], order[top[alive]][back], boxes[alive][back])


def _are_one_body(boxes: FloatArray, score: FloatArray, view: Calibration) -> MaskArray:
    """(N, N) whether two boxes are parts of one person."""
    x0, y0, x1, y1 = boxes.T
    wide, tall = x1 - x0, y1 - y0
    shared_x = np.minimum(x1[:, None], x1) - np.maximum(x0[:, None], x0)
    shared_y = np.minimum(y1[:, None], y1) - np.maximum(y0[:, None], y0)
    person_px = _person_px(boxes, score, view, (shared_x > 0) & (shared_y > 0))
    is_lower = y1[:, None] >= y1
    whole = np.maximum(y1[:, None], y1) - np.minimum(y0[:, None], y0)
    expected = np.where(is_lower, person_px[:, None], person_px)
    narrow = np.minimum(wide[:, None], wide)
    with np.errstate(invalid="ignore"):
        missing = SHORT - tall / person_px
        missing = np.clip(np.fmax(missing[:, None], missing), None, SHORT)
        found = (
            (missing > 0)
            & (np.minimum(score[:, None], score) < BELIEVED_SCORE)
            & (whole < (MOST_TALL + TALL_SLACK * missing) * expected)
            & (shared_x > (LEAST_ABOVE - ASIDE_SLACK * missing) * narrow)
            & (shared_x > 0)
        )
    np.fill_diagonal(found, val=False)
    return np.asarray(found)


def _person_px(
    boxes: FloatArray, score: FloatArray, view: Calibration, touching: MaskArray
) -> FloatArray:
    """(N,) how tall somebody with these feet is; NaN where the view cannot tell."""
    feet = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1)
    expected = height_from_calibration(view.image_from_pitch, view.image_size_px)(feet)
    free = (score >= SURE_SCORE) & (touching.sum(axis=1) <= 1) & np.isfinite(expected)
    ratios = ((boxes[:, 3] - boxes[:, 1]) / expected)[free]
    ratio = float(np.median(ratios)) if len(ratios) >= LEAST_FREE else TYPICAL
    return np.asarray(expected * np.clip(ratio, *TYPICAL_RANGE))
