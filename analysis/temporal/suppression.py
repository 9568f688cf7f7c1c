"""Suppression of neighbours in a score sequence: SoccerNet's hard form and the soft ones (algorithms B1-B4).

All work on one class's scores (N,) and return (indices, scores) of what is kept, highest first. Windows are in frames.
"""

import heapq
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Kept = tuple[IntArray, FloatArray]


def hard(scores: FloatArray, window: float, threshold: float = 0.0) -> Kept:
    """B1: a kept peak at i removes [i - window/2, i + window/2), its right end left out, as the public code does."""
    return _hard(scores, threshold, lambda i: (int(max(i - window / 2, 0)), i + int(window // 2)))


def hard_symmetric(scores: FloatArray, window: float, threshold: float = 0.0) -> Kept:
    """B2: a kept peak removes the frames within floor(window/2) on both sides, ends included."""
    radius = int(window // 2)
    return _hard(scores, threshold, lambda i: (max(i - radius, 0), i + radius + 1))


def soft_linear(
    scores: FloatArray, window: float, floor: float = 1e-5, min_weight: float = 0.0
) -> Kept:
    """B3: neighbours within the doubled window are scaled by their distance over its half, that is over ``window``."""
    reach = max(float(window), 1e-9)

    def weights(distance: FloatArray) -> FloatArray:
        return np.clip(min_weight + (1 - min_weight) * distance / reach, 0, 1)

    return _soft(scores, int(np.ceil(reach)), weights, floor)


def soft_quadratic(scores: FloatArray, window: int, floor: float = 0.01) -> Kept:
    """B4: neighbours within ``window`` on both sides are scaled by (distance / window)^2."""
    return _soft(scores, window, lambda distance: (distance / window) ** 2, floor)


def _hard(scores: FloatArray, threshold: float, span: Callable[[int], tuple[int, int]]) -> Kept:
    # Highest first, earliest on ties: the order in which repeated arg-max would visit what is still there.
    order = np.argsort(-scores, kind="stable")
    alive = scores >= threshold
    kept = []
    for i in order[: int(alive.sum())].tolist():
        if alive[i]:
            kept.append(i)
            begin, end = span(i)
            alive[begin:end] = False
    indices = np.array(kept, dtype=np.int64)
    return indices, scores[indices]


def _soft(
    scores: FloatArray, reach: int, weights: Callable[[FloatArray], FloatArray], floor: float
) -> Kept:
    current = scores.astype(np.float64).copy()
    heap = [(-value, i) for i, value in enumerate(current.tolist()) if value >= floor]
    heapq.heapify(heap)
    kept, kept_scores = [], []
    while heap:
        negative, i = heapq.heappop(heap)
        if current[i] != -negative:
            # Scores only fall: a stale entry goes back with what is left of it.
            if current[i] >= floor:
                heapq.heappush(heap, (-float(current[i]), i))
            continue
        kept.append(i)
        kept_scores.append(-negative)
        begin, end = max(i - reach, 0), min(i + reach + 1, len(current))
        current[begin:end] *= weights(np.abs(np.arange(begin, end) - i).astype(np.float64))
        current[i] = -1.0
    return np.array(kept, dtype=np.int64), np.array(kept_scores)
