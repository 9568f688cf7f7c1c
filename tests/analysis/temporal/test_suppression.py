"""Drawn by hand: scores by frame, windows in frames.

frame   0    1    2    3    4    5    6
score  .1   .9   .2   .3   .0   .5   .4
"""

import numpy as np
import pytest

from analysis.temporal import suppression

SCORES = np.array([0.1, 0.9, 0.2, 0.3, 0.0, 0.5, 0.4])


def test_hard_leaves_the_right_end_of_the_window_out():
    # The peak at 1 with window 4 removes [-1, 3): frame 3 survives, then loses nothing to the peak at 5: [3, 7).
    indices, scores = suppression.hard(SCORES, 4)
    assert indices.tolist() == [1, 5]
    assert scores.tolist() == [0.9, 0.5]
    indices, _ = suppression.hard(SCORES, 2)
    assert indices.tolist() == [1, 5, 6, 3]


def test_hard_symmetric_takes_both_ends():
    indices, _ = suppression.hard_symmetric(SCORES, 2)
    assert indices.tolist() == [1, 5, 3]


def test_threshold_and_ties():
    assert suppression.hard(np.array([0.5, 0.2, 0.5]), 2, threshold=0.5)[0].tolist() == [0, 2]
    assert suppression.hard(np.full(4, -1.0), 2)[0].tolist() == []


def test_soft_linear_scales_neighbours_by_their_distance():
    indices, scores = suppression.soft_linear(np.array([0.0, 0.8, 0.4, 0.4]), 2)
    # |2-1|/2 = 1/2 and |3-1|/2 = 1: frame 2 falls to .2, frame 3 keeps .4 and then halves frame 2 again.
    assert indices.tolist() == [1, 3, 2]
    assert scores == pytest.approx([0.8, 0.4, 0.1])


def test_soft_quadratic():
    indices, scores = suppression.soft_quadratic(np.array([0.0, 0.8, 0.4, 0.4]), 2)
    assert indices.tolist() == [1, 3, 2]
    assert scores == pytest.approx([0.8, 0.4, 0.4 / 16])


def test_soft_equals_repeated_search():
    rng = np.random.default_rng(0)
    scores = rng.random(300)
    current, expected = scores.copy(), []
    while current.max() >= 1e-5:
        peak = int(current.argmax())
        expected.append(peak)
        distance = np.abs(np.arange(300) - peak)
        current *= np.where(distance <= 8, np.clip(distance / 8, 0, 1), 1)
        current[peak] = -1
    assert suppression.soft_linear(scores, 8)[0].tolist() == expected
