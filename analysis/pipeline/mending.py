"""A camera mended by hand in one sample: its shot follows, and everybody in it stands where the new view says.

Works on what a finished analysis left behind, without decoding a picture. People whom the wrong camera had put off the
pitch were dropped when they were located; they come back with a new analysis only.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.repair import DraggedLine, DraggedPoint, carried, repaired
from analysis.core import homography
from analysis.core.pitch import PitchSpec
from analysis.core.problems import InputProblem
from analysis.core.records import Calibration, CalibrationTrack
from analysis.localization.locator import ground_positions

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
# Whoever stands further outside the lines than this is not on the pitch, as when people are located.
MARGIN_M = 3.0


@dataclass(frozen=True, slots=True)
class Places:
    """People, balls or events as the old view had them.

    Args:
        times_ms: (N,) times of the samples they belong to.
        pitch_xy_m: (N, 2) metres, NaN where there was none.
        foot_px: (N, 2) pixel of the feet, NaN where nobody was detected.
        height_px: (N,) height of the box, NaN likewise.
        sigma_m: (N,) metres, NaN where unknown.
    """

    times_ms: IntArray
    pitch_xy_m: FloatArray
    foot_px: FloatArray
    height_px: FloatArray
    sigma_m: FloatArray


@dataclass(frozen=True, slots=True)
class Mended:
    """The same track with a shot's views replaced.

    Args:
        track: all samples.
        first, last: index of the first and last sample that changed.
        index: the sample that was mended by hand.
    """

    track: CalibrationTrack
    first: int
    last: int
    index: int


def mend(
    track: CalibrationTrack,
    time_ms: int,
    points: Sequence[DraggedPoint],
    lines: Sequence[DraggedLine],
    *,
    shot_ms: tuple[int, int],
    pitch: PitchSpec,
) -> Mended:
    """Mend the sample nearest to a time and let the samples of its shot follow.

    Args:
        track: a video's calibrations.
        time_ms: of the frozen picture.
        points, lines: what was dragged, in pixels of the video.
        shot_ms: begin (included) and end (excluded) of the shot.
        pitch: size of the pitch.

    Raises:
        InputProblem: ``repair_no_sample``, ``repair_no_start``, and those of ``repaired``.
    """
    index = track.nearest(time_ms, 2_000)
    if index is None:
        raise InputProblem(
            "repair_no_sample", "The analysis looked at no picture here; choose another moment."
        )
    mended = repaired(_start(track, index), points, lines, pitch=pitch)
    inside = np.flatnonzero((track.times_ms >= shot_ms[0]) & (track.times_ms < shot_ms[1]))
    first, last = (int(inside[0]), int(inside[-1])) if len(inside) else (index, index)
    done = carried(track, index, mended, first=min(first, index), last=max(last, index))
    same = (done.image_from_pitch == track.image_from_pitch) | (
        np.isnan(done.image_from_pitch) & np.isnan(track.image_from_pitch)
    )
    changed = np.flatnonzero(~same.all(axis=(1, 2)) | (done.status != track.status))
    ends = (int(changed[0]), int(changed[-1])) if len(changed) else (index, index)
    return Mended(done, *ends, index)


def _start(track: CalibrationTrack, index: int) -> Calibration:
    """The sample's own view; where it has none, the nearest sample's that has one."""
    finite = np.flatnonzero(np.isfinite(track.image_from_pitch).all(axis=(1, 2)))
    if not len(finite):
        raise InputProblem(
            "repair_no_start",
            "No picture of this video shows the pitch, so there is no view to mend; upload a file that does.",
        )
    nearest = int(finite[np.argmin(np.abs(finite - index))])
    start = track.row(nearest)
    assert start is not None
    return start


def replaced(places: Places, before: CalibrationTrack, mended: Mended, pitch: PitchSpec) -> Places:
    """Places under the new views: a known place keeps its pixel, a person without one stands where the feet are.

    Rows of unchanged samples stay as they are; whoever then stands off the pitch has no place.
    """
    after = mended.track
    sample = np.clip(np.searchsorted(before.times_ms, places.times_ms, "right") - 1, 0, None)
    xy, sigma = places.pitch_xy_m.copy(), places.sigma_m.copy()
    for i in range(mended.first, mended.last + 1):
        rows = np.flatnonzero(sample == i)
        view = after.row(i)
        if not len(rows) or view is None:
            continue
        old = before.image_from_pitch[i]
        known = rows[np.isfinite(xy[rows]).all(axis=1)]
        if np.isfinite(old).all() and len(known):
            pixels = homography.project(homography.facing(old, before.image_size_px), xy[known])
            xy[known] = view.to_pitch(pixels)
        unknown = np.setdiff1d(rows, known)
        standing = unknown[np.isfinite(places.foot_px[unknown]).all(axis=1)]
        ground = ground_positions(places.foot_px[standing], places.height_px[standing], view)
        xy[standing], sigma[standing] = ground.pitch_xy_m, ground.sigma_m
        xy[rows] = np.where(pitch.contains(xy[rows], margin_m=MARGIN_M)[:, None], xy[rows], np.nan)
    return Places(places.times_ms, xy, places.foot_px, places.height_px, sigma)
