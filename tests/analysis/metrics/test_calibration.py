"""Hand-made cases: views straight down, where areas and distances fit on paper."""

import numpy as np
import pytest

from analysis.metrics import calibration as metrics

SIZE = (1050, 680)
# 10 px a metre, the whole pitch fills the picture; row 0 is the far side.
WHOLE = np.array([[10.0, 0, 525], [0, -10.0, 340], [0, 0, 1]])


def moved(dx_m=0.0, dy_m=0.0):
    """The camera moved to the left: everything appears dx_m further to the right."""
    return WHOLE @ np.array([[1, 0, dx_m], [0, 1, dy_m], [0, 0, 1.0]])


@pytest.mark.parametrize(
    "measure",
    [
        metrics.iou_part,
        metrics.iou_part_raster,
        metrics.iou_entire_template,
        metrics.iou_entire_image,
    ],
)
def test_the_same_map_is_perfect_whatever_its_scale(measure):
    assert measure(WHOLE, -2.5 * WHOLE, SIZE) == pytest.approx(1.0)


def test_part_counts_the_pitch_in_view():
    # Seen by both: 95 of the 105 m. The truth sees all, the guess the left 95 m: 95 / 105.
    assert metrics.iou_part(WHOLE, moved(10), SIZE) == pytest.approx(95 / 105, abs=1e-9)


def test_part_raster_is_near_and_never_far_from_the_cells():
    value = metrics.iou_part_raster(WHOLE, moved(10), SIZE)
    assert value == pytest.approx(95 / 105, abs=0.02)


def test_entire_in_the_template_compares_whole_pitches():
    # Two rectangles of 105 m, 10 m apart: 95 / 115.
    assert metrics.iou_entire_template(WHOLE, moved(10), SIZE) == pytest.approx(95 / 115, abs=0.01)
    assert metrics.iou_entire_template(WHOLE, moved(0, 34), SIZE) == pytest.approx(1 / 3, abs=0.02)


def test_entire_in_the_image_compares_frames():
    # 10 m are 100 of 1050 px: 950 / 1150.
    assert metrics.iou_entire_image(WHOLE, moved(10), SIZE) == pytest.approx(950 / 1150, abs=1e-6)


def test_no_overlap_is_zero():
    assert metrics.iou_part(moved(-60), moved(60), SIZE) == 0
    assert metrics.iou_entire_template(moved(-60), moved(60), SIZE) == 0


def test_distances():
    points = np.array([[0.0, 0.0], [10.0, 5.0]])
    pixels = np.array([[525.0, 340.0], [625.0, 290.0]])
    assert metrics.reprojection_error_px(WHOLE, points, pixels, SIZE) == pytest.approx(0)
    assert metrics.reprojection_error_px(moved(0.3, 0.4), points, pixels, SIZE) == pytest.approx(5)
    assert metrics.ground_error_m(WHOLE, moved(0.3, 0.4), SIZE) == pytest.approx(0.5)


LINE = np.array([[0.0, 100.0], [900.0, 100.0]])


def test_a_line_is_found_only_when_all_its_points_are_near():
    near = {"Middle line": np.array([[10.0, 104.9], [500, 95.1]])}
    at_the_limit = {"Middle line": np.array([[10.0, 105.0], [500, 100]])}
    assert metrics.jaccard({"Middle line": LINE}, near, 5) == 1
    assert metrics.jaccard({"Middle line": LINE}, at_the_limit, 5) == 0
    assert metrics.jaccard({"Middle line": LINE}, at_the_limit, 10) == 1


def test_missing_and_invented_lines_count_once_each():
    predicted = {"Middle line": LINE, "Circle central": LINE, "Side line top": LINE + 300}
    labelled = {"Middle line": LINE, "Circle central": LINE + 50, "Big rect. left main": LINE}
    # One hit; one off (once, as false positive); one invented; one missed: 1 / 4.
    assert metrics.jaccard(predicted, labelled, 5) == pytest.approx(1 / 4)
    assert metrics.jaccard({}, {}, 5) == 0


def test_the_turned_pitch_is_as_good():
    predicted = {"Side line left": LINE, "Goal left post left ": LINE + 10}
    labelled = {"Side line right": LINE, "Goal right post left": LINE + 10}
    assert metrics.jaccard(predicted, labelled, 5) == 1


def test_the_distance_is_to_the_segment_and_not_to_the_line():
    assert metrics.jaccard({"Middle line": LINE}, {"Middle line": np.array([[906.0, 100]])}, 5) == 0
    dot = {"Middle line": np.array([[906.0, 100]])}
    assert metrics.jaccard(dot, {"Middle line": np.array([[903.0, 100]])}, 5) == 1


def test_completeness_counts_frames_with_enough_lines():
    many = {f"line {i}": LINE for i in range(5)}
    few = {"line 0": LINE}
    score = metrics.line_score([(many, many), (None, many), (None, few), (few, few)])
    assert score.jaccard[5.0] == 1
    assert score.completeness == pytest.approx(0.5)
    assert score.final == pytest.approx(0.5)


def test_a_mark_is_cut_at_the_border():
    mark = np.array([[-100.0, 50], [100, 50], [300, 50], [1100, 50], [np.nan, np.nan]])
    cut = metrics.clipped_polyline(mark)
    np.testing.assert_allclose(cut, [[0, 50], [100, 50], [300, 50], [959, 50]])
    assert metrics.clipped_polyline(mark - [0, 400]).shape == (0, 2)
