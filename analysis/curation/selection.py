"""Which clips to annotate next: those that teach most, not all alike, not all of one half (algorithms M.2, M.4)."""

from dataclasses import dataclass

import numpy as np

from analysis.curation.measures import MEASURES, RANDOM, BoolArray, FloatArray, IntArray

_SHORTLIST = 6


@dataclass(frozen=True, slots=True)
class Choice:
    """How clips are chosen.

    Args:
        measure: a key of ``MEASURES``, or ``random``.
        diversity: how much of its worth a clip loses when it looks exactly like one that was chosen just now, as a
            share of the best worth; 0 looks at each clip by itself.
        most_per_half: clips of one half in one step; 0 for no limit.
    """

    measure: str = "uncertainty"
    diversity: float = 0.0
    most_per_half: int = 0

    def __post_init__(self) -> None:
        if self.measure != RANDOM and self.measure not in MEASURES:
            known = ", ".join([RANDOM, *MEASURES])
            raise ValueError(f"a measure is one of {known}, not {self.measure!r}")
        if not 0 <= self.diversity <= 1:
            raise ValueError(f"diversity lies between 0 and 1, not at {self.diversity}")


def select(
    scores: FloatArray,
    is_labelled: BoolArray,
    k: int,
    choice: Choice,
    *,
    looks: FloatArray | None = None,
    half: IntArray | None = None,
    seed: int = 0,
) -> IntArray:
    """Indices of the next clips, the most wanted first; equal ones by index.

    Args:
        scores: (N, C) probabilities of the whole pool.
        is_labelled: (N,) clips that are annotated already.
        k: how many; fewer come back when the pool, or its halves' share, runs out.
        choice: see ``Choice``.
        looks: (N, D) what clips look like, needed for diversity.
        half: (N,) which half each clip is of, needed for a limit per half.
        seed: of ``random``.

    Raises:
        ValueError: probabilities outside [0, 1] or none, lengths that differ, or something needed that is missing.
    """
    _refuse_nonsense(scores, is_labelled, k)
    if choice.diversity > 0 and looks is None:
        raise ValueError("diversity needs to know what the clips look like")
    if choice.most_per_half and half is None:
        raise ValueError("a limit per half needs to know the half of each clip")
    if choice.measure == RANDOM:
        worth = np.random.default_rng(seed).permutation(len(scores)).astype(np.float64)
    else:
        worth = MEASURES[choice.measure](scores)
    order = np.argsort(-worth, kind="stable")
    order = order[~is_labelled[order]]
    if choice.most_per_half and half is not None:
        order = order[_place_in_half(half[order]) < choice.most_per_half]
    if choice.diversity > 0 and looks is not None:
        order = order[: _SHORTLIST * k]
        order = order[_spread_out(worth[order], looks[order], k, choice.diversity)]
    return np.asarray(order[:k], np.int64)


def _refuse_nonsense(scores: FloatArray, is_labelled: BoolArray, k: int) -> None:
    if scores.ndim != 2 or len(scores) != len(is_labelled):
        raise ValueError("scores are one row of classes for each clip of the pool")
    if not ((scores >= 0) & (scores <= 1)).all():
        raise ValueError("scores are probabilities from 0 to 1; some are not, or are no numbers")
    if k < 0:
        raise ValueError(f"the number of clips to choose is not {k}")


def _place_in_half(half: IntArray) -> IntArray:
    """(N,) how many of the same half stand before each."""
    place = np.zeros(len(half), np.int64)
    for own in np.unique(half):
        inside = half == own
        place[inside] = np.arange(inside.sum())
    return place


def _spread_out(worth: FloatArray, looks: FloatArray, k: int, diversity: float) -> IntArray:
    """Greedy choice: worth, less what resembles the chosen ones. Clips come by worth, so ties go to the earlier."""
    length = np.linalg.norm(looks, axis=1, keepdims=True)
    units = looks / np.maximum(length, 1e-12)
    scale = max(float(worth.max(initial=0.0)), 1e-12)
    nearest = np.zeros(len(worth))
    is_free = np.ones(len(worth), bool)
    chosen: list[int] = []
    for _ in range(min(k, len(worth))):
        value = np.where(is_free, worth / scale - diversity * nearest, -np.inf)
        best = int(value.argmax())
        chosen.append(best)
        is_free[best] = False
        nearest = np.maximum(nearest, units @ units[best])
    return np.array(chosen, np.int64)
