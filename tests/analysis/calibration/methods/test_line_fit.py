"""The line fit on drawn pitches whose cameras are known, and on pictures that show none."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from analysis.calibration.cameras import vector_of
from analysis.calibration.methods import line_fit
from analysis.calibration.methods.line_fit.bank import bank_for, orientation_bins
from analysis.calibration.methods.line_fit.evidence import observe
from analysis.calibration.methods.line_fit.matching import Matcher, line_field
from analysis.core.camera import Camera
from analysis.core.pitch import STANDARD_PITCH, PitchSpec
from analysis.core.problems import InputProblem
from analysis.metrics.calibration import iou_part
from tests.analysis.pitch_views import broadcast_camera, drawn_view, frames

SIZE = (960, 540)


@pytest.fixture(scope="module")
def calibrator():
    return line_fit.build(line_fit.Settings(), "cpu")


def answer(calibrator, *images):
    return list(calibrator.calibrate(frames(*images), STANDARD_PITCH))


@pytest.mark.parametrize(
    ("pan", "tilt", "focal"), [(0.02, 0.21, 1.3), (-0.5, 0.18, 1.5), (0.48, 0.2, 2.2)]
)
def test_a_drawn_view_is_found(calibrator, pan, tilt, focal):
    image, camera = drawn_view(camera=broadcast_camera(pan=pan, tilt=tilt, focal=focal))
    (found,) = answer(calibrator, image)
    assert found.status == "ok"
    assert iou_part(camera.image_from_pitch, found.image_from_pitch, SIZE) > 0.97


@pytest.mark.parametrize("grass", [(95, 130, 50), (40, 70, 45), (60, 190, 20)])
def test_any_green_will_do(calibrator, grass):
    image, camera = drawn_view(grass=grass)
    (found,) = answer(calibrator, image)
    assert iou_part(camera.image_from_pitch, found.image_from_pitch, SIZE) > 0.97


def test_a_view_from_behind_the_left_goal(calibrator):
    camera = Camera((-95.0, 2.0, 28.0), np.pi / 2, 0.33, 0.85 * SIZE[0], SIZE)
    image, _ = drawn_view(camera=camera)
    (found,) = answer(calibrator, image)
    assert iou_part(camera.image_from_pitch, found.image_from_pitch, SIZE) > 0.9


def test_the_answer_speaks_of_the_frames_own_pixels(calibrator):
    large, camera = drawn_view((1920, 1080))
    (found,) = answer(calibrator, large)
    assert found.image_size_px == (1920, 1080)
    assert iou_part(camera.image_from_pitch, found.image_from_pitch, (1920, 1080)) > 0.97


def test_a_stream_is_followed_and_a_cut_is_noticed(calibrator):
    first, _ = drawn_view(camera=broadcast_camera(pan=-0.1))
    second, turned = drawn_view(camera=broadcast_camera(pan=-0.02))
    far, other = drawn_view(camera=broadcast_camera(pan=0.5, focal=2.0))
    crowd = np.random.default_rng(1).integers(0, 255, first.shape).astype(np.uint8)
    found = answer(calibrator, first, second, crowd, far)
    assert found[2] is None or found[2].status == "refused"
    assert iou_part(turned.image_from_pitch, found[1].image_from_pitch, SIZE) > 0.97
    assert iou_part(other.image_from_pitch, found[3].image_from_pitch, SIZE) > 0.97


def test_grass_without_marks_and_marks_of_another_sport_are_refused(calibrator):
    lawn = np.full((540, 960, 3), (70, 140, 60), np.uint8)
    court = lawn.copy()
    court[100:104, 200:760] = court[400:404, 200:760] = 240
    court[100:400, 200:204] = court[100:400, 756:760] = 240
    for found in answer(calibrator, lawn, court):
        assert found is None or found.status == "refused"


@pytest.mark.parametrize("sides", [(120.0, 90.0), (90.0, 45.0), (100.0, 64.0)])
def test_a_pitch_of_another_size_is_found_by_its_own_marks(calibrator, sides):
    pitch = PitchSpec(*sides)
    camera = broadcast_camera(pan=0.3, tilt=0.18, focal=1.2)
    image, _ = drawn_view(camera=camera, pitch=pitch)
    (found,) = calibrator.calibrate(frames(image), pitch)
    assert found.status == "ok"
    places = np.array([[pitch.length_m / 2 - 16.5, 20.16], [pitch.length_m / 2 - 11, 0], [9.15, 0]])
    truth = camera.project(np.column_stack([places, np.zeros(3)]))
    assert np.linalg.norm(found.to_image(places) - truth, axis=1).max() < 6


def test_lines_of_another_sport_on_the_grass_cost_confidence(calibrator):
    image, camera = drawn_view(camera=broadcast_camera(pan=0.3, focal=1.3))
    (plain,) = answer(calibrator, image)
    striped = image.copy()
    for x in np.arange(-50, 51, 4.57):
        ends = camera.project(np.array([[x, -33.0, 0], [x, 33.0, 0]])).astype(int)
        cv2.line(striped, tuple(map(int, ends[0])), tuple(map(int, ends[1])), (235, 240, 235), 2)
    (other,) = answer(calibrator, striped)
    assert plain.status == "ok"
    assert other is None or other.confidence < plain.confidence - 0.02


def test_mist_does_not_turn_the_stands_into_grass():
    image, _ = drawn_view()
    crowd = np.random.default_rng(2).integers(0, 2, (60, 240)) * 130
    stand = np.repeat(np.repeat(crowd, 4, 0), 4, 1)[:100, :960, None]
    image[:100] = np.clip(np.array([60, 110, 80]) + stand, 0, 255)
    misty = (95 + 0.4 * image).astype(np.uint8)
    assert observe(misty).grass[:70].mean() < 0.2


def test_ridge_tops_lie_on_the_marks():
    image, camera = drawn_view()
    evidence = observe(image)
    matcher = Matcher(line_field(evidence), STANDARD_PITCH)
    agreement = matcher.judge(vector_of(camera))
    assert agreement.support > 0.8
    assert agreement.recall > 0.9
    assert agreement.residual_px < 1.0
    astray = matcher.judge(vector_of(broadcast_camera(pan=0.2)))
    assert astray.score < agreement.score - 0.5


def test_too_small_is_nothing():
    assert observe(np.zeros((16, 16, 3), np.uint8)) is None


def test_the_bank_is_the_same_each_time_and_sees_pitch():
    bank = bank_for(SIZE, STANDARD_PITCH)
    assert len(bank.vectors) > 20_000
    assert (bank.n_seen >= 18).all()
    assert np.isfinite(bank.vectors).all()
    bank_for.cache_clear()
    np.testing.assert_array_equal(bank.vectors, bank_for(SIZE, STANDARD_PITCH).vectors)


def test_orientations_have_no_sign():
    normals = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1], [0.7, 0.7], [-0.7, -0.7], [-0.7, 0.7]])
    assert orientation_bins(normals).tolist() == [0, 0, 2, 2, 1, 1, 3]


def test_a_second_opinion_helps_a_search_that_looked_too_little():
    """One candidate of thousands ends beside the view; the camera of a network, pulled onto the lines, does not."""
    image, camera = drawn_view(camera=broadcast_camera(pan=0.41, tilt=0.2, focal=1.7))
    hasty = line_fit.Settings(n_candidates=1, n_finalists=1, n_varied=0, n_breeds=0, enough=0.99)
    (alone,) = answer(line_fit.build(hasty), image)
    advised = line_fit.build(replace(hasty, second_opinion="pitch_elements"))
    (found,) = answer(advised, image)
    assert alone.confidence < found.confidence
    assert iou_part(camera.image_from_pitch, found.image_from_pitch, SIZE) > 0.97


def test_a_second_opinion_of_nobody_is_said():
    with pytest.raises(InputProblem, match="has no 'fortune_teller'"):
        line_fit.build(line_fit.Settings(second_opinion="fortune_teller"))
