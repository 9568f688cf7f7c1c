"""Crowds as coarse maps: who stands where, as soft counts on a grid; what the layout vectors share.

A person counts one, split bilinearly between the four nearest cells, so that a step of a metre moves the vector a
little and never jumps.
"""

import numpy as np
from numpy.typing import NDArray

from analysis.core.records import CalibrationTrack, FloatArray, IntArray, PlayersTrack
from analysis.core.vocabulary import ROLES

N_GROUPS = 4
"""Home, away, officials, and people of unknown team."""


def groups_of(players: PlayersTrack) -> IntArray:
    """(N,) group of each row: 0 home, 1 away, 2 officials, 3 unknown."""
    known_team = np.where(players.team >= 0, players.team, 3)
    return np.where(players.role == ROLES.index("referee"), 2, known_team)


def sample_of_rows(players: PlayersTrack, calibrations: CalibrationTrack) -> IntArray:
    """(N,) index of each row's sample on the calibrations' clock, -1 for rows of no sample."""
    times = calibrations.times_ms
    if not len(times):
        return np.full(len(players), -1, np.int64)
    index = np.clip(np.searchsorted(times, players.times_ms), 0, len(times) - 1)
    return np.where(times[index] == players.times_ms, index, -1)


def soft_grid(
    sample: IntArray, group: IntArray, place: FloatArray, n_samples: int, shape: tuple[int, int]
) -> NDArray[np.float32]:
    """Maps of people.

    Args:
        sample: (N,) in [0, n_samples).
        group: (N,) in [0, N_GROUPS).
        place: (N, 2) share of width and height in [0, 1]; clipped.
        n_samples: T.
        shape: (columns, rows).

    Returns:
        (T, N_GROUPS * rows * columns) soft counts, columns fastest; every person adds one in all.
    """
    columns, rows = shape
    grid = np.zeros((n_samples, N_GROUPS, rows, columns), np.float32)
    at = np.clip(place, 0, 1) * np.array([columns, rows]) - 0.5
    low = np.floor(at).astype(np.int64)
    rest = at - low
    for step_x in (0, 1):
        for step_y in (0, 1):
            x = np.clip(low[:, 0] + step_x, 0, columns - 1)
            y = np.clip(low[:, 1] + step_y, 0, rows - 1)
            weight = np.abs(1 - step_x - rest[:, 0]) * np.abs(1 - step_y - rest[:, 1])
            np.add.at(grid, (sample, group, y, x), weight.astype(np.float32))
    return grid.reshape(n_samples, N_GROUPS * rows * columns)


def means_by_sample(sample: IntArray, values: FloatArray, n_samples: int) -> FloatArray:
    """(T, K) mean of (N, K) values over the rows of each sample, 0 for samples without rows."""
    total = np.zeros((n_samples, values.shape[1]))
    np.add.at(total, sample, values)
    count = np.bincount(sample, minlength=n_samples)[:n_samples]
    return np.asarray(total / np.maximum(count, 1)[:, None])


def rate_of(calibrations: CalibrationTrack, default_hz: float = 2.0) -> float:
    """Samples a second of a track, from its median step; the default for fewer than two samples."""
    if len(calibrations) < 2:
        return default_hz
    step_ms = float(np.median(np.diff(calibrations.times_ms)))
    # Steps of whole milliseconds and whole frames wander (480, 520): say 2.0 and not 1.98.
    return round(1000 / step_ms * 2) / 2 or default_hz
