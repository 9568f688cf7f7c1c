"""Which way a team attacks, and when that changes.

Players of the team that defends the left goal stand, on average, further left: keepers, defenders and the offside line
see to it. The sign of the difference of the teams' mean x over minutes tells the direction.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from analysis.core.records import PlayersTrack

FloatArray = NDArray[np.float64]

# A single video longer than this holds both halves: the change of ends is looked for inside.
TWO_HALVES_MS = 60 * 60_000
# Metres of difference of mean x that count as sure; matches in real tracking show 5 to 20.
SURE_M = 4.0


@dataclass(frozen=True, slots=True)
class SideSpan:
    """From ``start_ms`` to ``end_ms`` (exclusive) the home team attacks in one direction.

    Args:
        start_ms, end_ms: times of the video.
        home_attacks: +1 to the right (it defends the left goal), -1 to the left, 0 unknown.
        confidence: [0, 1].
    """

    start_ms: int
    end_ms: int
    home_attacks: int
    confidence: float


def attack_directions(
    track: PlayersTrack, *, period_starts_ms: tuple[int, ...] = ()
) -> list[SideSpan]:
    """Spans of constant direction that cover the track's time.

    Args:
        track: with teams assigned.
        period_starts_ms: known starts of periods in this video; without them a video longer than an hour is cut where
            the teams' sides change most clearly, and a shorter one is a single span.
    """
    times_ms, lead_m = side_lead(track)
    if not len(times_ms):
        return []
    start, end = int(track.times_ms[0]), int(track.times_ms[-1]) + 1
    cuts = sorted({int(t) for t in period_starts_ms if start < t < end})
    if not cuts and end - start > TWO_HALVES_MS:
        cuts = _change_of_ends(times_ms, lead_m)
    edges = [start, *cuts, end]
    return [_span(times_ms, lead_m, low, high) for low, high in pairwise(edges)]


def side_lead(track: PlayersTrack) -> tuple[NDArray[np.int64], FloatArray]:
    """(S,) times and (S,) mean x of away minus mean x of home, of samples that show at least two of each."""
    valid = np.isfinite(track.pitch_xy_m[:, 0]) & (track.team >= 0)
    if not valid.any():
        return np.zeros(0, np.int64), np.zeros(0)
    times_ms, sample = np.unique(track.times_ms[valid], return_inverse=True)
    x, team = track.pitch_xy_m[valid, 0], track.team[valid]
    counts = np.stack([np.bincount(sample[team == k], minlength=len(times_ms)) for k in (0, 1)])
    sums = np.stack(
        [np.bincount(sample[team == k], x[team == k], minlength=len(times_ms)) for k in (0, 1)]
    )
    enough = (counts >= 2).all(axis=0)
    means = sums[:, enough] / counts[:, enough]
    return times_ms[enough], means[1] - means[0]


def _change_of_ends(times_ms: NDArray[np.int64], lead_m: FloatArray) -> list[int]:
    """The time in the middle third where a cut makes the two sides' mean leads differ most in opposite signs."""
    low, high = np.quantile(times_ms, [0.3, 0.7])
    inner = np.flatnonzero((times_ms > low) & (times_ms < high))
    if len(inner) < 10:
        return []
    total = np.cumsum(lead_m)
    before = total[inner - 1] / inner
    after = (total[-1] - total[inner - 1]) / (len(lead_m) - inner)
    gain = np.where(np.sign(before) != np.sign(after), np.abs(before - after), 0.0)
    best = int(gain.argmax())
    return [int(times_ms[inner[best]])] if gain[best] > 2.0 else []


def _span(times_ms: NDArray[np.int64], lead_m: FloatArray, start: int, end: int) -> SideSpan:
    inside = lead_m[(times_ms >= start) & (times_ms < end)]
    if not len(inside):
        return SideSpan(start, end, 0, 0.0)
    lead = float(np.median(inside))
    # Samples half a second apart repeat each other: one independent look in about 20 samples.
    looks = max(1.0, len(inside) / 20)
    confidence = float(np.clip(abs(lead) / SURE_M, 0, 1) * (1 - np.exp(-looks / 3)))
    return SideSpan(start, end, int(np.sign(lead)), confidence)
