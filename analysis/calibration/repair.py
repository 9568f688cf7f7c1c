"""Mending one frame by hand: dragged points and lines move its camera, and the rest of its shot follows.

A person drags marks to where they belong. The camera of that frame is fitted anew with the old one as a weak guide, so
that two or three drags suffice. What was wrong in one frame is mostly wrong in its whole shot (a line taken for its
neighbour), so the correction, a movement of the pitch's own plane, is carried to samples that shared the old error.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import (
    camera_from_homography,
    homography_of,
    project_ground,
    vector_of,
)
from analysis.calibration.refinement import Prior, refine
from analysis.core.homography import ground_from_image, normalised
from analysis.core.pitch import STANDARD_PITCH, PitchSpec
from analysis.core.problems import InputProblem
from analysis.core.records import Calibration, CalibrationTrack

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
METHOD = "by_hand"
_DRAG_SIGMA_PX = 1.5
# How far a repaired camera may be from the old one before the drags must say so: metres, radians, log, bend.
_GUIDE_SIGMA = np.array([15.0, 20.0, 8.0, 0.6, 0.3, 0.05, 0.8, 0.02])


@dataclass(frozen=True, slots=True)
class DraggedPoint:
    """A place of the pitch (metres) and the pixel where it is seen."""

    pitch_xy_m: tuple[float, float]
    pixel: tuple[float, float]


@dataclass(frozen=True, slots=True)
class DraggedLine:
    """A straight mark by name (``PitchSpec.straight_lines``) and two or more pixels on it."""

    mark: str
    pixels: tuple[tuple[float, float], ...]


def repaired(
    calibration: Calibration,
    points: Sequence[DraggedPoint] = (),
    lines: Sequence[DraggedLine] = (),
    *,
    pitch: PitchSpec = STANDARD_PITCH,
) -> Calibration:
    """The calibration that agrees with what was dragged, confidence 1.

    Args:
        calibration: the old one, right or wrong; what the drags leave open stays as it was.
        points, lines: at least one point or line.
        pitch: size of the pitch.

    Raises:
        InputProblem: nothing dragged, an unknown mark, or drags that no camera can satisfy.
    """
    if not points and not lines:
        raise InputProblem(
            "repair_empty", "Nothing was moved: drag a point or a line of the pitch."
        )
    unknown = [line.mark for line in lines if line.mark not in pitch.straight_lines]
    if unknown:
        raise InputProblem(
            "repair_mark_unknown", f"The pitch has no line {unknown[0]!r}; open the tool anew."
        )
    size_px = calibration.image_size_px
    camera = camera_from_homography(calibration.image_from_pitch, size_px)
    if camera is None:
        raise InputProblem(
            "repair_no_camera", "This frame's view cannot be mended: set four points to begin anew."
        )
    start = vector_of(camera)
    scale = size_px[0] / 1280
    ground = np.array([point.pitch_xy_m for point in points], dtype=np.float64).reshape(-1, 2)
    pixels = np.array([point.pixel for point in points], dtype=np.float64).reshape(-1, 2)

    def residuals(vectors: FloatArray, owners: IntArray) -> FloatArray:
        parts = [(project_ground(vectors, ground, size_px) - pixels).reshape(len(vectors), -1)]
        for line in lines:
            ends = project_ground(vectors, pitch.straight_lines[line.mark], size_px)
            parts.append(_distances(ends, np.array(line.pixels, dtype=np.float64)))
        return np.concatenate(parts, axis=1) / (_DRAG_SIGMA_PX * scale)

    vectors, _ = refine(
        start[None], residuals, Prior(start, _GUIDE_SIGMA), n_steps=60, robust_scale=1e4
    )
    left = np.abs(np.nan_to_num(residuals(vectors, np.zeros(1, np.int64)), nan=1e3)).max()
    if left * _DRAG_SIGMA_PX > 25:
        raise InputProblem(
            "repair_contradiction",
            "No camera sees the pitch like this: check that each point was dragged to its own place.",
        )
    return Calibration(homography_of(vectors[0], size_px), size_px, 1.0, "ok", METHOD)


def _distances(ends: FloatArray, pixels: FloatArray) -> FloatArray:
    """Signed distances (B, P) of pixels (P, 2) from the lines through ends (B, 2, 2)."""
    along = ends[:, 1] - ends[:, 0]
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1)
    normal = normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    return np.einsum("bpk,bk->bp", pixels[None] - ends[:, :1], normal)


def carried(
    track: CalibrationTrack,
    index: int,
    mended: Calibration,
    *,
    first: int,
    last: int,
    max_step_m: float = 15.0,
) -> CalibrationTrack:
    """The track with sample ``index`` replaced and its correction carried through the samples of its shot.

    The correction is what moved on the ground under the old view. Walking away from the mended sample in both
    directions, it is applied while neighbouring old views follow each other, and stops where they jump (there the
    old error ends as well) or where a sample has no view.

    Args:
        track: before the repair.
        index: the mended sample.
        mended: its new calibration, of any size.
        first, last: the shot's first and last sample.
        max_step_m: how far the ground under the middle of the picture may move between neighbours of one shot.
    """
    fitted = mended.at_size(track.image_size_px)
    matrices, confidence = track.image_from_pitch.copy(), track.confidence.copy()
    status = track.status.astype("<U7")
    # Without an old view nothing says how far off the neighbours are: then only this sample is mended.
    has_view = bool(np.isfinite(matrices[index]).all())
    correction = np.linalg.inv(matrices[index]) @ fitted.image_from_pitch if has_view else None
    for step in (-1, 1) if correction is not None else ():
        before, row = index, index + step
        while first <= row <= last and np.isfinite(matrices[row]).all():
            if (
                _moved_m(track.image_from_pitch[before], track.image_from_pitch[row], track)
                > max_step_m
            ):
                break
            matrices[row] = normalised(track.image_from_pitch[row] @ correction)
            confidence[row], status[row] = max(0.7, confidence[row]), "ok"
            before, row = row, row + step
    matrices[index], confidence[index], status[index] = fitted.image_from_pitch, 1.0, "ok"
    return replace(track, image_from_pitch=matrices, confidence=confidence, status=status)


def _moved_m(before: FloatArray, after: FloatArray, track: CalibrationTrack) -> float:
    """How far the ground under the middle of the picture moved between two samples, metres."""
    width_px, height_px = track.image_size_px
    middle = np.array([[width_px / 2, height_px * 0.6]])
    ground = [ground_from_image(matrix, middle, track.image_size_px) for matrix in (before, after)]
    moved = float(np.linalg.norm(ground[0] - ground[1]))
    return moved if np.isfinite(moved) else float("inf")
