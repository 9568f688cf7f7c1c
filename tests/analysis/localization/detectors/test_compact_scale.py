"""How large the compact detector looks at a picture: by the camera's geometry, or by a glance at people's height."""

import numpy as np
import pytest

from analysis.core.camera import Camera
from analysis.core.pitch import STANDARD_PITCH
from analysis.core.records import Calibration, Frame
from analysis.localization.detectors.compact import Settings, build
from analysis.localization.detectors.compact.scale import (
    LEAST_PX,
    STEP_PX,
    projected_height,
    seen_height,
    working_width,
)
from analysis.synthetic.match import sample_match

SIZE_PX = (1280, 720)
FAR, NEAR = 1100.0, 2600.0


def view_of(focal_px, pan_rad=0.1, size_px=SIZE_PX):
    camera = Camera((1.0, -78.0, 17.0), pan_rad, 0.22, focal_px, size_px)
    return camera, Calibration(camera.image_from_pitch, size_px, 1.0, "ok", "test")


@pytest.mark.parametrize("focal_px", [FAR, 1700.0, NEAR])
@pytest.mark.parametrize("pan_rad", [-0.5, 0.0, 0.4])
def test_heights_of_the_homography_are_those_of_upright_people(focal_px, pan_rad):
    camera, view = view_of(focal_px, pan_rad)
    grid = np.stack(np.meshgrid(np.linspace(-52, 52, 30), np.linspace(-34, 34, 30)), -1)
    feet = np.column_stack([grid.reshape(-1, 2), np.zeros(900)])
    low, high = camera.project(feet), camera.project(feet + np.array([0.0, 0.0, 1.8]))
    seen = ((low >= 0) & (low < SIZE_PX)).all(axis=1)
    true = np.median(low[seen, 1] - high[seen, 1]) / SIZE_PX[0]
    assert projected_height(view, STANDARD_PITCH) == pytest.approx(true, rel=0.08)


def test_the_height_is_a_share_of_the_width():
    _, large = view_of(2 * FAR, size_px=(2560, 1440))
    _, small = view_of(FAR)
    assert projected_height(large, STANDARD_PITCH) == pytest.approx(
        projected_height(small, STANDARD_PITCH)
    )


def test_a_view_beside_the_pitch_says_nothing():
    camera = Camera((200.0, -78.0, 17.0), 1.5, 0.3, 2000.0, SIZE_PX)
    view = Calibration(camera.image_from_pitch, SIZE_PX, 1.0, "ok", "test")
    assert projected_height(view, STANDARD_PITCH) is None
    assert working_width(None, 39.0, 1440) == 1440


def test_two_people_say_nothing_and_three_do():
    boxes = np.array([[0.0, 0, 10, 50], [20, 0, 30, 60], [40, 0, 50, 70]])
    assert seen_height(boxes[:2], 640) is None
    assert 0 < seen_height(boxes, 640) <= 60 / 640


def test_taller_people_make_a_narrower_picture_between_the_bounds():
    widths = [working_width(height, 40.0, 1440) for height in np.linspace(0.005, 0.2, 60)]
    assert widths == sorted(widths, reverse=True)
    assert (widths[0], widths[-1]) == (1440, LEAST_PX)
    assert all(width % STEP_PX == 0 for width in widths)
    assert working_width(0.2, 0.0, 1440) == 1440


def test_the_detector_looks_closer_at_a_far_view_than_at_a_near_one():
    frame = Frame(0, 0, np.zeros((720, 1280, 3), np.uint8))
    detector = build(Settings())
    far, near = (detector.width_px(frame, view_of(focal)[1]) for focal in (FAR, NEAR))
    assert near < far
    assert build(Settings(person_px=0.0)).width_px(frame, view_of(NEAR)[1]) == 1440


def test_a_glance_agrees_with_the_camera():
    match = sample_match(12, 0.1)
    frame = next(iter(match.frames()))
    view = Calibration(
        match.path.camera(0).image_from_pitch, match.image_size_px, 1.0, "ok", "truth"
    )
    detector = build(Settings())
    # A glance is careful: never smaller, and at most two steps wider.
    by_camera, by_glance = detector.width_px(frame, view), detector.width_px(frame, None)
    assert 0 <= by_glance - by_camera <= 2 * STEP_PX
