"""Average precision as the SoccerNet evaluations define it (algorithms O.1): their matching, their thresholds.

What differs from the textbook, on purpose: truth is matched in its own order and not by score, precision and recall are
read at 200 fixed thresholds, and the curve is interpolated at 11 recalls.
"""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

THRESHOLDS = np.linspace(0, 1, 200)
RECALLS = np.arange(11) / 10


def match_in_truth_order(
    truth_frames: IntArray, found_frames: IntArray, scores: FloatArray, window_frames: float
) -> BoolArray:
    """Which detections are hits: each true event, in ascending order, takes the highest free score within reach.

    Args:
        truth_frames: (G,) ascending.
        found_frames: (P,) ascending, at most one detection a frame.
        scores: (P,) >= 0.
        window_frames: full width of the tolerance; reach is half of it to both sides, ends included.

    Returns:
        (P,) True for a hit; the earliest wins a tie.
    """
    first = np.searchsorted(found_frames, truth_frames - window_frames / 2, "left").tolist()
    last = np.searchsorted(found_frames, truth_frames + window_frames / 2, "right").tolist()
    free = scores.copy()
    is_hit = np.zeros(len(scores), bool)
    for begin, end in zip(first, last, strict=True):
        if begin == end:
            continue
        best = begin + int(free[begin:end].argmax())
        if free[best] >= 0:
            is_hit[best] = True
            free[best] = -1.0
    return is_hit


def eleven_point_ap(scores: FloatArray, is_hit: BoolArray, n_truth: int) -> float:
    """Mean over recalls 0, 0.1 .. 1 of the best precision among thresholds that reach the recall.

    Args:
        scores: (P,) of all detections of a class; those above 1 pass every threshold.
        is_hit: (P,).
        n_truth: number of true events; with none, recall is 0 and so is nearly all of the result.
    """
    return ap_of_levels(threshold_levels(scores), is_hit, n_truth)


def threshold_levels(scores: FloatArray) -> IntArray:
    """(P,) how many of the thresholds each score passes, 0 to 200."""
    return np.asarray(np.searchsorted(THRESHOLDS, scores, "right"))


def ap_of_levels(levels: IntArray, is_hit: BoolArray, n_truth: int) -> float:
    """``eleven_point_ap`` of scores whose levels are known: the same scores are asked again for every tolerance."""
    n_above, n_hits = (_passing(part) for part in (levels, levels[is_hit]))
    precision = np.divide(n_hits, n_above, out=np.zeros(len(THRESHOLDS)), where=n_above > 0)
    recall = n_hits / n_truth if n_truth else np.zeros(len(THRESHOLDS))
    reached = recall[:, None] >= RECALLS
    return float(np.where(reached, precision[:, None], 0.0).max(axis=0).sum() / len(RECALLS))


def _passing(levels: IntArray) -> IntArray:
    """(200,) how many of the levels pass each threshold."""
    counts = np.bincount(levels, minlength=len(THRESHOLDS) + 1)
    return np.asarray(counts[::-1].cumsum()[::-1][1:])


def area_over_tolerances(values: FloatArray) -> FloatArray:
    """Trapezoid over equally spaced tolerances divided by their span; a single row stands for itself.

    Args:
        values: (n, ...) figures at ascending tolerances.

    Returns:
        (...).
    """
    figures = np.asarray(values, dtype=np.float64)
    if len(figures) == 1:
        return np.asarray(figures[0])
    return np.asarray(((figures[:-1] + figures[1:]) / 2).sum(axis=0) / (len(figures) - 1))
