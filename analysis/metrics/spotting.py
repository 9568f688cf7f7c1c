"""Average-mAP of action spotting, equal to the official SoccerNet-v2 evaluation (algorithms O.1).

Events and predictions stay sparse: the official package fills a matrix of 14,400 frames by 17 classes for each half and
walks it in Python; here each half keeps its few hundred entries.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.metrics.average_precision import (
    area_over_tolerances,
    eleven_point_ap,
    match_in_truth_order,
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
class _ClassPool:
    """All halves of one class on one axis, so far apart that no tolerance reaches from half to half."""

    truth: IntArray
    truth_is_shown: NDArray[np.bool_]
    found: IntArray
    score: FloatArray
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
    for label in range(n_classes):
        pool = _pool(labels, predictions, label, rate_hz, max(tolerances_s))
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
        eleven_point_ap(pool.score, is_hit, len(pool.truth)),
        eleven_point_ap(pool.score[shown], is_hit[shown], n_shown),
        eleven_point_ap(pool.score[~shown], is_hit[~shown], len(pool.truth) - n_shown),
    )


def _pool(
    labels: Sequence[HalfLabels],
    predictions: Sequence[HalfPredictions],
    label: int,
    rate_hz: int,
    widest_s: float,
) -> _ClassPool:
    stride = HALF_S * rate_hz + int(2 * widest_s * rate_hz) + 2
    truth, truth_shown, found, score, nearest = [], [], [], [], []
    for i, (half_labels, half_predictions) in enumerate(zip(labels, predictions, strict=True)):
        own = half_labels.label == label
        frames, kept = _frames(half_labels.position_ms[own], rate_hz)
        is_shown = half_labels.is_shown[own][kept]
        own = half_predictions.label == label
        found_frames, kept = _frames(half_predictions.position_ms[own], rate_hz)
        confidence = half_predictions.confidence[own][kept]
        counts = confidence >= 0
        found_frames, confidence = found_frames[counts], confidence[counts]
        truth.append(frames + i * stride)
        truth_shown.append(is_shown)
        found.append(found_frames + i * stride)
        score.append(confidence)
        nearest.append(_nearest_is_shown(frames, is_shown, found_frames))
    return _ClassPool(
        *(np.concatenate(part) for part in (truth, truth_shown, found, score, nearest))
    )


def _frames(position_ms: IntArray, rate_hz: int) -> tuple[IntArray, IntArray]:
    """Ascending distinct frames and, for each, the index of the last entry that fell on it."""
    # The same arithmetic as int(rate * (position / 1000)): truncation after a division in floating point.
    frames = (rate_hz * (position_ms / 1000)).astype(np.int64)
    frames = np.minimum(frames, HALF_S * rate_hz - 1)
    # A time before the half's beginning lands at its end, as in the official vectors.
    frames = np.where(frames < 0, frames + HALF_S * rate_hz, frames)
    distinct, first_from_end = np.unique(frames[::-1], return_index=True)
    return distinct, len(frames) - 1 - first_from_end


def _nearest_is_shown(
    frames: IntArray, is_shown: NDArray[np.bool_], found_frames: IntArray
) -> NDArray[np.bool_]:
    """Whether the event whose cell holds a detection is shown; without any event nothing is."""
    if not len(frames):
        return np.zeros(len(found_frames), bool)
    borders = (frames[:-1] + frames[1:]) // 2
    return np.asarray(is_shown[np.searchsorted(borders, found_frames, "right")])
