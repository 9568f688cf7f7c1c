"""Joining the pieces of one person's track: one ends, another begins close enough, soon enough, in the same kit.

All pieces of a video are considered at once, so that the piece that fits best is taken and not the first one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from analysis.core.records import PlayersTrack
from analysis.localization.motion import Belief, corrected, first_belief, predicted

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Who was not found for longer may be anybody.
LONGEST_MS = 8000
GATE = 7.0
# Prediction over seconds is no better than this; farther off nobody is joined.
MOST_SPREAD_M = 4.0
FASTEST_M_PER_S = 7.5
LEAST_SIGMA_M = 0.35
FORBIDDEN = 1e6


@dataclass(frozen=True, slots=True)
class Piece:
    """One track as far as joining needs it.

    Args:
        name: its number.
        start_ms, end_ms: times of its first and last row.
        start: (2,) first place.
        end: what is believed at its last row.
        kit: 0 or 1 where most rows wear one, else -1.
        n_rows: how many rows it has.
    """

    name: int
    start_ms: int
    end_ms: int
    start: FloatArray
    end: Belief
    kit: int
    n_rows: int

    @classmethod
    def of_rows(cls, name: int, track: PlayersTrack, kits: IntArray, rows: IntArray) -> "Piece":
        """The piece that ascending rows of a track make."""
        times, places = track.times_ms[rows], track.pitch_xy_m[rows]
        sigmas = np.clip(np.nan_to_num(track.sigma_m[rows], nan=1.0), LEAST_SIGMA_M, 2.0)
        recent = slice(max(0, len(rows) - 8), None)
        belief = first_belief(places[recent][0], float(sigmas[recent][0]))
        steps = np.diff(times[recent]) / 1000
        for seconds, place, sigma in zip(
            steps, places[recent][1:], sigmas[recent][1:], strict=True
        ):
            belief = corrected(predicted(belief, float(seconds)), place, float(sigma))
        worn = kits[rows]
        votes = np.array([(worn == 0).sum(), (worn == 1).sum()])
        kit = -1 if votes.max() <= 2 * votes.min() else int(votes.argmax())
        return cls(name, int(times[0]), int(times[-1]), places[0], belief, kit, len(rows))


def joined(pieces: Sequence[Piece]) -> dict[int, int]:
    """Old number -> number after joining; a person keeps the number of their first piece."""
    by_start = sorted(range(len(pieces)), key=lambda i: pieces[i].start_ms)
    starts = np.array([pieces[i].start_ms for i in by_start])
    allowed: list[tuple[int, int, float]] = []
    for i, before in enumerate(pieces):
        low = int(np.searchsorted(starts, before.end_ms, "right"))
        high = int(np.searchsorted(starts, before.end_ms + LONGEST_MS, "right"))
        costs = ((j, _cost(before, pieces[j])) for j in by_start[low:high])
        allowed += [(i, j, cost) for j, cost in costs if cost < FORBIDDEN]
    follows = {pieces[j].name: pieces[i].name for i, j in _cheapest(allowed, len(pieces))}
    new: dict[int, int] = {}
    for i in by_start:
        name = pieces[i].name
        new[name] = new[follows[name]] if name in follows else name
    return new


def _cheapest(allowed: Sequence[tuple[int, int, float]], n: int) -> list[tuple[int, int]]:
    """(before, after) of the pairs that cost least together, as many as can be; each piece once on either side.

    Of a long film nearly all pairs are impossible: only the others are kept, and staying alone is one way more.
    """
    if not allowed:
        return []
    before, after, cost = (np.array(column) for column in zip(*allowed, strict=True))
    alone = np.arange(n)
    # Each piece is matched once, so what is added to all costs changes nothing; sparse matrices leave zeros out.
    weights = np.concatenate([cost, np.full(n, FORBIDDEN)]) - cost.min() + 1.0
    rows, columns = np.concatenate([before, alone]), np.concatenate([after, n + alone])
    ways = csr_array((weights, (rows, columns)), shape=(n, 2 * n))
    taken = zip(*min_weight_full_bipartite_matching(ways), strict=True)
    return [(int(i), int(j)) for i, j in taken if j < n]


def _cost(before: Piece, after: Piece) -> float:
    if before.kit != after.kit and before.kit >= 0 and after.kit >= 0:
        return FORBIDDEN
    seconds = (after.start_ms - before.end_ms) / 1000
    ahead = predicted(before.end, seconds)
    spread = min(float(ahead.spread[0, 0]) + LEAST_SIGMA_M**2, MOST_SPREAD_M**2)
    off = float(np.linalg.norm(after.start - ahead.place))
    moved = float(np.linalg.norm(after.start - before.end.place))
    if off**2 / spread > GATE or moved > FASTEST_M_PER_S * seconds + 1.5:
        return FORBIDDEN
    return off**2 / spread + 2 * np.log(spread) + 0.2 * seconds - 100.0
