"""Which predicted events hit, and what recall a class reaches at a given precision: what a user of events asks.

Average-mAP judges rankings over sixty seconds; here an event is found when a prediction lies within some seconds of it,
the surest predictions choose first, and every event is found once.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.metrics.spotting import HalfLabels, HalfPredictions

WITHIN_MS = 5000


def hits_of(
    truth_ms: NDArray[np.int64],
    found_ms: NDArray[np.int64],
    confidence: NDArray[np.float64],
    within_ms: int = WITHIN_MS,
) -> NDArray[np.bool_]:
    """(N,) whether each prediction of one class and half hits: the surest take the nearest event that is still free."""
    free = np.ones(len(truth_ms), bool)
    hit = np.zeros(len(found_ms), bool)
    if not len(truth_ms):
        return hit
    for k in np.argsort(-confidence, kind="stable"):
        off = np.where(free, np.abs(truth_ms - found_ms[k]), within_ms + 1)
        nearest = int(off.argmin())
        if off[nearest] <= within_ms:
            free[nearest] = False
            hit[k] = True
    return hit


def recall_at_precision(
    labels: Sequence[HalfLabels],
    predictions: Sequence[HalfPredictions],
    label: int,
    *,
    precision: float = 0.5,
    within_ms: int = WITHIN_MS,
) -> float:
    """The best recall of a class over all thresholds whose precision is at least ``precision``; 0 when none is."""
    scores, hits, n_events = [np.zeros(0)], [np.zeros(0, bool)], 0
    for truth, told in zip(labels, predictions, strict=True):
        own, events = told.label == label, truth.position_ms[truth.label == label]
        scores.append(told.confidence[own])
        hits.append(hits_of(events, told.position_ms[own], told.confidence[own], within_ms))
        n_events += len(events)
    score, hit = np.concatenate(scores), np.concatenate(hits)
    if not n_events or not len(score):
        return 0.0
    order = np.argsort(-score, kind="stable")
    score, good = score[order], np.cumsum(hit[order])
    # A threshold takes all predictions of its confidence or none.
    ends = np.r_[score[1:] != score[:-1], True]
    enough = ends & (good / np.arange(1, len(order) + 1) >= precision)
    return float(good[enough].max(initial=0) / n_events)
