"""Confidence: the error of a statement by hand, and a fit that tells right from wrong."""

import tomllib

import numpy as np
import pytest

from analysis.calibration.confidence import probability
from analysis.calibration.confidence_fit import (
    Judged,
    expected_calibration_error,
    fitted_odds,
    odds_text,
)


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
    stored = tomllib.loads(odds_text(bias, weights, "this test"))
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
