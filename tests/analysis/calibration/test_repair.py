"""A frame mended by hand: drags are met, the rest stays, contradictions are told, the shot follows."""

import numpy as np
import pytest

from analysis.calibration.cameras import homography_of, project_ground
from analysis.calibration.repair import DraggedLine, DraggedPoint, carried, repaired
from analysis.core.homography import normalised
from analysis.core.pitch import STANDARD_PITCH
from analysis.core.problems import InputProblem
from analysis.core.records import Calibration, CalibrationTrack

SIZE = (1280, 720)
TRUTH = np.array([1.0, -66.0, 17.0, 0.35, 0.24, 0.0, 0.35, 0.0])
WRONG = TRUTH + np.array([0, 1.5, 0.5, 0.03, -0.01, 0, 0.04, 0])


def calibration(vector):
    return Calibration(homography_of(vector, SIZE), SIZE, 0.4, "weak", "test")


def pixel(vector, place):
    return tuple(project_ground(vector[None], np.array([place]), SIZE)[0, 0])


def distance_px(found, place):
    return np.linalg.norm(found.to_image(np.array([place]))[0] - pixel(TRUTH, place))


def test_four_dragged_points_mend_the_view():
    places = [(36.0, -20.16), (36.0, 20.16), (9.15, 0.0), (41.5, 0.0)]
    drags = [DraggedPoint(place, pixel(TRUTH, place)) for place in places]
    mended = repaired(calibration(WRONG), drags)
    assert max(distance_px(mended, place) for place in places) < 2
    assert distance_px(mended, (25.0, 10.0)) < 4
    assert mended.status == "ok"
    assert mended.confidence == 1


def test_one_drag_moves_the_view_there_and_leaves_the_rest_alone():
    mended = repaired(calibration(WRONG), [DraggedPoint((36.0, 0.0), pixel(TRUTH, (36.0, 0.0)))])
    assert distance_px(mended, (36.0, 0.0)) < 2
    assert distance_px(mended, (20.0, 10.0)) < distance_px(calibration(WRONG), (20.0, 10.0))


def test_dragged_lines_count():
    lines = []
    for mark in ("touch_far", "penalty_area_right_front", "penalty_area_right_far", "halfway"):
        ends = project_ground(TRUTH[None], STANDARD_PITCH.straight_lines[mark], SIZE)[0]
        lines.append(DraggedLine(mark, (tuple(0.7 * ends[0] + 0.3 * ends[1]), tuple(ends[1]))))
    mended = repaired(calibration(WRONG), lines=lines)
    assert distance_px(mended, (36.0, 20.16)) < 3
    assert distance_px(mended, (9.15, 0.0)) < 8


@pytest.mark.parametrize(
    ("points", "lines", "code"),
    [
        ([], [], "repair_empty"),
        ([], [DraggedLine("no_such_line", ((0, 0), (1, 1)))], "repair_mark_unknown"),
        (
            [DraggedPoint((36, 0), (100, 400)), DraggedPoint((36, 1), (1200, 300)),
             DraggedPoint((36, 2), (200, 600)), DraggedPoint((36, 3), (900, 250))],
            [], "repair_contradiction",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told(points, lines, code):
    with pytest.raises(InputProblem) as caught:
        repaired(calibration(WRONG), points, lines)
    assert caught.value.code == code


@pytest.mark.parametrize("fault", ["mirrored", "swapped"])
def test_mirrored_or_swapped_points_are_never_taken(fault):
    places = [(36.0, -20.16), (36.0, 20.16), (9.15, 0.0), (41.5, 0.0), (52.5, 34.0)]
    pixels = [pixel(TRUTH, place) for place in places]
    if fault == "mirrored":
        pixels = [(SIZE[0] - x, y) for x, y in pixels]
    else:
        pixels[0], pixels[1] = pixels[1], pixels[0]
    drags = [DraggedPoint(place, at) for place, at in zip(places, pixels, strict=True)]
    with pytest.raises(InputProblem) as caught:
        repaired(calibration(WRONG), drags)
    assert caught.value.code in ("repair_contradiction", "repair_no_camera")


def test_the_shot_follows_and_the_next_shot_does_not():
    truth = TRUTH + np.outer(np.arange(8), [0, 0, 0, 0.02, 0, 0, 0, 0])
    elsewhere = truth - np.array([0, 0, 0, 0.9, 0, 0, 0, 0])
    cameras = np.concatenate([truth[:5], elsewhere[5:]])
    # the whole first shot takes a line for another: the pitch lies 5.5 m too far to the right
    shift = np.array([[1, 0, 5.5], [0, 1, 0], [0, 0, 1.0]])
    right = np.stack([normalised(homography_of(camera, SIZE)) for camera in cameras])
    matrices = right.copy()
    matrices[:5] = [normalised(matrix @ shift) for matrix in right[:5]]
    track = CalibrationTrack(
        np.arange(8) * 500, np.arange(8) * 12, matrices, np.full(8, 0.6), np.array(["ok"] * 8),
        SIZE, "test",
    )  # fmt: skip
    mended = Calibration(right[2], SIZE, 1.0, "ok", "by_hand")
    done = carried(track, 2, mended, first=0, last=7)
    np.testing.assert_allclose(done.image_from_pitch[:5], right[:5], rtol=1e-6, atol=1e-8)
    np.testing.assert_array_equal(done.image_from_pitch[5:], right[5:])
    assert done.confidence[2] == 1
