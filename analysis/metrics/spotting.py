"""Average-mAP of action spotting, equal to the official SoccerNet-v2 evaluation (algorithms O.1).

Events and predictions stay sparse: the official package fills a matrix of 14,400 frames by 17 classes for each half and
walks it in Python; here each half keeps its few hundred entries.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.metrics.average_precision import (
    ap_of_levels,
    area_over_tolerances,
    match_in_truth_order,
    threshold_levels,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

HALF_S = 120 * 60
UNSHOWN_RESCALE = 17 / 13

TOLERANCES_S: dict[str, tuple[int, ...]] = {
    "loose": tuple(range(5, 65, 5)),
    "tight": (1, 2, 3, 4, 5),
    **{f"at{second}": (second,) for second in (1, 2, 3, 4, 5)},
}


@dataclass(frozen=True, slots=True)
class HalfLabels:
    """True events of one half, in the order of the file: a later one overwrites an earlier on its frame and class.

    Args:
        position_ms: (N,) milliseconds from the half's first frame.
        label: (N,) class index.
        is_shown: (N,) False for "not shown".
    """

    position_ms: IntArray
    label: IntArray
    is_shown: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class HalfPredictions:
    """Predicted events of one half, in the order of the file: the last one on a frame and class wins.

    Args:
        position_ms: (N,) milliseconds from the half's first frame.
        label: (N,) class index.
        confidence: (N,); below 0 or NaN counts as no prediction.
    """

    position_ms: IntArray
    label: IntArray
    confidence: FloatArray


@dataclass(frozen=True, slots=True)
class SpottingScore:
    """Average-mAP over all, over visible and over unshown events; ``per_class`` arrays are (C,).

    The unshown mean carries the official factor 17/13 (13 classes have unshown events), except for one tolerance.
    """

    average_map: float
    visible: float
    unshown: float
    per_class: FloatArray
    per_class_visible: FloatArray
    per_class_unshown: FloatArray


@dataclass(frozen=True, slots=True)
class _Entries:
    """Events or predictions of all halves on one axis, so far apart that no tolerance reaches from half to half.

    ``key`` is half * stride + frame; ``value`` whether an event is shown, or a prediction's confidence.
    """

    key: IntArray
    label: IntArray
    value: FloatArray

    def of(self, label: int) -> tuple[IntArray, FloatArray]:
        """Ascending distinct keys of a class and, for each, the value of the last entry that fell on it."""
        own = self.label == label
        key, value = self.key[own], self.value[own]
        distinct, first_from_end = np.unique(key[::-1], return_index=True)
        return distinct, value[len(key) - 1 - first_from_end]


@dataclass(frozen=True, slots=True)
class _ClassPool:
    """One class of all halves."""

    truth: IntArray
    truth_is_shown: NDArray[np.bool_]
    found: IntArray
    score: FloatArray
    level: IntArray
    nearest_is_shown: NDArray[np.bool_]


def average_map(
    labels: Sequence[HalfLabels],
    predictions: Sequence[HalfPredictions],
    n_classes: int,
    *,
    tolerances_s: Sequence[float] = TOLERANCES_S["loose"],
    rate_hz: int = 2,
) -> SpottingScore:
    """Score predictions against labels, half by half.

    Args:
        labels, predictions: one entry a half, in the same order.
        n_classes: classes 0 .. n_classes - 1; classes without truth count as AP 0, as officially.
        tolerances_s: full window widths in seconds: 5 means 2.5 s to both sides.
        rate_hz: frames a second of the evaluation.

    Raises:
        ValueError: a different number of halves.
    """
    if len(labels) != len(predictions):
        raise ValueError(f"{len(labels)} labelled halves but {len(predictions)} predicted ones")
    figures = np.zeros((3, len(tolerances_s), n_classes))
    stride = HALF_S * rate_hz + int(2 * max(tolerances_s) * rate_hz) + 2
    events = _entries([(h.position_ms, h.label, h.is_shown) for h in labels], rate_hz, stride)
    told = _entries([(h.position_ms, h.label, h.confidence) for h in predictions], rate_hz, stride)
    for label in range(n_classes):
        pool = _pool(events, told, label, stride)
        for i, tolerance_s in enumerate(tolerances_s):
            figures[:, i, label] = _class_ap(pool, tolerance_s * rate_hz)
    per_class = [area_over_tolerances(group) for group in figures]
    means = [float(area_over_tolerances(group.mean(axis=1))) for group in figures]
    rescale = UNSHOWN_RESCALE if len(tolerances_s) > 1 else 1.0
    return SpottingScore(means[0], means[1], means[2] * rescale, *per_class)


def _class_ap(pool: _ClassPool, window_frames: float) -> tuple[float, float, float]:
    """AP of all, visible and unshown events of a class at one tolerance."""
    is_hit = match_in_truth_order(pool.truth, pool.found, pool.score, window_frames)
    n_shown = int(pool.truth_is_shown.sum())
    shown = pool.nearest_is_shown
    return (
        ap_of_levels(pool.level, is_hit, len(pool.truth)),
        ap_of_levels(pool.level[shown], is_hit[shown], n_shown),
        ap_of_levels(pool.level[~shown], is_hit[~shown], len(pool.truth) - n_shown),
    )


def _entries(
    halves: Sequence[tuple[IntArray, IntArray, NDArray[np.generic]]], rate_hz: int, stride: int
) -> _Entries:
    keys = [_frames(position, rate_hz) + i * stride for i, (position, _, _) in enumerate(halves)]
    nothing = np.zeros(0, np.int64)
    return _Entries(
        np.concatenate([nothing, *keys]),
        np.concatenate([nothing, *(label for _, label, _ in halves)]),
        np.concatenate([np.zeros(0), *(value for _, _, value in halves)]).astype(np.float64),
    )


def _pool(events: _Entries, told: _Entries, label: int, stride: int) -> _ClassPool:
    truth, shown = events.of(label)
    is_shown = shown > 0
    found, score = told.of(label)
    counts = score >= 0
    found, score = found[counts], score[counts]
    nearest = _nearest_is_shown(truth, is_shown, found, stride)
    return _ClassPool(truth, is_shown, found, score, threshold_levels(score), nearest)


def _frames(position_ms: IntArray, rate_hz: int) -> IntArray:
    """(N,) frames of the official vectors."""
    # The same arithmetic as int(rate * (position / 1000)): truncation after a division in floating point.
    frames = (rate_hz * (position_ms / 1000)).astype(np.int64)
    frames = np.minimum(frames, HALF_S * rate_hz - 1)
    # A time before the half's beginning lands at its end, as in the official vectors.
    return np.asarray(np.where(frames < 0, frames + HALF_S * rate_hz, frames))


def _nearest_is_shown(
    truth: IntArray, is_shown: NDArray[np.bool_], found: IntArray, stride: int
) -> NDArray[np.bool_]:
    """Whether the event whose cell holds a detection is shown; in a half without any event nothing is."""
    if not len(truth):
        return np.zeros(len(found), bool)
    half = truth // stride
    middle = (truth[:-1] + truth[1:]) // 2
    borders = np.where(half[:-1] == half[1:], middle, half[1:] * stride)
    has_event = np.isin(found // stride, half)
    return np.asarray(has_event & is_shown[np.searchsorted(borders, found, "right")])
