"""A video as rows that a grounding network reads: what is on air and what was spotted, twice a second."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.core.records import ActionSpot, CameraShot
from analysis.core.vocabulary import CAMERAS, SOCCERNET_V2, TRANSITIONS

FloatArray = NDArray[np.float32]

RATE_HZ = 2.0
_REPLAY = len(CAMERAS)
_CUT = _REPLAY + 1
_SPOT = _CUT + len(TRANSITIONS)
N_FEATURES = _SPOT + len(SOCCERNET_V2)


def rows_of(shots: Sequence[CameraShot], spots: Sequence[ActionSpot]) -> FloatArray:
    """(T, N_FEATURES): camera, replay or not, transition where a shot begins, confidence of each class's spots."""
    n_rows = row_at(shots[-1].end_ms) + 1 if shots else 0
    rows = np.zeros((n_rows, N_FEATURES), np.float32)
    for shot in shots:
        part = slice(row_at(shot.start_ms), max(row_at(shot.end_ms), row_at(shot.start_ms) + 1))
        rows[part, :_SPOT] = 0.0
        rows[part, CAMERAS.index(shot.camera)] = 1.0
        rows[part, _REPLAY] = shot.is_replay
        rows[part.start, _CUT + TRANSITIONS.index(shot.transition)] = 1.0
    for spot in spots:
        at, column = row_at(spot.position_ms), _SPOT + SOCCERNET_V2.index(spot.label)
        if 0 <= at < n_rows:
            rows[at, column] = max(rows[at, column], spot.confidence)
    return rows


def row_at(time_ms: float) -> int:
    """The row that speaks of a time."""
    return int(time_ms * RATE_HZ / 1000)


def window_of(rows: FloatArray, start: int, n_rows: int) -> FloatArray:
    """(n_rows, N_FEATURES) from ``start`` on; nothing is known beyond the ends."""
    window = np.zeros((n_rows, rows.shape[1]), np.float32)
    first, last = max(0, start), min(len(rows), start + n_rows)
    if last > first:
        window[first - start : last - start] = rows[first:last]
    return window


def tiled(rows: FloatArray, start: int, stop: int, n_rows: int) -> FloatArray:
    """(n_rows, N_FEATURES): a replay repeated while a whole copy fits, zeros behind (algorithms N.3)."""
    clip = rows[max(0, start) : min(max(stop, start + 1), start + n_rows, len(rows))]
    out = np.zeros((n_rows, rows.shape[1]), np.float32)
    if len(clip):
        copies = n_rows // len(clip)
        out[: copies * len(clip)] = np.tile(clip, (copies, 1))
    return out
