"""Candidates of several spotters to one list: probabilities, a weighted mean of bumps, suppression."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.spotting.probabilities import Line, probabilities

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

REACH_MS = 8000.0
"""A candidate speaks for moments this far away, linearly less."""


@dataclass(frozen=True, slots=True)
class Told:
    """Candidates of one class and half: (N,) times in ms, (N,) confidences in [0, 1]."""

    time_ms: FloatArray
    confidence: FloatArray


@dataclass(frozen=True, slots=True)
class Opinions:
    """What M spotters think of one class and half at each of their N candidates.

    Args:
        owner, place: (N,) whose candidate each is, and its index among his.
        time_ms: (N,).
        bumps: (M, N) in [0, 1].
    """

    owner: IntArray
    place: IntArray
    time_ms: FloatArray
    bumps: FloatArray


def opinions(told: Sequence[Told], lines: Sequence[Line]) -> Opinions:
    """Every candidate is a bump, as high as its probability, that falls to 0 over ``REACH_MS``.

    Args:
        told: candidates of M spotters.
        lines: of each, how its confidences become probabilities.
    """
    counts = [len(one.time_ms) for one in told]
    times = np.concatenate([np.zeros(0), *(one.time_ms for one in told)])
    bumps = np.zeros((len(told), len(times)))
    for row, one, line in zip(bumps, told, lines, strict=True):
        if len(one.time_ms):
            near = np.clip(1 - np.abs(times[:, None] - one.time_ms) / REACH_MS, 0, None)
            row[:] = (near * probabilities(one.confidence, line)).max(axis=1)
    owner = np.repeat(np.arange(len(told)), counts)
    place = np.concatenate([np.zeros(0, np.int64), *(np.arange(count) for count in counts)])
    return Opinions(owner, place, times, bumps)


def fused(
    thoughts: Opinions, weights: Sequence[float], apart_ms: float
) -> tuple[IntArray, FloatArray]:
    """What the ensemble thinks of a moment is the weighted mean of the spotters' highest bumps there.

    It is greatest at some candidate of a spotter that is heard, so only those are asked. The best one stays and takes
    away what lies nearer than ``apart_ms``, and so on; ties go to the earlier in the list.

    Args:
        thoughts: of M spotters.
        weights: (M,), none below 0; a spotter of weight 0 is not heard.
        apart_ms: between two events of the class.

    Returns:
        Indices of the candidates that stay, the best first, and their strengths in [0, 1].
    """
    share = np.asarray(weights, np.float64)
    strength = share @ thoughts.bumps / max(float(share.sum()), 1e-12)
    alive = (strength > 0) & (share[thoughts.owner] > 0)
    kept = []
    for i in np.argsort(-strength, kind="stable").tolist():
        if alive[i]:
            kept.append(i)
            alive &= np.abs(thoughts.time_ms - thoughts.time_ms[i]) >= apart_ms
    places = np.array(kept, np.int64)
    return places, strength[places]
