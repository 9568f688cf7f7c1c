"""The same person from sample to sample, in metres: assignment gated by human speed and kit colour.

A track lives within continuous calibrated time: it ends when samples lack positions for longer than the gap allowed. At
two samples a second people move up to 4.5 m between samples, so prediction (damped constant velocity) matters.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from analysis.core.records import NO_ROLE, NO_TEAM, CalibrationTrack, PlayersTrack
from analysis.core.vocabulary import POSITION_SOURCES
from analysis.localization.team_colours import lab

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FASTEST_M_PER_S = 9.5
VELOCITY_DAMPING = 0.7
COLOUR_UNIT = 20.0  # weighted Lab units that weigh as much as one metre
OTHER_KIT = 2.4  # in those units: nobody changes shirts
FORBIDDEN = 1e6
INTERPOLATED = POSITION_SOURCES.index("interpolated")


@dataclass(slots=True)
class _Live:
    """A track under way: its id, rows so far, and last time, place, velocity and colour."""

    track_id: int
    time_ms: int
    place: FloatArray
    colour: FloatArray
    velocity: FloatArray = field(default_factory=lambda: np.zeros(2))
    last_row: int = -1


def track_players(
    track: PlayersTrack,
    calibrations: CalibrationTrack,
    *,
    max_gap_ms: int = 2100,
    first_id: int = 1,
) -> PlayersTrack:
    """The rows with ``track_id`` set, and rows marked ``interpolated`` where a person was missed in between.

    Args:
        track: detected rows; those without a position stay untracked (-1).
        calibrations: its clock tells which samples exist; gaps are filled at sample times with a position frame only.
        max_gap_ms: a track survives, and is filled, over missing samples up to this long.
        first_id: the number the first track gets.
    """
    placed = np.flatnonzero(np.isfinite(track.pitch_xy_m).all(axis=1))
    ids = np.full(len(track), -1, np.int64)
    if not len(placed):
        return replace(track, track_id=ids)
    colours = lab(track.colour_rgb)
    gaps: list[tuple[int, int]] = []
    live: list[_Live] = []
    next_id = first_id
    times_ms, starts = np.unique(track.times_ms[placed], return_index=True)
    for time_ms, rows in zip(times_ms, np.split(placed, starts[1:]), strict=True):
        live = [one for one in live if time_ms - one.time_ms <= max_gap_ms]
        matched = _assign(live, rows, int(time_ms), track, colours)
        for row, one in zip(rows, matched, strict=True):
            if one is None:
                one = _Live(next_id, int(time_ms), track.pitch_xy_m[row], colours[row])
                next_id += 1
                live.append(one)
            else:
                gaps.append((one.last_row, int(row)))
                _advance(one, int(time_ms), track.pitch_xy_m[row], colours[row])
            one.last_row = int(row)
            ids[row] = one.track_id
    return _with_gaps_filled(replace(track, track_id=ids), calibrations, gaps)


def _assign(
    live: list[_Live], rows: IntArray, time_ms: int, track: PlayersTrack, colours: FloatArray
) -> list[_Live | None]:
    """For each row the live track it continues, or None."""
    if not live:
        return [None] * len(rows)
    seconds = np.array([(time_ms - one.time_ms) / 1000 for one in live])
    last = np.stack([one.place for one in live])
    ahead = last + VELOCITY_DAMPING * seconds[:, None] * np.stack([one.velocity for one in live])
    places = track.pitch_xy_m[rows]
    slack = 1.0 + 2 * np.minimum(np.nan_to_num(track.sigma_m[rows], nan=1.0), 1.5)
    moved = np.linalg.norm(places[None] - last[:, None], axis=2)
    cost = np.linalg.norm(places[None] - ahead[:, None], axis=2)
    looks = np.stack([one.colour for one in live])
    unlike = np.linalg.norm(colours[rows][None] - looks[:, None], axis=2) / COLOUR_UNIT
    cost = cost + np.nan_to_num(unlike, nan=0.5)
    cost[np.nan_to_num(unlike, nan=0.0) > OTHER_KIT] = FORBIDDEN
    cost[moved > FASTEST_M_PER_S * seconds[:, None] + slack[None]] = FORBIDDEN
    matched: list[_Live | None] = [None] * len(rows)
    for i, j in zip(*linear_sum_assignment(cost), strict=True):
        if cost[i, j] < FORBIDDEN:
            matched[j] = live[i]
    return matched


def _advance(one: _Live, time_ms: int, place: FloatArray, colour: FloatArray) -> None:
    seconds = max((time_ms - one.time_ms) / 1000, 1e-3)
    seen = (place - one.place) / seconds
    speed = float(np.linalg.norm(seen))
    if speed > FASTEST_M_PER_S:
        seen = seen * (FASTEST_M_PER_S / speed)
    one.velocity = 0.5 * one.velocity + 0.5 * seen
    if np.isfinite(colour).all():
        one.colour = 0.8 * one.colour + 0.2 * colour if np.isfinite(one.colour).all() else colour
    one.time_ms, one.place = time_ms, place


def _with_gaps_filled(
    track: PlayersTrack, calibrations: CalibrationTrack, gaps: list[tuple[int, int]]
) -> PlayersTrack:
    """Rows between the two ends of each gap, at the sample times inside it that have a calibration."""
    if not gaps:
        return track
    pairs = np.array(gaps, np.int64)
    has_view = np.isfinite(calibrations.image_from_pitch).all(axis=(1, 2))
    clock_ms, clock_frames = calibrations.times_ms[has_view], calibrations.frame_indices[has_view]
    low = np.searchsorted(clock_ms, track.times_ms[pairs[:, 0]], "right")
    high = np.searchsorted(clock_ms, track.times_ms[pairs[:, 1]], "left")
    n_missing = np.maximum(high - low, 0)
    if not n_missing.any():
        return track
    before, after = (np.repeat(pairs[:, k], n_missing) for k in (0, 1))
    starts = np.repeat(np.cumsum(n_missing) - n_missing, n_missing)
    sample = np.repeat(low, n_missing) + np.arange(len(before)) - starts
    return _inserted(track, before, after, clock_ms[sample], clock_frames[sample])


def _inserted(
    track: PlayersTrack, before: IntArray, after: IntArray, times_ms: IntArray, frames: IntArray
) -> PlayersTrack:
    span = (track.times_ms[after] - track.times_ms[before]).astype(np.float64)
    share = ((times_ms - track.times_ms[before]) / span)[:, None]
    n_new = len(times_ms)
    new = {
        "times_ms": times_ms,
        "frame_indices": frames,
        "track_id": track.track_id[before],
        "box_px": np.full((n_new, 4), np.nan),
        "score": np.minimum(track.score[before], track.score[after]),
        "role": np.where(track.role[before] == track.role[after], track.role[before], NO_ROLE),
        "team": np.where(track.team[before] == track.team[after], track.team[before], NO_TEAM),
        "colour_rgb": (track.colour_rgb[before] + track.colour_rgb[after]) / 2,
        "pitch_xy_m": (1 - share) * track.pitch_xy_m[before] + share * track.pitch_xy_m[after],
        "sigma_m": np.hypot(np.maximum(track.sigma_m[before], track.sigma_m[after]), 0.5),
        "source": np.full(n_new, INTERPOLATED, np.int64),
    }
    order = np.argsort(np.concatenate([track.times_ms, times_ms]), kind="stable")
    columns = {
        name: np.concatenate([getattr(track, name), values])[order] for name, values in new.items()
    }
    return replace(track, **columns)
