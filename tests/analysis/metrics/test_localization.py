import numpy as np
import pytest

from analysis.metrics.ground import GroundSample, evaluate_ground, hota, similarity
from analysis.metrics.localization import People, average_precision, evaluate_boxes, overlaps


def people(boxes, scores=None, roles=None):
    boxes = np.array(boxes, float).reshape(-1, 4)
    scores = np.ones(len(boxes)) if scores is None else np.array(scores, float)
    return People(boxes, scores, tuple(roles or [None] * len(boxes)))


def sample(places, ids, kind="home/player"):
    return GroundSample(
        np.array(places, float).reshape(-1, 2), np.array(ids, np.int64), (kind,) * len(ids)
    )


def test_overlap_of_half_shifted_boxes_is_a_third():
    # |####|      4 x 2 and the same moved by 2: common 2 x 2 = 4, union 12
    #   |####|
    assert overlaps(np.array([[0, 0, 4, 2.0]]), np.array([[2, 0, 6, 2.0]]))[0, 0] == pytest.approx(
        1 / 3
    )


def test_average_precision_on_paper():
    # hit, miss, hit of 3 true ones: recalls 1/3, 1/3, 2/3; precisions 1, 1/2, 2/3 -> envelope 1, 2/3, 2/3
    # area = 1/3 * 1 + 0 + 1/3 * 2/3 = 5/9
    area = average_precision(np.array([0.9, 0.8, 0.7]), np.array([True, False, True]), 3)
    assert area == pytest.approx(5 / 9)


def test_perfect_boxes_score_one_and_doubles_cost_precision():
    truth = people([[0, 0, 10, 20], [50, 0, 60, 20]], roles=["player", "referee"])
    perfect = evaluate_boxes([(people(truth.box_px, [0.9, 0.8], ["player", "player"]), truth)])
    assert perfect["ap50"] == 1 and perfect["ap50_95"] == 1 and perfect["precision"] == 1
    assert perfect["foot_offset_median"] == 0 and perfect["role_accuracy"] == 0.5
    double = people([[0, 0, 10, 20], [0, 0, 10, 20]], [0.9, 0.8])
    scored = evaluate_boxes([(double, truth)])
    assert scored["precision"] == 0.5 and scored["recall"] == 0.5


def test_the_kernel_has_its_published_values():
    truth, found = sample([[0, 0]], [1]), sample([[1, 0], [2, 0], [3, 0], [5, 0]], [1, 2, 3, 4])
    np.testing.assert_allclose(
        similarity(truth, found, kinds_agree=False)[0], [0.887, 0.619, 0.340, 0.05], atol=5e-4
    )
    other = sample([[0, 0]], [1], "away/player")
    assert similarity(truth, other, kinds_agree=True)[0, 0] == 0


def test_hota_of_truth_is_one_and_of_a_split_track_on_paper():
    truth = [sample([[t, 0.0]], [7]) for t in range(4)]
    assert hota([(one, one) for one in truth], kinds_agree=True)["hota"] == pytest.approx(1)
    split = [(sample([[t, 0.0]], [1 if t < 2 else 2]), one) for t, one in enumerate(truth)]
    # Everyone found (DetA 1); each half shares 2 of 4 + 2 - 2 = 4 frames: AssA = 1/2
    scored = hota(split, kinds_agree=True)
    assert scored["deta"] == pytest.approx(1) and scored["assa"] == pytest.approx(0.5)
    assert scored["hota"] == pytest.approx(np.sqrt(0.5))


def test_positions_in_metres():
    truth = [sample([[0, 0], [10, 0]], [1, 2]) for _ in range(3)]
    found = [sample([[0.3, 0], [10, 0.4]], [5, 6]), sample([[0.3, 0], [10, 0.4]], [5, 6]),
             sample([[0.3, 0], [30, 0]], [9, 6])]  # fmt: skip
    scored = evaluate_ground(list(zip(found, truth, strict=True)))
    assert scored["recall"] == pytest.approx(5 / 6) and scored["precision"] == pytest.approx(5 / 6)
    assert scored["error_median_m"] == pytest.approx(0.3) and scored["identity_switches"] == 1
    assert scored["kind_accuracy"] == 1


def test_nothing_found_and_nothing_true():
    nobody = people(np.zeros((0, 4)))
    assert evaluate_boxes([(nobody, people([[0, 0, 1, 1]]))])["ap50"] == 0
    assert np.isnan(evaluate_boxes([(nobody, nobody)])["ap50"])
    empty = sample(np.zeros((0, 2)), [])
    assert evaluate_ground([(empty, empty)])["recall"] is None


def moment(time_ms, places, ids, kinds, heights=None):
    heights = np.full(len(ids), 40.0) if heights is None else np.array(heights, float)
    return GroundSample(
        np.array(places, float).reshape(-1, 2), np.array(ids), tuple(kinds), time_ms, heights
    )


def test_of_people_a_step_apart_the_nearer_box_is_no_other_number():
    kinds = ("home/player", "away/player")
    truth = [moment(500 * t, [[0, 0], [0.8, 0]], [1, 2], kinds) for t in range(3)]
    # In the second sample both boxes are off by more than half the distance between the two.
    found = [moment(0, [[0, 0], [0.8, 0]], [7, 8], kinds), moment(500, [[0.7, 0], [0.1, 0]], [7, 8], kinds),
             moment(1000, [[0, 0], [0.8, 0]], [7, 8], kinds)]  # fmt: skip
    scored = evaluate_ground(list(zip(found, truth, strict=True)))
    assert scored["identity_switches"] == 0 and scored["team_accuracy"] == 1


def test_switches_count_by_the_minute_somebody_is_shown():
    kinds = ("home/player",)
    truth = [moment(500 * t, [[t, 0]], [1], kinds) for t in range(13)]
    found = [moment(500 * t, [[t, 0]], [5 if t < 6 else 6], ("home/",)) for t in range(13)]
    scored = evaluate_ground(list(zip(found, truth, strict=True)))
    # Six seconds are a tenth of a minute: one switch is ten a minute.
    assert scored["switches_per_player_minute"] == pytest.approx(10)
    assert scored["team_accuracy"] == 1 and scored["role_accuracy"] == 0
    back = [*truth[:4], *(moment(20_000 + 500 * t, [[t, 0]], [1], kinds) for t in range(4))]
    other = [moment(one.time_ms, one.pitch_xy_m, [3 if i < 4 else 4], kinds) for i, one in enumerate(back)]  # fmt: skip
    assert evaluate_ground(list(zip(other, back, strict=True)))["identity_switches"] == 0


def test_errors_are_told_by_size_and_crowd():
    kinds = ("home/player", "away/player")
    truth = [moment(0, [[0, 0], [10, 0]], [1, 2], kinds, [25, 50])]
    found = [moment(0, [[0.5, 0]], [1], ("home/player",))]
    scored = evaluate_ground(list(zip(found, truth, strict=True)))
    assert scored["by_height_px"]["0-30"]["error_median_m"] == pytest.approx(0.5)
    assert scored["by_height_px"]["45-65"] == {
        "people": 1, "error_median_m": None, "error_p95_m": None, "recall": 0.0,
    }  # fmt: skip
    assert scored["by_people"]["0-12"]["people"] == 2
