"""Detections and calibrations in, positions in metres out: boxes -> feet -> pitch (algorithms B.1), streaming.

Image frame for boxes, pitch frame for positions. A sample without a usable calibration keeps its people, without
positions; a sample with one loses whoever stands further than ``margin_m`` outside the lines (bench, crowd, boards).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from analysis.core import homography
from analysis.core.pitch import PitchSpec
from analysis.core.records import Calibration, Detections, Frame, PlayersTrack
from analysis.core.vocabulary import POSITION_SOURCES
from analysis.localization.base import Detector

FloatArray = NDArray[np.float64]

# The spread of a foot point round the true one: a share of the box height (labelled frames: median offset 0.03-0.05 of
# it) and of the calibration, in pixels of an image 1280 wide.
FOOT_SHARE = 0.05
# Every detector's score is made so that one half balances misses and false finds. More is kept here, since tracks weed
# out what does not last: whoever is less sure than ``tracks.SURE_SCORE`` only stays as part of somebody's track.
LEAST_SCORE = 0.25
CALIBRATION_PX = {"ok": 2.0, "weak": 6.0}


@dataclass(frozen=True, slots=True)
class GroundPositions:
    """Where the feet of some boxes stand.

    Args:
        pitch_xy_m: (N, 2) metres, NaN where the foot is above the horizon or nothing is calibrated.
        sigma_m: (N,) one standard deviation in metres, NaN likewise.
    """

    pitch_xy_m: FloatArray
    sigma_m: FloatArray


def locate_video(
    samples: Iterable[tuple[Frame, Calibration | None]],
    detector: Detector,
    pitch: PitchSpec,
    *,
    floor: float = 0.0,
    margin_m: float = 3.0,
    least_score: float = LEAST_SCORE,
    batch_size: int = 8,
    on_progress: Callable[[int], None] | None = None,
) -> PlayersTrack:
    """People (and the ball) of a video's samples, in time order.

    Args:
        samples: frames in time order with their calibration or None; read lazily, ``batch_size`` at a time.
        detector: any member of the family.
        pitch: size of the pitch.
        floor: calibrations with a lower confidence, or refused, count as none.
        margin_m: people further outside the lines are dropped.
        least_score: so are people that the detector is less sure of.
        batch_size: frames handed to the detector at once.
        on_progress: told the number of samples done after each batch.
    """
    parts: list[PlayersTrack] = []
    n_done = 0
    for batch in _batches(samples, batch_size):
        frames = [frame for frame, _ in batch]
        views = [_usable(calibration, floor) for _, calibration in batch]
        for frame, view, found in zip(frames, views, detector.detect(frames, views), strict=True):
            parts.append(
                locate_frame(frame, found, view, pitch, margin_m=margin_m, least_score=least_score)
            )
        n_done += len(batch)
        if on_progress is not None:
            on_progress(n_done)
    return concatenate(parts)


def locate_frame(
    frame: Frame,
    found: Detections,
    calibration: Calibration | None,
    pitch: PitchSpec,
    *,
    margin_m: float = 3.0,
    least_score: float = LEAST_SCORE,
) -> PlayersTrack:
    """The rows of one sample; ``calibration`` is None where there is no usable one."""
    ground = ground_positions(found.foot_px, found.box_px[:, 3] - found.box_px[:, 1], calibration)
    keep = (
        pitch.contains(ground.pitch_xy_m, margin_m=margin_m)
        if calibration is not None
        else np.ones(len(found), bool)
    )
    keep &= found.score >= least_score
    n_kept = int(keep.sum())
    ball_px, ball_xy_m, ball_score = _ball(found, calibration, pitch, margin_m)
    return PlayersTrack(
        times_ms=np.full(n_kept, frame.time_ms, np.int64),
        frame_indices=np.full(n_kept, frame.index, np.int64),
        track_id=np.full(n_kept, -1, np.int64),
        box_px=found.box_px[keep].astype(np.float64),
        score=found.score[keep].astype(np.float64),
        role=found.role[keep].astype(np.int64),
        team=np.full(n_kept, -1, np.int64),
        colour_rgb=found.colour_rgb[keep].astype(np.float64),
        pitch_xy_m=ground.pitch_xy_m[keep],
        sigma_m=ground.sigma_m[keep],
        source=np.full(n_kept, POSITION_SOURCES.index("detected"), np.int64),
        ball_times_ms=np.full(len(ball_px), frame.time_ms, np.int64),
        ball_xy_m=ball_xy_m,
        ball_px=ball_px,
        ball_score=ball_score,
    )


def ground_positions(
    foot_px: FloatArray, height_px: FloatArray, calibration: Calibration | None
) -> GroundPositions:
    """Feet (N, 2) of boxes ``height_px`` (N,) tall on the pitch, with the spread that pixels and distance give them."""
    n_people = len(foot_px)
    if calibration is None or not n_people:
        return GroundPositions(np.full((n_people, 2), np.nan), np.full(n_people, np.nan))
    pitch_xy_m = calibration.to_pitch(foot_px)
    spread_px = CALIBRATION_PX.get(calibration.status, 6.0) * calibration.image_size_px[0] / 1280
    sigma_px = np.hypot(FOOT_SHARE * height_px, spread_px)
    return GroundPositions(pitch_xy_m, sigma_px * metres_per_pixel(foot_px, calibration))


def metres_per_pixel(foot_px: FloatArray, calibration: Calibration) -> FloatArray:
    """(N,) how far a position moves (root of summed squares over both image axes) when a foot moves one pixel."""
    return np.sqrt(np.sum(_ground_slope(foot_px, calibration) ** 2, axis=(1, 2)))


def spread_on_ground(
    pitch_xy_m: FloatArray, sigma_m: FloatArray, calibration: Calibration
) -> FloatArray:
    """(N, 2, 2) covariances of places whose spread in all is ``sigma_m`` (N,): wide along the view, narrow across."""
    front = homography.facing(calibration.image_from_pitch, calibration.image_size_px)
    slope = _ground_slope(homography.project(front, pitch_xy_m), calibration)
    shape = slope @ np.swapaxes(slope, 1, 2)
    whole = np.trace(shape, axis1=1, axis2=2)[:, None, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        shape = shape / whole
    return np.square(sigma_m)[:, None, None] * np.where(np.isfinite(shape), shape, np.eye(2) / 2)


def _ground_slope(foot_px: FloatArray, calibration: Calibration) -> FloatArray:
    """(N, 2, 2) d(pitch)/d(pixel), image axes last."""
    front = homography.facing(calibration.image_from_pitch, calibration.image_size_px)
    inverse = np.linalg.inv(front)
    rays = foot_px @ inverse[:, :2].T + inverse[:, 2]  # (N, 3)
    with np.errstate(divide="ignore", invalid="ignore"):
        ground = rays[:, :2] / rays[:, 2:]
        # Of a projective map: (a_k - ground * c_k) / weight for image axis k.
        slope = (inverse[None, :2, :2] - ground[:, :, None] * inverse[None, 2:, :2]) / rays[
            :, 2:, None
        ]
    return np.asarray(slope)


def concatenate(parts: list[PlayersTrack]) -> PlayersTrack:
    """Rows of several tracks after each other (they must follow each other in time)."""
    if not parts:
        return PlayersTrack.empty()
    return PlayersTrack(
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in PlayersTrack.__dataclass_fields__
        }
    )


def _usable(calibration: Calibration | None, floor: float) -> Calibration | None:
    if calibration is None or calibration.status == "refused" or calibration.confidence < floor:
        return None
    return calibration


def _batches(
    samples: Iterable[tuple[Frame, Calibration | None]], size: int
) -> Iterator[list[tuple[Frame, Calibration | None]]]:
    source = iter(samples)
    while batch := list(islice(source, size)):
        yield batch


def _ball(
    found: Detections, calibration: Calibration | None, pitch: PitchSpec, margin_m: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(B, 2) pixels, (B, 2) metres, (B,) score with B 0 or 1."""
    if found.ball_px is None:
        return np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0)
    pixel = np.asarray(found.ball_px, np.float64)[None, :2]
    place = calibration.to_pitch(pixel) if calibration is not None else np.full((1, 2), np.nan)
    if calibration is not None and not pitch.contains(place, margin_m=margin_m + 5.0)[0]:
        place = np.full((1, 2), np.nan)  # in the air or misread: a pixel without a place
    return pixel, place, np.array([float(found.ball_px[2])])
