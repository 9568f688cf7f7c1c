"""Confidence: the overlap it speaks of, the error of its statement, and a fit that tells right from wrong."""

import tomllib

import numpy as np
import pytest

from analysis.calibration.cameras import homography_of
from analysis.calibration.confidence import probability
from analysis.calibration.methods.pitch_elements.confidence_fit import (
    Judged,
    expected_calibration_error,
    fitted_odds,
    iou_part,
    odds_text,
)

SIZE = (1280, 720)


def test_overlap_of_shifted_windows():
    # a map that shows x in [-20, 20] and all of y, against one shifted by 10 m: 30 m common of 50 m
    scale = 1280 / 40
    looking = np.array([[scale, 0, 640], [0, -720 / 70, 360], [0, 0, 1.0]])
    aside = looking @ np.array([[1, 0, -10], [0, 1, 0], [0, 0, 1.0]])
    assert iou_part(looking, looking, SIZE) == 1
    assert iou_part(looking, aside, SIZE) == pytest.approx(30 / 50, abs=0.01)


def test_a_view_without_pitch_overlaps_nothing():
    vector = np.array([0, -66.0, 17.0, 0.0, 0.25, 0, 0.4, 0])
    away = vector + np.array([0, 0, 0, 2.5, 0, 0, 0, 0])
    assert iou_part(homography_of(vector, SIZE), homography_of(away, SIZE), SIZE) == 0


def test_calibration_error_by_hand():
    # ten statements of 0.95 of which 8 right (0.15 off), ten of 0.25 of which 3 right (0.05 off): mean 0.10
    stated = np.array([0.95] * 10 + [0.25] * 10)
    right = np.array([True] * 8 + [False] * 2 + [True] * 3 + [False] * 7)
    assert expected_calibration_error(stated, right) == pytest.approx(0.10)


def test_fitted_odds_tell_right_from_wrong_and_survive_their_file():
    rng = np.random.default_rng(0)
    rows = []
    for _ in range(400):
        is_right = bool(rng.random() < 0.6)
        support = rng.normal(0.8 if is_right else 0.4, 0.1)
        rows.append(Judged({"support": support, "noise": rng.normal()}, is_right, True))
    bias, weights = fitted_odds(rows)
    stored = tomllib.loads(odds_text(bias, weights))
    stated = np.array(
        [probability(r.evidence, stored["weights"], bias=stored["bias"]) for r in rows]
    )
    right = np.array([row.is_right for row in rows])
    assert ((stated > 0.5) == right).mean() > 0.95
    assert expected_calibration_error(stated, right) < 0.05
    assert abs(weights["noise"]) < 0.3 < weights["support"]


def test_odds_need_both_kinds():
    rows = [Judged({"support": 1.0}, True, True)] * 3
    with pytest.raises(ValueError, match="right and wrong"):
        fitted_odds(rows)
