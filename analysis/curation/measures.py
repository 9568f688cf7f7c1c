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


MEASURES: Mapping[str, Measure] = {"uncertainty": uncertainty, "entropy": entropy}
