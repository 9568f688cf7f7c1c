"""How well people are placed on the pitch: positions, teams and roles, and tracks that stay the same person.

Positions: assignment by distance a sample. Tracks: HOTA with the game-state kernel exp(ln 0.05 d^2 / 5^2) of distances
d in metres (algorithms B.2), with and without the demand that team and role agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

KERNEL_M = 5.0
ALPHAS = np.arange(1, 20) / 20
# Whoever was out of the picture for longer may come back under another number.
ABSENT_MS = 2100
# Edges of the parts that errors are told for: a person's height in the picture (what distance and zoom come to), and
# how many people a sample shows.
HEIGHT_EDGES_PX = (0, 30, 45, 65, 10_000)
CROWD_EDGES = (0, 12, 17, 100)


@dataclass(frozen=True, slots=True)
class GroundSample:
    """The people of one sample on the pitch.

    Args:
        pitch_xy_m: (N, 2).
        identity: (N,) track ids.
        kind: N words such as ``home/player``; what a match must agree on when identities count.
        time_ms: of the sample.
        height_px: (N,) heights in the picture, NaN or empty where nothing says.
    """

    pitch_xy_m: FloatArray
    identity: IntArray
    kind: tuple[str, ...]
    time_ms: int = 0
    height_px: FloatArray = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True, slots=True)
class _Match:
    """One true person of one sample: who stands for them, if anybody."""

    height_px: float
    n_people: int
    error_m: float  # NaN when nobody was found
    kind: str
    found_kind: str
    is_switch: bool


def evaluate_ground(
    pairs: Sequence[tuple[GroundSample, GroundSample]], *, reach_m: float = 3.0
) -> dict[str, Any]:
    """Position errors of people matched within ``reach_m``, recall, precision, teams, roles, switches, HOTA.

    ``team_accuracy`` is of everybody matched who plays for a team, ``team_told`` the share of them who were given one.
    A switch is another number for somebody who was never out of the picture for longer than ``ABSENT_MS``.

    Args:
        pairs: (found, truth) a sample, in time order.
        reach_m: further apart nobody is matched.
    """
    people = _matched_people(pairs, reach_m)
    n_found = sum(len(found.kind) for found, _ in pairs)
    n_hits = sum(np.isfinite(one.error_m) for one in people)
    minutes = _shown_minutes([truth for _, truth in pairs])
    n_switches = sum(one.is_switch for one in people)
    return {
        "samples": len(pairs),
        **_errors(people),
        "precision": n_hits / n_found if n_found else None,
        **_words(people),
        "identity_switches": n_switches,
        "switches_per_player_minute": n_switches / minutes if minutes else None,
        "hota_without_kind": hota(pairs, kinds_agree=False)["hota"],
        **{f"gs_{name}": value for name, value in hota(pairs, kinds_agree=True).items()},
        "by_height_px": _parts(people, [one.height_px for one in people], HEIGHT_EDGES_PX),
        "by_people": _parts(people, [one.n_people for one in people], CROWD_EDGES),
    }


def _matched_people(
    pairs: Sequence[tuple[GroundSample, GroundSample]], reach_m: float
) -> list[_Match]:
    people: list[_Match] = []
    last_track: dict[int, int] = {}
    last_shown: dict[int, int] = {}
    for found, truth in pairs:
        distance = _distances(truth, found)
        taken = _taken(truth, found, distance, last_track, reach_m)
        for i, who in enumerate(truth.identity.tolist()):
            if truth.time_ms - last_shown.get(who, truth.time_ms) > ABSENT_MS:
                last_track.pop(who, None)
            last_shown[who] = truth.time_ms
            height = float(truth.height_px[i]) if len(truth.height_px) else np.nan
            j = taken.get(i)
            if j is None:
                one = _Match(height, len(truth.kind), np.nan, truth.kind[i], "", is_switch=False)
            else:
                track = int(found.identity[j])
                switched = last_track.get(who, track) != track
                last_track[who] = track
                error = float(distance[i, j])
                one = _Match(
                    height, len(truth.kind), error, truth.kind[i], found.kind[j], is_switch=switched
                )
            people.append(one)
    return people


def _taken(
    truth: GroundSample,
    found: GroundSample,
    distance: FloatArray,
    last_track: dict[int, int],
    reach_m: float,
) -> dict[int, int]:
    """True person -> found one. Pairs of earlier samples stay pairs within reach (Bernardin and Stiefelhagen 2008), the
    rest is assigned by distance: of people a step apart the nearer one proves nothing.
    """
    cost = np.minimum(distance, 1e3)
    for i, who in enumerate(truth.identity.tolist()):
        same = (found.identity == last_track.get(who, -2)) & (distance[i] <= reach_m)
        cost[i, same] -= 1e3
    return {
        int(i): int(j)
        for i, j in zip(*linear_sum_assignment(cost), strict=True)
        if distance[i, j] <= reach_m
    }


def _errors(people: Sequence[_Match]) -> dict[str, float | int | None]:
    errors = np.array([one.error_m for one in people])
    errors = errors[np.isfinite(errors)]
    return {
        "people": len(people),
        "error_median_m": float(np.median(errors)) if len(errors) else None,
        "error_p95_m": float(np.percentile(errors, 95)) if len(errors) else None,
        "recall": len(errors) / len(people) if people else None,
    }


def _words(people: Sequence[_Match]) -> dict[str, float | None]:
    """Shares of matched people whose team, role, and both, are right."""
    pairs = [
        (*one.kind.split("/"), *one.found_kind.split("/"))
        for one in people
        if np.isfinite(one.error_m)
    ]
    if any(len(pair) != 4 for pair in pairs):
        return {"kind_accuracy": _share([one.kind == one.found_kind for one in people])}
    in_team = [pair for pair in pairs if pair[0]]
    return {
        "kind_accuracy": _share([pair[:2] == pair[2:] for pair in pairs]),
        "team_accuracy": _share([pair[0] == pair[2] for pair in in_team]),
        "team_told": _share([bool(pair[2]) for pair in in_team]),
        "role_accuracy": _share([pair[1] == pair[3] for pair in pairs]),
    }


def _share(values: Sequence[bool]) -> float | None:
    return float(np.mean(values)) if values else None


def _shown_minutes(truth: Sequence[GroundSample]) -> float:
    """Minutes that people were in the picture, summed over people; gaps between samples do not count."""
    spent = 0.0
    for before, after in pairwise(truth):
        gap = after.time_ms - before.time_ms
        if 0 < gap <= ABSENT_MS:
            spent += gap * len(after.kind)
    return spent / 60_000


def _parts(
    people: Sequence[_Match], values: Sequence[float], edges: Sequence[float]
) -> dict[str, dict[str, float | int | None]]:
    """Errors and recall of people whose value lies in [edge, next edge)."""
    told = {}
    for low, high in pairwise(edges):
        part = [one for one, value in zip(people, values, strict=True) if low <= value < high]
        if part:
            told[f"{low:g}-{high:g}"] = _errors(part)
    return told


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
