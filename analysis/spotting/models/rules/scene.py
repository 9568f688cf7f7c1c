"""Everybody's place at every sample as padded arrays, and runs of samples that fulfil a condition."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.core import homography
from analysis.core.pitch import PitchSpec
from analysis.core.records import CalibrationTrack, PlayersTrack
from analysis.core.vocabulary import ROLES

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# Over one second the noise of positions weighs half of what it does over half a second; older places say nothing.
LONGEST_STEP_MS = 1600


@dataclass(frozen=True, slots=True)
class Scene:
    """A video in pitch space; N is the most people of any sample, missing ones are NaN / -1.

    Args:
        times_ms: (T,) samples with a usable calibration.
        xy_m: (T, N, 2) positions.
        team: (T, N) 0, 1 or -1.
        is_referee: (T, N).
        speed: (T, N) metres a second round the sample, by nearest neighbour; NaN when unknown.
        look_m: (T, 2) ground under the middle of the image, NaN when unknown.
        pitch: its size.
    """

    times_ms: IntArray
    xy_m: FloatArray
    team: IntArray
    is_referee: BoolArray
    speed: FloatArray
    look_m: FloatArray
    pitch: PitchSpec

    @property
    def is_person(self) -> BoolArray:
        """(T, N)."""
        return np.isfinite(self.xy_m[..., 0])


def build_scene(players: PlayersTrack, calibrations: CalibrationTrack, pitch: PitchSpec) -> Scene:
    """All samples with a calibration that was not refused."""
    samples = np.flatnonzero(calibrations.usable(0.0))
    times_ms = calibrations.times_ms[samples]
    valid = np.isfinite(players.pitch_xy_m).all(axis=1) & np.isin(players.times_ms, times_ms)
    rows = np.flatnonzero(valid)
    index = np.searchsorted(times_ms, players.times_ms[rows])
    first = np.searchsorted(index, np.arange(len(times_ms)))
    place = np.arange(len(rows)) - first[index] if len(rows) else np.zeros(0, np.int64)
    most = int(place.max()) + 1 if len(rows) else 1
    xy_m = np.full((len(times_ms), most, 2), np.nan)
    team = np.full((len(times_ms), most), -1, np.int64)
    is_referee = np.zeros((len(times_ms), most), bool)
    xy_m[index, place] = players.pitch_xy_m[rows]
    team[index, place] = players.team[rows]
    is_referee[index, place] = players.role[rows] == ROLES.index("referee")
    look_m = _looks(calibrations, samples)
    return Scene(times_ms, xy_m, team, is_referee, _speeds(times_ms, xy_m), look_m, pitch)


def _speeds(times_ms: IntArray, xy_m: FloatArray) -> FloatArray:
    """(T, N) mean of the speeds since about a second before and until a second after, by nearest neighbour."""
    reach = max(1, round(1000 / float(np.median(np.diff(times_ms))))) if len(times_ms) > 1 else 1
    known = np.stack([_speeds_to(times_ms, xy_m, offset) for offset in (-reach, reach)])
    count = np.isfinite(known).sum(axis=0)
    total = np.nan_to_num(known).sum(axis=0)
    speed = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return np.maximum(speed - _jitter(speed), 0.0)


def _jitter(speed: FloatArray) -> float:
    """What noisy positions add to speeds: how far the calmest moments lie above those of exact tracking (0.6 m/s)."""
    seen = np.isfinite(speed).sum(axis=1) >= 6
    if seen.sum() < 120:
        return 0.0
    calmest = float(np.percentile(np.nanmean(speed[seen], axis=1), 3))
    return float(np.clip(calmest - 0.6, 0.0, 0.9))


def _speeds_to(times_ms: IntArray, xy_m: FloatArray, offset: int) -> FloatArray:
    """(T, N) metres a second to the nearest place that was taken ``offset`` samples later (negative: before)."""
    speed = np.full(xy_m.shape[:2], np.nan)
    n_samples = len(times_ms)
    inside = np.arange(max(0, -offset), max(0, min(n_samples, n_samples - offset)))
    for rows in np.array_split(inside, max(1, len(inside) // 512)):
        gap = np.linalg.norm(xy_m[rows, :, None] - xy_m[rows + offset, None], axis=3)
        nearest = np.where(np.isfinite(gap), gap, np.inf).min(axis=2, initial=np.inf)
        step_ms = np.abs(times_ms[rows + offset] - times_ms[rows])
        recent = (step_ms <= LONGEST_STEP_MS)[:, None] & np.isfinite(nearest)
        speed[rows] = np.where(recent, nearest / (step_ms[:, None] / 1000), np.nan)
    return speed


def _looks(calibrations: CalibrationTrack, samples: IntArray) -> FloatArray:
    width_px, height_px = calibrations.image_size_px
    middle = np.array([[width_px / 2, height_px / 2]])
    looks = [
        homography.ground_from_image(
            calibrations.image_from_pitch[i], middle, (width_px, height_px)
        )[0]
        for i in samples
    ]
    return np.array(looks).reshape(-1, 2)


def ramp(value: FloatArray, nothing: float, full: float) -> FloatArray:
    """0 at ``nothing`` and beyond, 1 at ``full`` and beyond, straight in between; NaN is 0."""
    return np.nan_to_num(np.clip((value - nothing) / (full - nothing), 0, 1), nan=0.0)


def runs(condition: BoolArray, times_ms: IntArray, *, max_gap_ms: int) -> list[tuple[int, int]]:
    """(first, last) indices of stretches where the condition holds, bridging shorter failures."""
    hits = np.flatnonzero(condition)
    if not len(hits):
        return []
    breaks = np.flatnonzero(np.diff(times_ms[hits]) > max_gap_ms)
    firsts, lasts = np.r_[hits[0], hits[breaks + 1]], np.r_[hits[breaks], hits[-1]]
    return [(int(a), int(b)) for a, b in zip(firsts, lasts, strict=True)]
