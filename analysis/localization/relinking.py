"""Who goes on as whom, judged again at every moment with what was seen before and after it.

A tracker that goes from sample to sample must decide at once, and where people cross at two samples a second the
nearer one is often the wrong one. Here its tracks are cut between each two samples, and ends and beginnings are joined
again at least cost all together (as Huang, Wu and Nevatia 2008 link tracklets): everybody's place and velocity from all
that came before must meet somebody's from all that comes after. Work and memory grow no faster than a film's length.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from analysis.localization.crowd import LONGEST_MS, Crowd, Sightings, unlikeliness

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# A link is worth making when it costs less than this; one that is there is given up for what is better by ``HABIT``.
ALONE_COST, HABIT = 25.0, 1.0
# Each sweep sees what the one before has put right on the other side of the cut.
MOST_SWEEPS = 4


def relinked(ids: IntArray, seen: Sightings) -> IntArray:
    """(N,) numbers from 0, in the order of first rows, after the tracks ``ids`` (N,) were put right.

    Rows of one number must lie at different times.
    """
    chains = _Chains.of(ids, seen.times_ms)
    for _ in range(MOST_SWEEPS):
        if not _sweep(chains, seen):
            break
    return chains.numbers()


@dataclass(frozen=True, slots=True)
class _Chains:
    """Rows of one person linked: ``following`` and ``preceding`` row (N,), -1 at the ends; rows of each sample."""

    following: IntArray
    preceding: IntArray
    samples: list[IntArray]
    times_ms: IntArray

    @classmethod
    def of(cls, ids: IntArray, times_ms: IntArray) -> "_Chains":
        following, preceding = np.full((2, len(ids)), -1)
        order = np.lexsort((times_ms, ids))
        one, next_one = order[:-1], order[1:]
        same = ids[one] == ids[next_one]
        following[one[same]], preceding[next_one[same]] = next_one[same], one[same]
        moments, starts = np.unique(times_ms, return_index=True)
        samples = np.split(np.arange(len(ids)), starts[1:]) if len(ids) else []
        return cls(following, preceding, samples, moments)

    def numbers(self) -> IntArray:
        """(N,) a number a chain. Every row looks twice as far back each time, until all see the first."""
        first = np.where(self.preceding < 0, np.arange(len(self.preceding)), self.preceding)
        while not np.array_equal(first, first[first]):
            first = first[first]
        return np.unique(first, return_inverse=True)[1]


def _sweep(chains: _Chains, seen: Sightings) -> bool:
    """Go through the film once and link anew at every cut; whether anything changed."""
    past, future = Crowd.unknown(len(seen)), Crowd.unknown(len(seen))
    for rows in reversed(chains.samples):
        future.take_in(rows, chains.following[rows], seen)
    ends = np.zeros(0, np.int64)
    changed = False
    for i, rows in enumerate(chains.samples[:-1]):
        past.take_in(rows, chains.preceding[rows], seen)
        ends = np.concatenate([_still_open(ends, chains, seen, i), rows])
        own = chains.following[ends]
        begun = np.concatenate([own[own >= 0], _beginnings(chains, i)])
        if len(begun):
            new = _best_links(unlikeliness(past, future, ends, begun, seen), own, begun)
            if not np.array_equal(new, own):
                changed = True
                chains.preceding[begun] = -1
                chains.following[ends] = new
                chains.preceding[new[new >= 0]] = ends[new >= 0]
    return changed


def _still_open(ends: IntArray, chains: _Chains, seen: Sightings, i: int) -> IntArray:
    """The rows before sample ``i`` whose next row comes after it, or may."""
    after = chains.following[ends]
    is_over = (after >= 0) & (seen.times_ms[after] <= chains.times_ms[i])
    too_long = (after < 0) & (chains.times_ms[i + 1] - seen.times_ms[ends] > LONGEST_MS)
    return ends[~is_over & ~too_long]


def _beginnings(chains: _Chains, i: int) -> IntArray:
    """First rows of chains that begin after sample ``i``, and not too long after."""
    last = int(np.searchsorted(chains.times_ms, chains.times_ms[i] + LONGEST_MS, "right"))
    rows = np.concatenate(chains.samples[i + 1 : last] or [np.zeros(0, np.int64)])
    return rows[chains.preceding[rows] < 0]


def _best_links(cost: FloatArray, own: IntArray, begun: IntArray) -> IntArray:
    """(I,) the row of ``begun`` (J,) that each end goes on as, or -1, where now it goes on as ``own`` (I,)."""
    gain = np.minimum(cost - ALONE_COST, 0.0)
    # What the tracker linked stays linked unless something else is better: it saw unlikely links for likely ones.
    gain -= HABIT * (own[:, None] == begun)
    new = np.full(len(own), -1)
    for i, j in zip(*linear_sum_assignment(gain), strict=True):
        if gain[i, j] < 0:
            new[i] = begun[j]
    return new
