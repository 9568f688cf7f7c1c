"""Hits and recall at a precision, on cases that fit on paper."""

import numpy as np

from analysis.metrics.spot_hits import hits_of, recall_at_precision
from analysis.metrics.spotting import HalfLabels, HalfPredictions


def hits(truth_s, found_s, confidence):
    return hits_of(
        np.array(truth_s, np.int64) * 1000, np.array(found_s, np.int64) * 1000, np.array(confidence)
    ).tolist()


def test_the_surest_chooses_first_and_an_event_is_found_once():
    #   truth        10          20
    #   found     8(.5) 12(.9)
    assert hits([10, 20], [8, 12], [0.5, 0.9]) == [False, True]
    # The one at 14 takes the nearer event, at 12, so the other remains for the one at 8.
    assert hits([10, 12], [8, 14], [0.5, 0.9]) == [True, True]


def test_five_seconds_are_near_and_more_is_not():
    assert hits([10], [15], [0.5]) == [True]
    assert hits([10], [16], [0.5]) == [False]
    assert hits([], [16], [0.5]) == [False]


def half(truth_s, found_s, confidence):
    truth = np.array(truth_s, np.int64) * 1000
    found = np.array(found_s, np.int64) * 1000
    return (
        HalfLabels(truth, np.zeros(len(truth), np.int64), np.ones(len(truth), bool)),
        HalfPredictions(found, np.zeros(len(found), np.int64), np.array(confidence, float)),
    )


def test_recall_counts_as_far_down_as_the_precision_holds():
    # Hits at .9 and .6, misses at .8, .5 and .4, then a hit at .3: precisions 1, 1/2, 2/3, 2/4, 2/5, 3/6.
    labels, told = half(
        [10, 100, 200, 300], [10, 50, 100, 150, 250, 200], [0.9, 0.8, 0.6, 0.5, 0.4, 0.3]
    )
    assert recall_at_precision([labels], [told], 0) == 3 / 4
    assert recall_at_precision([labels], [told], 0, precision=0.6) == 2 / 4
    assert recall_at_precision([labels], [told], 1) == 0.0


def test_equal_confidences_stand_or_fall_together():
    labels, told = half([10], [10, 50, 90], [0.5, 0.5, 0.5])
    assert recall_at_precision([labels], [told], 0) == 0.0
