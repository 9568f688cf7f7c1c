"""How well people are found in pictures: greedy matching by score, all-point average precision (COCO's ten overlaps
for AP50:95), foot points and roles.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

OVERLAPS = np.arange(50, 100, 5) / 100


@dataclass(frozen=True, slots=True)
class People:
    """The people of one picture.

    Args:
        box_px: (N, 4) x0, y0, x1, y1.
        score: (N,) confidences; ones for truth.
        role: N words or None.
    """

    box_px: FloatArray
    score: FloatArray
    role: tuple[str | None, ...]


def overlaps(first: FloatArray, second: FloatArray) -> FloatArray:
    """(N, M) intersection over union of boxes (N, 4) and (M, 4)."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    inside = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (first, second)]
    return np.asarray(inside / np.maximum(areas[0][:, None] + areas[1][None] - inside, 1e-9))


def matches(found: People, truth: People, least_overlap: float) -> IntArray:
    """(N,) index of the true box each found one takes, -1 for none: the most certain choose first."""
    shared = overlaps(found.box_px, truth.box_px)
    taken = np.full(len(found.box_px), -1, np.int64)
    free = np.ones(len(truth.box_px), bool)
    for i in np.argsort(-found.score, kind="stable"):
        if not free.any():
            break
        j = int(np.argmax(np.where(free, shared[i], -1.0)))
        if shared[i, j] >= least_overlap:
            taken[i], free[j] = j, False
    return taken


def average_precision(score: FloatArray, is_hit: BoolArray, n_truth: int) -> float:
    """Area under the precision envelope over recall (all points); NaN without truth."""
    if n_truth == 0:
        return float("nan")
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(is_hit[order])
    recall, precision = hits / n_truth, hits / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(np.concatenate([[0.0], recall])) * envelope))


def evaluate_boxes(
    pairs: Sequence[tuple[People, People]], *, threshold: float = 0.5
) -> dict[str, float | int | None]:
    """Precision and recall at a threshold (overlap 0.5), AP50, AP50:95, median foot offset, role accuracy.

    Args:
        pairs: (found, truth) a picture.
        threshold: least score that counts for precision and recall.
    """
    n_truth = sum(len(truth.box_px) for _, truth in pairs)
    score = np.concatenate([np.zeros(0), *(found.score for found, _ in pairs)])
    areas = []
    for overlap in OVERLAPS:
        taken = [matches(found, truth, float(overlap)) for found, truth in pairs]
        is_hit = np.concatenate([np.zeros(0, bool), *(one >= 0 for one in taken)])
        areas.append(average_precision(score, is_hit, n_truth))
    taken = [matches(found, truth, 0.5) for found, truth in pairs]
    is_hit = np.concatenate([np.zeros(0, bool), *(one >= 0 for one in taken)])
    told = score >= threshold
    feet = [_foot_offsets(f, t, one) for (f, t), one in zip(pairs, taken, strict=True)]
    roles = [
        found.role[i] == truth.role[j]
        for (found, truth), one in zip(pairs, taken, strict=True)
        for i, j in enumerate(one)
        if j >= 0 and found.role[i] is not None
    ]
    n_hits = int((is_hit & told).sum())
    offsets = np.concatenate([np.zeros(0), *feet])
    return {
        "pictures": len(pairs),
        "people": n_truth,
        "threshold": threshold,
        "precision": n_hits / int(told.sum()) if told.any() else None,
        "recall": n_hits / n_truth if n_truth else None,
        "ap50": areas[0],
        "ap50_95": float(np.mean(areas)),
        "foot_offset_median": float(np.median(offsets)) if len(offsets) else None,
        "role_accuracy": float(np.mean(roles)) if roles else None,
    }


def _foot_offsets(found: People, truth: People, taken: IntArray) -> FloatArray:
    """Distances of matched feet in units of the true box's height."""
    rows = np.flatnonzero(taken >= 0)
    ours, theirs = found.box_px[rows], truth.box_px[taken[rows]]
    feet = [np.stack([(box[:, 0] + box[:, 2]) / 2, box[:, 3]], axis=1) for box in (ours, theirs)]
    return np.linalg.norm(feet[0] - feet[1], axis=1) / (theirs[:, 3] - theirs[:, 1])
