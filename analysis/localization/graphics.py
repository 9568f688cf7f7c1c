"""Station logos, score boards and other graphics that a detector takes for people.

Whatever is drawn over the picture stays at its pixels while the camera turns; its "feet" then run over the pitch with
the camera. Nobody on the grass does both for seconds.
"""

import numpy as np
from numpy.typing import NDArray

from analysis.core.records import PlayersTrack

FloatArray = NDArray[np.float64]
MaskArray = NDArray[np.bool_]

# All four sides of a box stay within this, in pixels of a picture 1280 wide.
STILL_PX = 6.0
# For so many samples, with at most so many others between two of them.
LEAST_SAMPLES, MOST_BETWEEN = 10, 2
# Meanwhile its place on the pitch covers at least this: the camera turned.
LEAST_WAY_M = 4.0
# What else lies as close as this to a graphic is the same graphic.
SAME_PX = 10.0


def without_graphics(players: PlayersTrack, width_px: int) -> PlayersTrack:
    """The track without the boxes of graphics.

    Args:
        players: of one video, rows in time order, with positions where a calibration is known.
        width_px: of the video's pictures.
    """
    return players.some_people(~graphics(players, width_px))


def graphics(players: PlayersTrack, width_px: int) -> MaskArray:
    """(N,) the rows whose box stays at its pixels while its place on the pitch does not."""
    box = players.box_px * (1280 / width_px)
    chains = _chains(box, players.times_ms)
    found = np.zeros(len(box), bool)
    numbers, counts = np.unique(chains, return_counts=True)
    for number in numbers[counts >= LEAST_SAMPLES]:
        rows = np.flatnonzero(chains == number)
        place = players.pitch_xy_m[rows]
        place = place[np.isfinite(place).all(axis=1)]
        if len(place) >= LEAST_SAMPLES and np.ptp(place, axis=0).max() >= LEAST_WAY_M:
            middle = np.median(box[rows], axis=0)
            found |= np.abs(box - middle).max(axis=1) <= SAME_PX
    return found


def _chains(box: FloatArray, times_ms: NDArray[np.int64]) -> NDArray[np.int64]:
    """(N,) number of the chain of boxes, sample after sample, that lie where the chain's mean box does."""
    chains = np.full(len(box), -1, np.int64)
    if not len(box):
        return chains
    begins = np.flatnonzero(np.r_[True, times_ms[1:] != times_ms[:-1]])
    mean, length = np.zeros((0, 4)), np.zeros(0)
    number, last, n_chains = np.zeros(0, np.int64), np.zeros(0, np.int64), 0
    for sample, (begin, end) in enumerate(zip(begins, [*begins[1:], len(box)], strict=True)):
        alive = sample - last <= MOST_BETWEEN + 1
        mean, length, number, last = mean[alive], length[alive], number[alive], last[alive]
        now, at = box[begin:end], np.full(end - begin, -1, np.int64)
        if len(mean):
            apart = np.abs(now[:, None] - mean[None]).max(axis=2)
            best = apart.argmin(axis=1)
            near = apart[np.arange(len(now)), best] <= STILL_PX
            at[near] = best[near]
        goes_on = at >= 0
        into = at[goes_on]
        length[into] += 1
        mean[into] += (now[goes_on] - mean[into]) / length[into, None]
        last[into] = sample
        fresh = np.arange(n_chains, n_chains + int((~goes_on).sum()))
        n_chains += len(fresh)
        chains[begin:end][goes_on] = number[into]
        chains[begin:end][~goes_on] = fresh
        mean = np.concatenate([mean, now[~goes_on]])
        length = np.concatenate([length, np.ones(len(fresh))])
        number = np.concatenate([number, fresh])
        last = np.concatenate([last, np.full(len(fresh), sample)])
    return chains
