import numpy as np
import pytest

from analysis.core.records import Detections
from analysis.localization.locator import ground_positions, locate_video, metres_per_pixel
from tests.analysis import scenes


class Fixed:
    """A detector that answers with prepared boxes, frame after frame."""

    def __init__(self, answers):
        self.answers = list(answers)
        self.batches = []

    def detect(self, frames, calibrations):
        self.batches.append(len(frames))
        return [self.answers.pop(0) for _ in frames]


def boxes_at(view, places):
    ends = [view.project(np.array([[x, y, 0.0], [x, y, 1.8]])) for x, y in places]
    box = np.array([[f[0] - 8, h[1], f[0] + 8, f[1]] for f, h in ends])
    n = len(box)
    return Detections(box, np.full(n, 0.9), np.full(n, -1, np.int64), np.full((n, 3), 100.0))


def blank(view, time_ms):
    return scenes.frame(
        np.zeros((view.image_size_px[1], view.image_size_px[0], 3), np.uint8), time_ms
    )


def test_feet_become_metres():
    view = scenes.camera(10.0)
    places = np.array([[3.0, -5.0], [20.0, 30.0], [8.0, 10.0]])
    found = boxes_at(view, places)
    ground = ground_positions(found.foot_px, np.full(3, 40.0), scenes.calibration(view))
    np.testing.assert_allclose(ground.pitch_xy_m, places, atol=1e-6)


def test_spread_is_the_local_scale_times_the_pixels():
    view = scenes.camera(7.0)
    calibration = scenes.calibration(view)
    foot = calibration.to_image(np.array([[5.0, 12.0]]))
    moved = [
        calibration.to_pitch(foot + step)[0]
        for step in ([0.01, 0], [-0.01, 0], [0, 0.01], [0, -0.01])
    ]
    expected = np.hypot(
        np.linalg.norm((moved[0] - moved[1]) / 0.02), np.linalg.norm((moved[2] - moved[3]) / 0.02)
    )
    assert metres_per_pixel(foot, calibration)[0] == pytest.approx(expected, rel=1e-4)
    far = ground_positions(
        calibration.to_image(np.array([[0.0, 33.0], [0.0, -20.0]])), np.full(2, 40.0), calibration
    )
    assert far.sigma_m[0] > far.sigma_m[1] > 0


def test_people_far_outside_the_lines_are_dropped_only_where_that_is_known():
    view = scenes.camera()
    places = [[0.0, 0.0], [0.0, 36.5], [0.0, 38.0]]
    samples = [(blank(view, 0), scenes.calibration(view)), (blank(view, 500), None),
               (blank(view, 1000), scenes.calibration(view, "refused")),
               (blank(view, 1500), scenes.calibration(view, confidence=0.2))]  # fmt: skip
    detector = Fixed([boxes_at(view, places) for _ in samples])
    track = locate_video(samples, detector, scenes.PITCH, floor=0.5, batch_size=3)
    assert list(np.bincount(track.times_ms // 500)) == [2, 3, 3, 3]
    assert np.isfinite(track.pitch_xy_m[:2]).all() and np.isnan(track.pitch_xy_m[2:]).all()
    assert np.isnan(track.sigma_m[2:]).all()
    assert detector.batches == [3, 1]


def test_feet_above_the_horizon_are_nowhere():
    view = scenes.camera()
    box = np.array([[600.0, 1.0, 610.0, 5.0]])
    found = Detections(box, np.ones(1), np.zeros(1, np.int64), np.zeros((1, 3)))
    level = scenes.Camera((0.0, -70.0, 18.0), 0.0, 0.0, 1500.0, (1280, 720))
    track = locate_video(
        [(blank(view, 0), scenes.calibration(level))], Fixed([found]), scenes.PITCH
    )
    assert len(track) == 0


def test_nothing_in_nothing_out():
    assert len(locate_video([], Fixed([]), scenes.PITCH)) == 0
    view = scenes.camera()
    seen = []
    track = locate_video(
        [(blank(view, 0), None)], Fixed([Detections.empty()]), scenes.PITCH, on_progress=seen.append
    )
    assert len(track) == 0 and seen == [1]


def test_the_ball_has_a_place_where_its_shadow_could_be():
    view = scenes.camera()
    spot = scenes.calibration(view).to_image(np.array([[4.0, 3.0]]))[0]
    found = Detections(
        np.zeros((0, 4)),
        np.zeros(0),
        np.zeros(0, np.int64),
        np.zeros((0, 3)),
        np.array([*spot, 0.7]),
    )
    high = Detections(
        np.zeros((0, 4)),
        np.zeros(0),
        np.zeros(0, np.int64),
        np.zeros((0, 3)),
        np.array([640.0, 2.0, 0.6]),
    )
    samples = [
        (blank(view, 0), scenes.calibration(view)),
        (blank(view, 500), scenes.calibration(view)),
    ]
    track = locate_video(samples, Fixed([found, high]), scenes.PITCH)
    np.testing.assert_allclose(track.ball_xy_m[0], [4.0, 3.0], atol=1e-6)
    assert np.isnan(track.ball_xy_m[1]).all() and list(track.ball_times_ms) == [0, 500]
