"""Camera vectors agree with the one-camera record, and refinement finds a camera back from its own points."""

import numpy as np
import pytest

from analysis.calibration import cameras
from analysis.calibration.plausibility import implausible, visible_outline_m
from analysis.calibration.refinement import Prior, refine
from analysis.core.camera import Camera
from analysis.core.homography import project
from analysis.core.pitch import STANDARD_PITCH

SIZE = (1280, 720)
CAMERA = Camera((-2.0, -78.0, 17.0), 0.3, 0.2, 2300.0, SIZE, roll_rad=0.01, radial_k1=-0.05)
MARKS = np.concatenate(list(STANDARD_PITCH.sampled_marks(2.0).values()))


def test_vector_round_trip_and_projection_agree_with_the_record():
    vector = cameras.vector_of(CAMERA)
    assert cameras.camera_of(vector, SIZE) == pytest.approx(CAMERA) or np.allclose(
        cameras.vector_of(cameras.camera_of(vector, SIZE)), vector
    )
    expected = CAMERA.project(np.column_stack([MARKS, np.zeros(len(MARKS))]))
    got = cameras.project_ground(vector[None], MARKS, SIZE)[0]
    # Both agree inside twice the half width, where the lens term is not held constant.
    near = np.linalg.norm(expected - np.array(SIZE) / 2, axis=1) < SIZE[0] * 0.9
    assert near.sum() > 100
    np.testing.assert_allclose(got[near], expected[near], atol=1e-6)


def test_ground_of_pixels_undoes_projection():
    vector = cameras.vector_of(CAMERA)
    pixels = np.array([[100.0, 400.0], [640, 360], [1200, 700]])
    ground = cameras.ground_of_pixels(vector, pixels, SIZE)
    np.testing.assert_allclose(
        cameras.project_ground(vector[None], ground, SIZE)[0], pixels, atol=0.05
    )
    assert np.isnan(cameras.ground_of_pixels(vector, np.array([[640.0, -3000.0]]), SIZE)).all()


def test_homography_without_lens_is_exact_and_gives_the_camera_back():
    plain = Camera((3.0, -80.0, 20.0), -0.4, 0.22, 2000.0, SIZE, roll_rad=-0.02)
    matrix = cameras.homography_of(cameras.vector_of(plain), SIZE)
    np.testing.assert_allclose(matrix, plain.image_from_pitch)
    found = cameras.camera_from_homography(-3.7 * matrix, SIZE)
    assert found is not None
    np.testing.assert_allclose(cameras.vector_of(found), cameras.vector_of(plain), atol=1e-6)


def test_homography_with_lens_is_near_the_bent_image():
    vector = cameras.vector_of(CAMERA)
    matrix = cameras.homography_of(vector, SIZE)
    bent = cameras.project_ground(vector[None], MARKS, SIZE)[0]
    seen = ((bent > 0) & (bent < SIZE)).all(axis=1)
    error = np.linalg.norm(project(matrix / matrix[2, 2], MARKS)[seen] - bent[seen], axis=1)
    assert error.mean() < 1.0


def test_refinement_returns_to_the_truth_despite_outliers():
    truth = cameras.vector_of(CAMERA)
    pixels = cameras.project_ground(truth[None], MARKS, SIZE)[0]
    seen = ((pixels > 0) & (pixels < SIZE)).all(axis=1)
    points, targets = MARKS[seen], pixels[seen].copy()
    targets[::9] += 80.0

    def residuals(vectors, owners):
        offset = cameras.project_ground(vectors, points, SIZE) - targets
        return offset.reshape(len(vectors), -1)

    start = truth + np.array([1.5, -2.0, 1.0, 0.004, 0.003, -0.005, 0.03, 0.004])
    sigma = np.array([10.0, 20, 10, 1, 1, 0.05, 1, 0.02])
    found, cost = refine(start[None], residuals, Prior(start, sigma), n_steps=40, robust_scale=20.0)
    reached = cameras.project_ground(found, points, SIZE)[0]
    error = np.linalg.norm(reached - pixels[seen], axis=1)
    assert np.median(error) < 0.3
    assert np.isfinite(cost).all()


def test_real_views_are_plausible_and_absurd_ones_are_not():
    good = CAMERA.image_from_pitch
    assert implausible(good, SIZE) is None
    low = Camera((0.0, -70.0, 0.5), 0.0, 0.1, 2000.0, SIZE).image_from_pitch
    assert "high" in implausible(low, SIZE)
    rolled = Camera((0.0, -70.0, 15.0), 0.0, 0.2, 2000.0, SIZE, roll_rad=0.6).image_from_pitch
    assert "roll" in implausible(rolled, SIZE)
    away = Camera((0.0, -70.0, 15.0), 3.0, 0.2, 2000.0, SIZE).image_from_pitch
    assert implausible(away, SIZE) is not None
    assert implausible(np.ones((3, 3)), SIZE) is not None
    assert implausible(np.full((3, 3), np.nan), SIZE) is not None


def test_visible_outline_of_a_view_straight_down():
    # A picture of the whole pitch from above, 10 px a metre, cut at the halfway line: the right half remains.
    matrix = np.array([[10.0, 0, 0], [0, -10.0, 340], [0, 0, 1]])
    outline = visible_outline_m(matrix, (525, 680))
    assert {tuple(np.round(point, 6)) for point in outline} == {
        (0.0, -34.0),
        (52.5, -34.0),
        (52.5, 34.0),
        (0.0, 34.0),
    }
