"""How much a human would teach a spotter by annotating a clip, from what the spotter says of it (algorithms M.2)."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Measure = Callable[[FloatArray], FloatArray]

RANDOM = "random"
_TINY = 1e-12


def uncertainty(scores: FloatArray) -> FloatArray:
    """The nearness of the most doubtful class to one half: (N, C) probabilities -> (N,) in [0, 1]."""
    return np.asarray((1 - 2 * np.abs(scores - 0.5)).max(axis=1))


def entropy(scores: FloatArray) -> FloatArray:
    """Sum of the classes' binary entropies in nats: (N, C) probabilities -> (N,) in [0, C ln 2]."""
    inside = scores.clip(_TINY, 1 - _TINY)
    terms = inside * np.log(inside) + (1 - inside) * np.log(1 - inside)
    return np.asarray(-terms.sum(axis=1)).clip(0)


def foremost(scores: FloatArray) -> FloatArray:
    """How near its front a clip stands in the order of some class: (N, C) probabilities -> (N,) in (0, 1].

    Classes take turns, the clips that look most like each first, so those that are seldom get as many questions as the
    common ones. Clips that are annotated already keep their places: a class that has many of them asks less. What
    cannot be seen is doubtful for ever and wastes questions on uncertainty; here it stands at no front. Ours, not
    of the published loop.
    """
    if not scores.size:
        return np.zeros(len(scores))
    order = np.argsort(-scores, axis=0, kind="stable")
    place = np.argsort(order, axis=0, kind="stable")
    return np.asarray(1 - place.min(axis=1) / len(scores))


MEASURES: Mapping[str, Measure] = {
    "uncertainty": uncertainty,
    "entropy": entropy,
    "foremost": foremost,
}
