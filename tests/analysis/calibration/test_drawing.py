"""Marks are drawn where the calibration puts them, and nothing else changes."""

import numpy as np

from analysis.calibration.drawing import draw_marks
from analysis.core.records import Calibration
from tests.analysis.pitch_views import broadcast_camera

SIZE = (960, 540)


def test_marks_are_drawn_on_a_copy():
    image = np.zeros((540, 960, 3), np.uint8)
    camera = broadcast_camera(pan=0.0)
    drawn = draw_marks(image, Calibration(camera.image_from_pitch, SIZE, 0.9, "ok", "line_fit"))
    x, y = np.round(camera.project(np.array([[0.0, -9.15, 0.0]]))[0]).astype(int)
    assert drawn[y - 2 : y + 3, x - 2 : x + 3].any()
    assert not image.any()
    assert not drawn[:100, :200].any()


def test_no_calibration_says_so():
    image = np.zeros((540, 960, 3), np.uint8)
    assert draw_marks(image, None).any()
