"""One box a body: parts of a runner are one person, people who cross stay two."""

import numpy as np
import pytest

from analysis.core.records import Calibration
from analysis.localization.bodies import whole_bodies
from tests.analysis import scenes

VIEW = scenes.camera()
CALIBRATION = scenes.calibration(VIEW)


def standing(places, height_m=1.8):
    """Boxes (N, 4) of people who stand upright."""
    boxes = []
    for x, y in places:
        foot, head = VIEW.project(np.array([[x, y, 0.0], [x, y, height_m]]))
        half = 0.18 * (foot[1] - head[1])
        boxes.append([foot[0] - half, head[1], foot[0] + half, foot[1]])
    return np.array(boxes)


def cut(box, low, high, aside=0.0):
    """The part of a box from ``low`` to ``high`` of its height, moved aside by a share of it."""
    tall = box[3] - box[1]
    return np.array(
        [box[0] + aside * tall, box[1] + low * tall, box[2] + aside * tall, box[1] + high * tall]
    )


ALONE = standing([(-20, 0), (-12, 10), (5, -8), (16, 4), (20, -15), (-3, 18)])


@pytest.mark.parametrize(
    ("upper", "lower", "aside"), [(0.75, 0.25, 0.0), (0.7, 0.3, 0.1), (0.55, 0.5, 0.05)]
)
@pytest.mark.parametrize("surer_is_lower", [False, True])
def test_head_and_legs_of_a_runner_are_one_person(upper, lower, aside, surer_is_lower):
    whole = standing([(0, 0)])[0]
    parts = np.stack([cut(whole, 0, upper, aside), cut(whole, lower, 1)])
    boxes = np.concatenate([parts, ALONE])
    score = np.array([0.6, 0.6, *np.full(len(ALONE), 0.8)])
    score[int(surer_is_lower)] = 0.9
    found = whole_bodies(boxes, score, CALIBRATION)
    assert len(found.index) == 1 + len(ALONE) and found.index[0] == int(surer_is_lower)
    assert found.top[0] == 0, "the shirt is where the shoulders are"
    np.testing.assert_allclose(found.box_px[0, [1, 3]], whole[[1, 3]], atol=1e-9)
    np.testing.assert_array_equal(found.box_px[1:], ALONE)


@pytest.mark.parametrize("behind_m", [2.5, 4.0, 6.0])
def test_people_who_cross_stay_two(behind_m):
    """However much their boxes overlap: each is as tall as people are, together they are taller."""
    pair = standing([(0, 0), (0.2, behind_m)])
    found = whole_bodies(
        np.concatenate([pair, ALONE]), np.linspace(0.9, 0.5, 2 + len(ALONE)), CALIBRATION
    )
    assert found.index.tolist() == list(range(2 + len(ALONE)))


def test_two_who_hold_each_other_stay_two():
    """Both are bent and too short, but the detector is sure of both."""
    whole = standing([(0, 0)])[0]
    boxes = np.concatenate([[cut(whole, 0.1, 0.95), cut(whole, 0.15, 1, 0.1)], ALONE])
    for score, n_people in ((0.7, 2), (0.55, 1)):
        scores = np.array([0.75, score, *np.full(len(ALONE), 0.8)])
        assert len(whole_bodies(boxes, scores, CALIBRATION).index) == n_people + len(ALONE)


def test_somebody_half_hidden_stays():
    """Head and shoulders over somebody else's reach higher than one person does."""
    front, back = standing([(0, 0), (0.1, 5)])
    boxes = np.concatenate([[front, cut(back, 0, 0.6)], ALONE])
    found = whole_bodies(boxes, np.linspace(0.9, 0.5, len(boxes)), CALIBRATION)
    assert len(found.index) == len(boxes)


def test_short_people_side_by_side_stay_two():
    pair = standing([(0, 0), (0.7, 0)], height_m=1.5)
    found = whole_bodies(np.concatenate([pair, ALONE]), np.full(8, 0.8), CALIBRATION)
    assert len(found.index) == 8


def test_a_team_of_the_small_is_measured_by_itself():
    """Boxes of one sample are all a tenth lower, as boys or tight boxes are: nothing changes."""
    small = standing([(-20, 0), (-12, 10), (5, -8), (16, 4), (20, -15), (-3, 18)], height_m=1.6)
    pair = standing([(0, 0), (0.1, 2.5)], height_m=1.6)
    found = whole_bodies(np.concatenate([pair, small]), np.full(8, 0.8), CALIBRATION)
    assert len(found.index) == 8
    whole = pair[0]
    parts = np.stack([cut(whole, 0, 0.7), cut(whole, 0.3, 1)])
    score = np.array([0.6, *np.full(7, 0.8)])
    found = whole_bodies(np.concatenate([parts, small]), score, CALIBRATION)
    assert len(found.index) == 7


def test_the_order_of_boxes_does_not_matter():
    rng = np.random.default_rng(3)
    whole = standing([(0, 0), (8, 9)])
    boxes = np.concatenate(
        [[cut(whole[0], 0, 0.7), cut(whole[0], 0.3, 1), cut(whole[1], 0, 0.8), whole[1]], ALONE]
    )
    score = np.linspace(0.9, 0.5, len(boxes))
    expected = whole_bodies(boxes, score, CALIBRATION).box_px
    for _ in range(5):
        order = rng.permutation(len(boxes))
        found = whole_bodies(boxes[order], score[order], CALIBRATION)
        assert (np.diff(found.index) > 0).all()
        np.testing.assert_allclose(
            found.box_px[np.argsort(order[found.index])], expected, atol=1e-9
        )


def test_nobody_and_views_that_tell_nothing():
    assert len(whole_bodies(np.zeros((0, 4)), np.zeros(0), CALIBRATION).index) == 0
    # The horizon lies below everybody: no foot is on the ground.
    away = Calibration(np.diag([1.0, 1.0, 1e-6]), (1280, 720), 0.9, "ok", "truth")
    found = whole_bodies(ALONE, np.full(len(ALONE), 0.8), away)
    assert len(found.index) == len(ALONE)
