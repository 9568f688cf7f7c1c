"""Which of the balls that were seen are believed: no ball rather than a guess.

A white mark looks like a ball at rest and a head like one in the air. A spot that nobody stands near is a mark, and a
penalty mark stays one when somebody comes by; of the rest the most trustworthy chain is kept in which every step is
one that a ball can make.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import PitchSpec
from analysis.core.records import PlayersTrack

FloatArray = NDArray[np.float64]

SPOT_REACH_M, ALONE_M = 0.8, 3.0
# A penalty mark taken for the ball is seen again within this time, whoever stands beside it by then.
MARK_RETURNS_MS = 5000
# The hardest shots fly at 35 m/s; a place read through a view adds a few metres, more for a ball in the air.
FASTEST_M_S, SLACK_M = 35.0, 4.0
FASTEST_WIDTHS_S, SLACK_WIDTHS = 0.9, 0.06
# After this long the ball may be anywhere.
MEMORY_MS = 2500
# A ball that no other supports is kept when the detector was this sure.
SURE_ALONE = 0.8
# A cut makes impossible steps too: one is taken where the balls after it are worth more than this together.
JUMP_COST = 1.5
_LOOKBACK = 12


def believed_balls(track: PlayersTrack, pitch: PitchSpec, image_width_px: int) -> PlayersTrack:
    """The track without balls that are marks or that no ball could have reached; people stay as they are.

    Args:
        track: people with places where they are known, balls in pixels and, where a view is known, in metres.
        pitch: where the spots are.
        image_width_px: of the video, for speeds where nothing is calibrated.
    """
    if not len(track.ball_times_ms):
        return track
    keep = ~_is_mark(track, pitch)
    kept = np.flatnonzero(keep)
    keep[kept] = _best_chain(track, kept, image_width_px)
    return replace(
        track,
        ball_times_ms=track.ball_times_ms[keep],
        ball_xy_m=track.ball_xy_m[keep],
        ball_px=track.ball_px[keep],
        ball_score=track.ball_score[keep],
    )


def _is_mark(track: PlayersTrack, pitch: PitchSpec) -> NDArray[np.bool_]:
    """(B,) whether a ball lies on the centre or a penalty spot with nobody beside it, or on a penalty mark that was
    taken for the ball while nobody was.

    The centre spot is told apart sample by sample only: there the ball does lie, first alone, then with somebody.
    """
    found = np.zeros(len(track.ball_times_ms), bool)
    for name, spot in pitch.spots.items():
        apart = np.linalg.norm(track.ball_xy_m - spot, axis=1)
        on_spot = np.flatnonzero(np.nan_to_num(apart, nan=np.inf) <= SPOT_REACH_M)
        times_ms = track.ball_times_ms[on_spot]
        alone = np.array([_is_alone(track, int(t), spot) for t in times_ms], bool)
        if name != "centre_spot" and len(on_spot):
            run = np.cumsum(np.diff(times_ms, prepend=times_ms[0]) > MARK_RETURNS_MS)
            alone = np.bincount(run, alone)[run] > 0
        found[on_spot] = alone
    return found


def _is_alone(track: PlayersTrack, time_ms: int, spot: FloatArray) -> bool:
    people = track.pitch_xy_m[track.rows_at(time_ms)]
    return not (np.linalg.norm(people - spot, axis=1) < ALONE_M).any()


def _best_chain(
    track: PlayersTrack, rows: NDArray[np.int64], image_width_px: int
) -> NDArray[np.bool_]:
    """(len(rows),) the chain of balls with the highest sum of scores less what its impossible steps cost."""
    times, scores = track.ball_times_ms[rows], track.ball_score[rows]
    total, before = scores.astype(np.float64).copy(), np.full(len(rows), -1)
    for i in range(len(rows)):
        best, choice = 0.0, -1
        for j in range(max(0, i - _LOOKBACK), i):
            possible = _is_possible(track, int(rows[j]), int(rows[i]), image_width_px)
            worth = float(total[j]) - (0.0 if possible else JUMP_COST)
            if worth > best:
                best, choice = worth, j
        total[i] += best
        before[i] = choice
    chain = np.zeros(len(rows), bool)
    i = int(total.argmax()) if len(rows) else -1
    while i >= 0:
        chain[i] = True
        i = int(before[i])
    return chain & _is_supported(times, scores, chain)


def _is_possible(track: PlayersTrack, one: int, other: int, image_width_px: int) -> bool:
    passed_ms = int(track.ball_times_ms[other] - track.ball_times_ms[one])
    if passed_ms > MEMORY_MS:
        return True
    way = track.ball_xy_m[other] - track.ball_xy_m[one]
    if np.isfinite(way).all():
        return bool(np.linalg.norm(way) <= FASTEST_M_S * passed_ms / 1000 + SLACK_M)
    across = float(np.linalg.norm(track.ball_px[other] - track.ball_px[one])) / image_width_px
    return across <= FASTEST_WIDTHS_S * passed_ms / 1000 + SLACK_WIDTHS


def _is_supported(
    times_ms: NDArray[np.int64], score: FloatArray, chain: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether a ball of the chain has another within ``MEMORY_MS``, or is sure enough alone."""
    index = np.flatnonzero(chain)
    gaps = np.diff(times_ms[index])
    far = np.full(1, MEMORY_MS + 1)
    nearest = np.minimum(np.concatenate([far, gaps]), np.concatenate([gaps, far]))
    supported = np.zeros(len(chain), bool)
    supported[index] = (nearest <= MEMORY_MS) | (score[index] >= SURE_ALONE)
    return supported
