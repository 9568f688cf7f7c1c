"""A club's layer: finds the curve that made the corrections, and refuses what is no better than the present one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.club_layer import ClassLayer, ClubLayer, logit
from analysis.core.problems import InputProblem
from analysis.curation.club_layer import Said, compare, fit, split

LABELS = ("Corner", "Foul", "Goal")


def corrections(n, truth, seed=0, n_matches=12, labels=LABELS):
    """What a person would say if events were right with the probability that ``truth`` gives them."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        label, raw = labels[i % len(labels)], float(rng.uniform(0.05, 0.95))
        is_right = bool(rng.uniform() < truth.confidence(label, raw))
        rows.append(Said(i, i % n_matches, label, raw, is_right))
    return rows


def same(temperature, bias):
    return ClubLayer({label: ClassLayer(temperature, bias) for label in LABELS})


@pytest.mark.parametrize(("temperature", "bias"), [(2.0, 0.0), (0.7, -1.0), (1.0, 0.0)])
def test_the_curve_behind_the_corrections_is_found(temperature, bias):
    found = fit(corrections(6000, same(temperature, bias)))
    for label in LABELS:
        for raw in (0.2, 0.5, 0.8):
            wanted = same(temperature, bias).confidence(label, raw)
            assert found.confidence(label, raw) == pytest.approx(wanted, abs=0.05)


def test_classes_with_few_corrections_follow_the_others_and_hold_nothing_back():
    rows = corrections(300, same(1.0, -1.5), labels=("Corner",))
    rows += [Said(1000 + i, i, "Goal", 0.6, True) for i in range(4)]
    found = fit(rows)
    assert found.classes["Goal"].bias == pytest.approx(-1.5, abs=0.5)
    assert found.classes["Goal"].threshold == 0
    assert found.confidence("Throw-in", 0.4) == 0.4 and not found.holds_back("Throw-in", 0.0)


def test_a_hand_case_of_the_line():
    # Below one half everything is wrong, above it everything is right: the line lies between.
    rows = [Said(i, i, "Foul", 0.2 if i % 2 else 0.8, i % 2 == 0) for i in range(40)]
    layer = fit(rows)
    assert layer.holds_back("Foul", 0.2) and not layer.holds_back("Foul", 0.8)


def test_better_is_told_from_worse_and_from_the_same():
    truth = same(1.0, -1.2)
    rows = corrections(1200, truth)
    learn, held, by_match = split(rows)
    assert by_match and {r.match for r in learn}.isdisjoint(r.match for r in held)
    new = fit(learn)
    found = compare(learn, held, new, ClubLayer(), by_match=by_match)
    assert found.is_better and found.log_loss < found.log_loss_now and found.wins > 0.9
    worse = same(0.3, 2.0)
    assert not compare(learn, held, worse, new, by_match=by_match).is_better
    assert not compare(learn, held, new, new, by_match=by_match).is_better


def test_a_layer_that_holds_back_what_is_right_is_not_used():
    rows = corrections(1200, same(1.0, 1.0))
    learn, held, by_match = split(rows)
    good = fit(learn)
    greedy = ClubLayer(
        {k: ClassLayer(v.temperature, v.bias, 0.97) for k, v in good.classes.items()}
    )
    found = compare(learn, held, greedy, ClubLayer(), by_match=by_match)
    assert not found.is_better and "wrong events" in found.sentence


def test_nothing_is_learned_from_a_handful():
    with pytest.raises(InputProblem, match="review more"):
        fit(corrections(10, same(1, 0)))
    rows = corrections(30, same(1, 0))
    assert not compare(rows, rows[:5], ClubLayer(), ClubLayer(), by_match=False).is_better


def test_few_matches_are_split_by_event_and_always_alike():
    rows = corrections(200, same(1, 0), n_matches=1)
    learn, held, by_match = split(rows)
    assert not by_match and len(learn) + len(held) == 200
    assert split(list(reversed(rows)))[1] == list(reversed(held))


@given(
    raw=st.lists(st.floats(0, 1), min_size=2, max_size=8),
    temperature=st.floats(0.1, 10),
    bias=st.floats(-3, 3),
)
def test_a_layer_keeps_the_order_and_comes_back_from_json(raw, temperature, bias):
    layer = ClubLayer({"Goal": ClassLayer(temperature, bias, 0.3)})
    ordered = [layer.confidence("Goal", p) for p in sorted(raw)]
    assert ordered == sorted(ordered) and all(0 <= p <= 1 for p in ordered)
    assert ClubLayer.from_plain(layer.to_plain()) == layer


@pytest.mark.parametrize(
    "values", [(0, 0, 0), (-1, 0, 0), (1, math.nan, 0), (1, 0, 1), (math.inf, 0, 0)]
)
def test_impossible_numbers_are_refused(values):
    with pytest.raises(ValueError, match="temperature > 0"):
        ClassLayer(*values)


def test_the_identity_changes_nothing():
    assert ClassLayer().confidence(0.37) == pytest.approx(0.37, abs=1e-12)
    assert logit(0.5) == 0
