"""A panning camera on one tripod: noise shrinks, one bad frame is replaced and moves nobody, cuts stay cuts."""

import numpy as np
import pytest

from analysis.calibration.cameras import (
    camera_from_homography,
    homography_of,
    project_ground,
)
from analysis.calibration.smoothing import smoothed
from analysis.core.homography import ground_from_image, normalised
from analysis.core.records import CalibrationTrack

SIZE = (1280, 720)
PLACE = [1.0, -66.0, 17.0]


def pan_shot(n_frames=16, first_pan=-0.4, zoom=0.4):
    """(N, 8) cameras that pan to the right and zoom in a little."""
    rows = []
    for k in range(n_frames):
        rows.append([*PLACE, first_pan + 0.05 * k, 0.25, 0.0, zoom + 0.01 * k, 0.0])
    return np.array(rows)


def wobbling(vectors, rng):
    """The place errs by metres along the line of sight, zoom making up for it, as single-frame fits do."""
    noisy = vectors.copy()
    error = rng.normal(0, 2.0, len(vectors))
    forward = np.stack([np.sin(vectors[:, 3]), np.cos(vectors[:, 3])], axis=1)
    noisy[:, :2] -= error[:, None] * forward
    distance = PLACE[2] / np.tan(vectors[:, 4])
    noisy[:, 4] = np.arctan2(PLACE[2], distance + error)
    noisy[:, 6] += np.log1p(error / np.hypot(distance, PLACE[2]))
    return noisy


def track_of(vectors, status=None, step_ms=500):
    n_samples = len(vectors)
    matrices = np.stack([normalised(homography_of(vector, SIZE)) for vector in vectors])
    states = np.array(status or ["ok"] * n_samples)
    return CalibrationTrack(
        np.arange(n_samples) * step_ms, np.arange(n_samples) * 12, matrices,
        np.where(states == "refused", 0.05, 0.9), states, SIZE, "test",
    )  # fmt: skip


def ground_errors_m(track, vectors):
    """Per sample, median distance in metres between true and found ground under fixed pixels."""
    pixels = np.array([[200.0, 400], [640, 500], [1100, 420], [640, 330], [300, 650]])
    errors = []
    for matrix, vector in zip(track.image_from_pitch, vectors, strict=True):
        truth = ground_from_image(homography_of(vector, SIZE), pixels, SIZE)
        found = ground_from_image(matrix, pixels, SIZE)
        errors.append(np.nanmedian(np.linalg.norm(found - truth, axis=1)))
    return np.array(errors)


def places(track):
    cameras = [camera_from_homography(matrix, SIZE) for matrix in track.image_from_pitch]
    return np.array([camera.position_m for camera in cameras])


def test_a_shot_is_seen_from_one_place():
    truth = pan_shot()
    raw = track_of(wobbling(truth, np.random.default_rng(1)))
    done = smoothed(raw)
    assert places(raw).std(axis=0)[1] > 1.0
    assert places(done).std(axis=0).max() < 0.45
    assert ground_errors_m(done, truth).mean() < 0.3


def test_a_bad_frame_is_replaced_and_never_moves_its_neighbours():
    truth = pan_shot()
    bad = truth.copy()
    bad[7, 3] += 0.12
    done, clean = smoothed(track_of(bad)), smoothed(track_of(truth))
    others = np.arange(len(truth)) != 7
    np.testing.assert_allclose(
        done.image_from_pitch[others], clean.image_from_pitch[others], rtol=1e-3, atol=1e-3
    )
    assert ground_errors_m(done, truth)[7] < 0.5
    assert done.status[7] == "weak"
    assert done.confidence[7] < 0.5
    assert (done.status[others] == "ok").all()


def test_a_head_that_starts_to_turn_fast_is_believed():
    truth = pan_shot()
    truth[:8, 3], truth[8:, 3] = -0.2, -0.2 + 0.12 * np.arange(1, 9)
    done = smoothed(track_of(truth))
    assert (done.status == "ok").all()
    assert ground_errors_m(done, truth).max() < 0.1


def test_a_cut_between_two_cameras_keeps_both():
    first, second = pan_shot(8), pan_shot(8, first_pan=0.5, zoom=1.2)
    second[:, 0] = 20.0
    truth = np.concatenate([first, second])
    done = smoothed(track_of(truth))
    assert ground_errors_m(done, truth).max() < 0.1
    told = smoothed(track_of(truth), cuts_ms=[4000])
    assert ground_errors_m(told, truth).max() < 0.1


def test_refused_samples_stay_as_they_are():
    truth = pan_shot()
    truth[4] = [30, -40, 10, 1.0, 0.4, 0, 1.0, 0]
    raw = track_of(truth, ["ok"] * 4 + ["refused"] + ["ok"] * 11)
    done = smoothed(raw)
    np.testing.assert_array_equal(done.image_from_pitch[4], raw.image_from_pitch[4])
    assert done.status[4] == "refused"
    assert ground_errors_m(done, truth)[[3, 5]].max() < 0.1


@pytest.mark.parametrize("n_frames", [0, 1, 3])
def test_short_tracks_are_left_alone(n_frames):
    raw = track_of(pan_shot(n_frames)) if n_frames else None
    if raw is None:
        raw = CalibrationTrack(
            np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 3, 3)), np.zeros(0),
            np.zeros(0, "<U7"), SIZE, "test",
        )  # fmt: skip
    np.testing.assert_array_equal(smoothed(raw).image_from_pitch, raw.image_from_pitch)


def test_the_helper_cameras_see_the_pitch():
    centre = project_ground(pan_shot(), np.zeros((1, 2)), SIZE)
    assert np.isfinite(centre).all()
