"""Short gaps of tracks filled and marked, paths smoothed."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.core.records import NO_ROLE, NO_TEAM, CalibrationTrack, PlayersTrack
from analysis.core.vocabulary import POSITION_SOURCES
from analysis.localization.motion import smoothed

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

INTERPOLATED = POSITION_SOURCES.index("interpolated")
LEAST_SIGMA_M = 0.35


def with_gaps_filled(
    track: PlayersTrack, ids: IntArray, calibrations: CalibrationTrack, *, max_gap_ms: int
) -> PlayersTrack:
    """The rows under their numbers, at smoothed places, with ``interpolated`` rows in gaps of up to ``max_gap_ms``.

    Gaps are filled at the sample times that have a calibration; whoever stands alone in time keeps the place they had.
    """
    numbered = replace(track, track_id=ids)
    has_view = np.isfinite(calibrations.image_from_pitch).all(axis=(1, 2))
    clock_ms, frames = calibrations.times_ms[has_view], calibrations.frame_indices[has_view]
    places, sigmas = track.pitch_xy_m.copy(), track.sigma_m.copy()
    new: list[dict[str, Any]] = []
    tracked = np.flatnonzero(ids >= 0)
    order = tracked[np.argsort(ids[tracked], kind="stable")]
    _, starts = np.unique(ids[order], return_index=True)
    for rows in np.split(order, starts[1:]) if len(order) else []:
        cuts = np.flatnonzero(np.diff(track.times_ms[rows]) > max_gap_ms) + 1
        for part in np.split(rows, cuts):
            if len(part) > 1:
                new += _one_path(numbered, part, clock_ms, frames, places, sigmas)
    return _inserted(replace(numbered, pitch_xy_m=places, sigma_m=sigmas), new)


def _one_path(
    track: PlayersTrack,
    rows: IntArray,
    clock_ms: IntArray,
    frames: IntArray,
    places: FloatArray,
    sigmas: FloatArray,
) -> list[dict[str, Any]]:
    """Smooth the rows of one unbroken path in place; the rows that its gaps need."""
    seen_ms = track.times_ms[rows]
    low, high = np.searchsorted(clock_ms, [seen_ms[0], seen_ms[-1]])
    times_ms = np.union1d(clock_ms[low:high], seen_ms)
    at = np.searchsorted(times_ms, seen_ms)
    looks, spread = np.full((len(times_ms), 2), np.nan), np.ones(len(times_ms))
    looks[at] = track.pitch_xy_m[rows]
    spread[at] = np.maximum(np.nan_to_num(track.sigma_m[rows], nan=1.0), LEAST_SIGMA_M)
    path, sure = smoothed(times_ms, looks, spread)
    places[rows], sigmas[rows] = path[at], np.minimum(sure[at], track.sigma_m[rows])
    missing = np.setdiff1d(np.arange(len(times_ms)), at)
    found = []
    for i in missing:
        after = int(np.searchsorted(at, i))
        one, other = int(rows[after - 1]), int(rows[after])
        found.append(
            {
                "times_ms": times_ms[i],
                "frame_indices": frames[np.searchsorted(clock_ms, times_ms[i])],
                "track_id": track.track_id[one],
                "box_px": np.full(4, np.nan),
                "score": min(track.score[one], track.score[other]),
                "role": track.role[one] if track.role[one] == track.role[other] else NO_ROLE,
                "team": track.team[one] if track.team[one] == track.team[other] else NO_TEAM,
                "colour_rgb": (track.colour_rgb[one] + track.colour_rgb[other]) / 2,
                "pitch_xy_m": path[i],
                "sigma_m": max(float(sure[i]), 0.5),
                "source": INTERPOLATED,
            }
        )
    return found


def _inserted(track: PlayersTrack, new: list[dict[str, Any]]) -> PlayersTrack:
    if not new:
        return track
    times_ms = np.concatenate([track.times_ms, [row["times_ms"] for row in new]])
    order = np.argsort(times_ms, kind="stable")
    columns = {
        name: np.concatenate(
            [getattr(track, name), np.array([row[name] for row in new], getattr(track, name).dtype)]
        )[order]
        for name in new[0]
    }
    return replace(track, **columns)
