"""How well people are found: boxes in pictures, positions and tracks on the pitch.

Boxes: greedy matching by score, all-point average precision (COCO's ten overlaps for AP50:95). Positions: assignment by
distance a sample. Tracks: HOTA with the game-state kernel exp(ln 0.05 d^2 / 5^2) of distances d in metres (algorithms
B.2), with and without the demand that team and role agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

OVERLAPS = np.arange(50, 100, 5) / 100
KERNEL_M = 5.0
ALPHAS = np.arange(1, 20) / 20


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


@dataclass(frozen=True, slots=True)
class GroundSample:
    """The people of one sample on the pitch.

    Args:
        pitch_xy_m: (N, 2).
        identity: (N,) track ids.
        kind: N words such as ``home/player``; what a match must agree on when identities count.
    """

    pitch_xy_m: FloatArray
    identity: IntArray
    kind: tuple[str, ...]


def evaluate_ground(
    pairs: Sequence[tuple[GroundSample, GroundSample]], *, reach_m: float = 3.0
) -> dict[str, float | int | None]:
    """Position errors of people matched within ``reach_m``, recall, precision, kinds, identity switches, HOTA.

    Args:
        pairs: (found, truth) a sample, in time order.
        reach_m: further apart nobody is matched.
    """
    errors: list[float] = []
    agree: list[bool] = []
    last_seen: dict[int, int] = {}
    n_found = n_truth = n_switches = 0
    for found, truth in pairs:
        n_found, n_truth = n_found + len(found.kind), n_truth + len(truth.kind)
        distance = _distances(truth, found)
        for i, j in zip(*linear_sum_assignment(np.minimum(distance, 1e3)), strict=True):
            if distance[i, j] > reach_m:
                continue
            errors.append(float(distance[i, j]))
            agree.append(truth.kind[i] == found.kind[j])
            person, track = int(truth.identity[i]), int(found.identity[j])
            n_switches += last_seen.get(person, track) != track
            last_seen[person] = track
    hits = len(errors)
    return {
        "samples": len(pairs),
        "people": n_truth,
        "error_median_m": float(np.median(errors)) if errors else None,
        "error_p95_m": float(np.percentile(errors, 95)) if errors else None,
        "recall": hits / n_truth if n_truth else None,
        "precision": hits / n_found if n_found else None,
        "kind_accuracy": float(np.mean(agree)) if agree else None,
        "identity_switches": n_switches,
        "hota_without_kind": hota(pairs, kinds_agree=False)["hota"],
        **{f"gs_{name}": value for name, value in hota(pairs, kinds_agree=True).items()},
    }


def similarity(truth: GroundSample, found: GroundSample, *, kinds_agree: bool) -> FloatArray:
    """(G, P) game-state similarity: the distance kernel, zero for other kinds where these must agree."""
    kernel = np.exp(np.log(0.05) * (_distances(truth, found) / KERNEL_M) ** 2)
    if kinds_agree:
        same = np.array(truth.kind, dtype=object)[:, None] == np.array(found.kind, dtype=object)
        kernel = kernel * same.astype(np.float64)
    return np.asarray(kernel)


def hota(
    pairs: Sequence[tuple[GroundSample, GroundSample]], *, kinds_agree: bool
) -> dict[str, float]:
    """HOTA, DetA and AssA, means over the similarity thresholds 0.05 to 0.95 (Luiten et al. 2021)."""
    truth_ids = {
        int(v): k for k, v in enumerate(sorted({int(i) for _, t in pairs for i in t.identity}))
    }
    found_ids = {
        int(v): k for k, v in enumerate(sorted({int(i) for f, _ in pairs for i in f.identity}))
    }
    shape = (len(truth_ids), len(found_ids))
    potential, n_truth, n_found = np.zeros(shape), np.zeros(shape[0]), np.zeros(shape[1])
    prepared = []
    for found, truth in pairs:
        rows = np.array([truth_ids[int(i)] for i in truth.identity], np.int64)
        columns = np.array([found_ids[int(i)] for i in found.identity], np.int64)
        likeness = similarity(truth, found, kinds_agree=kinds_agree)
        total = likeness.sum(axis=0)[None] + likeness.sum(axis=1)[:, None] - likeness
        share = np.where(total > 1e-12, likeness / np.maximum(total, 1e-12), 0.0)
        np.add.at(potential, (rows[:, None], columns[None]), share)
        np.add.at(n_truth, rows, 1)
        np.add.at(n_found, columns, 1)
        prepared.append((rows, columns, likeness))
    union = n_truth[:, None] + n_found[None] - potential
    alignment = potential / np.maximum(union, 1e-12)
    matched = np.zeros((len(ALPHAS), *shape))
    for rows, columns, likeness in prepared:
        i, j = linear_sum_assignment(-alignment[np.ix_(rows, columns)] * likeness)
        passes = likeness[i, j] >= ALPHAS[:, None] - 1e-9
        for k in range(len(ALPHAS)):
            np.add.at(matched[k], (rows[i[passes[k]]], columns[j[passes[k]]]), 1)
    return _hota_of(matched, n_truth, n_found)


def _hota_of(matched: FloatArray, n_truth: FloatArray, n_found: FloatArray) -> dict[str, float]:
    hits = matched.sum(axis=(1, 2))
    detection = hits / np.maximum(n_truth.sum() + n_found.sum() - hits, 1)
    union = n_truth[None, :, None] + n_found[None, None] - matched
    association = (matched * matched / np.maximum(union, 1)).sum(axis=(1, 2)) / np.maximum(hits, 1)
    return {
        "hota": float(np.sqrt(detection * association).mean()),
        "deta": float(detection.mean()),
        "assa": float(association.mean()),
    }


def _distances(truth: GroundSample, found: GroundSample) -> FloatArray:
    """(G, P) metres."""
    return np.linalg.norm(truth.pitch_xy_m[:, None] - found.pitch_xy_m[None], axis=2)
