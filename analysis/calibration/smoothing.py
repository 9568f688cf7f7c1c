"""Calibrations of one continuous shot made to agree: one tripod, a head that turns smoothly, no say for a bad frame.

Three steps, each robust: cut the track where the view jumps; share the camera's place over each piece by a weighted
median and re-aim every frame from there; then judge each frame by where its neighbours say it looks. A frame that
disagrees with neighbours that agree with each other is replaced between them and called ``weak``; it never moves them,
since every frame is re-aimed on its own calibration alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import (
    LOG_FOCAL,
    PAN,
    TILT,
    camera_from_homography,
    ground_of_pixels,
    homography_of,
    project_ground,
    vector_of,
)
from analysis.calibration.confidence import status_of
from analysis.calibration.refinement import Prior, refine
from analysis.core.homography import normalised
from analysis.core.pitch import STANDARD_PITCH, PitchSpec
from analysis.core.records import CalibrationTrack

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
_UNIT_HEIGHT = 9 / 16


@dataclass(frozen=True, slots=True)
class SmoothingSettings:
    """When frames belong together and when one is wrong.

    Args:
        max_gap_ms: a longer pause between usable samples ends a piece.
        max_step_rad: a larger turn between neighbouring samples ends a piece.
        max_zoom_step, max_place_step_m: larger changes of log focal length or of the camera's place likewise.
        min_frames: shorter pieces share no place.
        place_sigma_m: how far the median place may be wrong; frames may differ from it that much.
        outlier_px: a frame whose ground lies further from where its neighbours put it, at 1280 wide, than their own
            turning explains, is replaced.
        weak_factor: what is left of the confidence of a replaced frame.
    """

    max_gap_ms: int = 2500
    max_step_rad: float = 0.35
    max_zoom_step: float = 0.7
    max_place_step_m: float = 15.0
    min_frames: int = 5
    place_sigma_m: float = 0.2
    outlier_px: float = 40.0
    weak_factor: float = 0.5


def smoothed(
    track: CalibrationTrack,
    *,
    cuts_ms: Sequence[int] = (),
    pitch: PitchSpec = STANDARD_PITCH,
    settings: SmoothingSettings | None = None,
) -> CalibrationTrack:
    """The track with one place a shot and without single bad frames; refused samples stay as they are.

    Args:
        track: of one video.
        cuts_ms: known beginnings of shots, beside the cuts that the views themselves tell.
        pitch: size of the pitch.
        settings: see ``SmoothingSettings``.
    """
    settings = settings or SmoothingSettings()
    size_px = track.image_size_px
    matrices, confidence = track.image_from_pitch.copy(), track.confidence.copy()
    status = track.status.astype("<U7")
    views = {int(i): _vector(track, int(i)) for i in np.flatnonzero(track.usable(0.0))}
    vectors = {i: vector for i, vector in views.items() if vector is not None}
    for piece in _pieces(track.times_ms, vectors, cuts_ms, settings):
        if len(piece) < settings.min_frames:
            continue
        weight = np.maximum(track.confidence[piece], 1e-3)
        aimed = _from_one_place(np.stack([vectors[i] for i in piece]), weight, pitch, settings)
        replaced = _outliers(aimed, track.times_ms[piece], pitch, settings)
        for row, index in enumerate(piece):
            vector = replaced.get(row, aimed[row])
            matrices[index] = normalised(homography_of(vector, size_px))
            if row in replaced:
                confidence[index] *= settings.weak_factor
                state = status_of(float(confidence[index]))
                status[index] = "weak" if state == "ok" else state
    return replace(track, image_from_pitch=matrices, confidence=confidence, status=status)


def _vector(track: CalibrationTrack, index: int) -> FloatArray | None:
    camera = camera_from_homography(track.image_from_pitch[index], track.image_size_px)
    if camera is None or camera.position_m[2] <= 0:
        return None
    return vector_of(camera)


def _pieces(
    times_ms: IntArray,
    vectors: dict[int, FloatArray],
    cuts_ms: Sequence[int],
    settings: SmoothingSettings,
) -> list[IntArray]:
    """Runs of sample indices without a cut between; a single wild frame does not end a run."""

    def joins(before: int, after: int, *, allowance: float = 1.0) -> bool:
        begun, now = int(times_ms[before]), int(times_ms[after])
        if now - begun > allowance * settings.max_gap_ms:
            return False
        if any(begun < cut <= now for cut in cuts_ms):
            return False
        step = np.abs(vectors[after] - vectors[before])
        return bool(
            max(step[PAN], step[TILT]) < allowance * settings.max_step_rad
            and step[LOG_FOCAL] < allowance * settings.max_zoom_step
            and step[:2].max() < settings.max_place_step_m
        )

    runs: list[list[int]] = []
    for index in sorted(vectors):
        if runs and joins(runs[-1][-1], index):
            runs[-1].append(index)
        elif len(runs) > 1 and len(runs[-1]) == 1 and joins(runs[-2][-1], index, allowance=2.0):
            wild = runs.pop()
            runs[-1] += [*wild, index]
        else:
            runs.append([index])
    return [np.array(run, np.int64) for run in runs]


def _from_one_place(
    vectors: FloatArray, weight: FloatArray, pitch: PitchSpec, settings: SmoothingSettings
) -> FloatArray:
    """(N, 8) cameras of one piece, re-aimed from the weighted median of their places."""
    place = np.array([_weighted_median(vectors[:, k], weight) for k in range(3)])
    roll = _weighted_median(vectors[:, 5], weight)
    grids = [_ground_in_view(vector, pitch) for vector in vectors]
    aimed = vectors.copy()
    for row, (vector, ground) in enumerate(zip(vectors, grids, strict=True)):
        if len(ground) < 4:
            continue
        target = project_ground(vector[None], ground, (1, 1))[0]

        def residuals(
            moved: FloatArray,
            owners: IntArray,
            ground: FloatArray = ground,
            target: FloatArray = target,
        ) -> FloatArray:
            apart = project_ground(moved, ground, (1, 1)) - target
            return (apart * (1280 / 4.0)).reshape(len(moved), -1)

        start = vector.copy()
        start[:3], start[5] = place, roll
        start[PAN] += np.arctan2(*(ground.mean(axis=0) - place[:2])) - np.arctan2(
            *(ground.mean(axis=0) - vector[:2])
        )
        sigma = np.array([settings.place_sigma_m] * 3 + [np.inf, np.inf, 0.003, np.inf, 0.002])
        mean = np.array([*place, 0, 0, roll, 0, vector[7]])
        aimed[row] = refine(
            np.stack([start, vector]), residuals, Prior(mean, sigma), n_steps=12, robust_scale=1e3
        )[0][0]
    return aimed


def _weighted_median(values: FloatArray, weight: FloatArray) -> float:
    order = np.argsort(values)
    share = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(share, share[-1] / 2)])


def _ground_in_view(vector: FloatArray, pitch: PitchSpec) -> FloatArray:
    x, y = np.meshgrid(np.linspace(0.03, 0.97, 7), 0.5 + np.linspace(-0.47, 0.47, 6) * _UNIT_HEIGHT)
    ground = ground_of_pixels(vector, np.column_stack([x.ravel(), y.ravel()]), (1, 1))
    return np.asarray(ground[pitch.contains(ground, margin_m=4.0)])


def _outliers(
    vectors: FloatArray, times_ms: IntArray, pitch: PitchSpec, settings: SmoothingSettings
) -> dict[int, FloatArray]:
    """Row -> the camera between its neighbours, for rows that disagree with neighbours that agree with each other.

    The worst row goes first and no longer counts as a neighbour, so that it cannot accuse those beside it.
    """
    good = list(range(len(vectors)))
    replaced: dict[int, FloatArray] = {}
    if np.isinf(settings.outlier_px):
        return replaced
    while len(good) > settings.min_frames:
        excess = []
        for place in range(1, len(good) - 1):
            before, row, after = good[place - 1 : place + 2]
            between = _between(vectors, times_ms, before, row, after)
            # a head that starts or stops turning leaves the middle by up to half of its neighbours' distance
            allowed = 0.75 * _apart_px(vectors[before], vectors[after], pitch)
            excess.append(_apart_px(vectors[row], between, pitch) - allowed)
        worst = int(np.argmax(excess))
        if not excess[worst] > settings.outlier_px:
            break
        before, row, after = good[worst : worst + 3]
        replaced[row] = _between(vectors, times_ms, before, row, after)
        good.remove(row)
    return replaced


def _between(
    vectors: FloatArray, times_ms: IntArray, before: int, row: int, after: int
) -> FloatArray:
    share = (times_ms[row] - times_ms[before]) / (times_ms[after] - times_ms[before])
    return np.asarray(vectors[before] + share * (vectors[after] - vectors[before]))


def _apart_px(one: FloatArray, other: FloatArray, pitch: PitchSpec) -> float:
    """Median distance, in pixels at 1280 wide, between where two cameras put the ground that either sees."""
    distances = [
        np.linalg.norm(
            project_ground(a[None], ground, (1, 1))[0] - project_ground(b[None], ground, (1, 1))[0],
            axis=1,
        )
        for a, b in ((one, other), (other, one))
        for ground in (_ground_in_view(a, pitch),)
        if len(ground)
    ]
    if not distances:
        return float("inf")
    return float(np.median(np.nan_to_num(np.concatenate(distances), nan=1.0)) * 1280)
