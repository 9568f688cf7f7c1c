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
# A film is worked on in parts, so that beliefs need no more memory for a longer one. Cuts near a part's ends belong to
# its neighbours: nobody is believed anything from further away than the margin.
PART_MS, MARGIN_MS = 240_000, 2 * LONGEST_MS
# Ends of chains: nobody comes next, or somebody outside of the part.
OPEN, OUTSIDE = -1, -2


def relinked(ids: IntArray, seen: Sightings) -> IntArray:
    """(N,) numbers from 0, in the order of first rows, after the tracks ``ids`` (N,) were put right.

    Rows of one number must lie at different times.
    """
    following, preceding = _linked(ids, seen.times_ms)
    begin_ms = int(seen.times_ms[0]) if len(seen) else 0
    while len(seen) and begin_ms <= seen.times_ms[-1]:
        edges = [begin_ms - MARGIN_MS, begin_ms + PART_MS + MARGIN_MS]
        low, high = np.searchsorted(seen.times_ms, edges)
        part = _Part.of(following, preceding, seen, slice(low, high))
        for _ in range(MOST_SWEEPS):
            if not _sweep(part, begin_ms, begin_ms + PART_MS):
                break
        part.write_back(following, preceding, low)
        begin_ms += PART_MS
    return _numbers(preceding)


def _linked(ids: IntArray, times_ms: IntArray) -> tuple[IntArray, IntArray]:
    """(N,) following and (N,) preceding row of the same number, ``OPEN`` at the ends."""
    following, preceding = np.full((2, len(ids)), OPEN)
    order = np.lexsort((times_ms, ids))
    one, next_one = order[:-1], order[1:]
    same = ids[one] == ids[next_one]
    following[one[same]], preceding[next_one[same]] = next_one[same], one[same]
    return following, preceding


def _numbers(preceding: IntArray) -> IntArray:
    """(N,) a number a chain. Every row looks twice as far back each time, until all see the first."""
    first = np.where(preceding < 0, np.arange(len(preceding)), preceding)
    while not np.array_equal(first, first[first]):
        first = first[first]
    return np.unique(first, return_inverse=True)[1]


@dataclass(frozen=True, slots=True)
class _Part:
    """Some minutes of a film: its rows, numbered from 0, and how they are linked; rows of each sample, its times."""

    seen: Sightings
    following: IntArray
    preceding: IntArray
    samples: list[IntArray]
    times_ms: IntArray

    @classmethod
    def of(cls, following: IntArray, preceding: IntArray, seen: Sightings, rows: slice) -> "_Part":
        own = seen.some(rows)
        moments, starts = np.unique(own.times_ms, return_index=True)
        samples = np.split(np.arange(len(own)), starts[1:])
        after = _from_here(following[rows], rows.start, len(own))
        before = _from_here(preceding[rows], rows.start, len(own))
        return cls(own, after, before, samples, moments)

    def write_back(self, following: IntArray, preceding: IntArray, first: int) -> None:
        """Tell the film's links (N,) what the part's have become; its row 0 is row ``first`` there."""
        for whole, part in ((following, self.following), (preceding, self.preceding)):
            rows = slice(first, first + len(part))
            told = np.where(part == OPEN, OPEN, part + first)
            whole[rows] = np.where(part == OUTSIDE, whole[rows], told)


def _from_here(links: IntArray, first: int, n: int) -> IntArray:
    inside = (links >= first) & (links < first + n)
    return np.where(links == OPEN, OPEN, np.where(inside, links - first, OUTSIDE))


def _sweep(part: _Part, begin_ms: int, end_ms: int) -> bool:
    """Go through a part once and link anew at every cut after a sample in [begin, end); whether anything changed."""
    past, future = Crowd.unknown(len(part.seen)), Crowd.unknown(len(part.seen))
    for rows in reversed(part.samples):
        future.take_in(rows, part.following[rows], part.seen)
    ends = np.zeros(0, np.int64)
    changed = False
    for i, rows in enumerate(part.samples[:-1]):
        past.take_in(rows, part.preceding[rows], part.seen)
        ends = np.concatenate([_still_open(ends, part, i), rows])
        ends = ends[part.following[ends] != OUTSIDE]
        if not begin_ms <= part.times_ms[i] < end_ms:
            continue
        own = part.following[ends]
        begun = np.concatenate([own[own >= 0], _beginnings(part, i)])
        if len(begun):
            new = _best_links(unlikeliness(past, future, ends, begun, part.seen), own, begun)
            if not np.array_equal(new, own):
                changed = True
                part.preceding[begun] = OPEN
                part.following[ends] = new
                part.preceding[new[new >= 0]] = ends[new >= 0]
    return changed


def _still_open(ends: IntArray, part: _Part, i: int) -> IntArray:
    """The rows before sample ``i`` whose next row comes after it, or may."""
    after, times_ms = part.following[ends], part.seen.times_ms
    is_over = (after >= 0) & (times_ms[after] <= part.times_ms[i])
    too_long = (after < 0) & (part.times_ms[i + 1] - times_ms[ends] > LONGEST_MS)
    return ends[~is_over & ~too_long]


def _beginnings(part: _Part, i: int) -> IntArray:
    """First rows of chains that begin after sample ``i``, and not too long after."""
    last = int(np.searchsorted(part.times_ms, part.times_ms[i] + LONGEST_MS, "right"))
    rows = np.concatenate(part.samples[i + 1 : last] or [np.zeros(0, np.int64)])
    return rows[part.preceding[rows] == OPEN]


def _best_links(cost: FloatArray, own: IntArray, begun: IntArray) -> IntArray:
    """(I,) the row of ``begun`` (J,) that each end goes on as, or none, where now it goes on as ``own`` (I,)."""
    gain = np.minimum(cost - ALONE_COST, 0.0)
    # What the tracker linked stays linked unless something else is better: it saw unlikely links for likely ones.
    gain -= HABIT * (own[:, None] == begun)
    one, other = linear_sum_assignment(gain)
    is_worth = gain[one, other] < 0
    new = np.full(len(own), OPEN)
    new[one[is_worth]] = begun[other[is_worth]]
    return new
