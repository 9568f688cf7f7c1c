"""Several spotters as one: what is heard, how much, and what a recipe may not say."""

import tomllib

import numpy as np
import pytest

from analysis.benchmarks._simulated_halves import streams_of
from analysis.core.pitch import PitchSpec
from analysis.core.problems import InputProblem
from analysis.core.records import ActionSpot
from analysis.core.registry import SPOTTERS
from analysis.pipeline.recipe import load_recipe
from analysis.spotting.models.ensemble import Ensemble, Settings, build
from analysis.spotting.models.ensemble.fusion import Told, fused, opinions
from analysis.spotting.models.ensemble.training_run import MEMBERS, train
from analysis.synthetic.halves import make_halves
from analysis.training.base import TrainingRequest
from tests.analysis import formations

AS_IT_IS = (1.0, 0.0)


def told(*pairs):
    times, sure = np.array(pairs, float).reshape(-1, 2).T
    return Told(times, sure)


def heard(told_by_each, weights):
    thoughts = opinions(told_by_each, [AS_IT_IS] * len(told_by_each))
    kept, strength = fused(thoughts, weights, 8000)
    return [
        (float(thoughts.time_ms[i]), round(float(s), 3))
        for i, s in zip(kept, strength, strict=True)
    ]


def test_two_who_agree_outdo_one_who_is_sure_of_something_else():
    one, other = told((10_000, 0.8), (60_000, 0.9)), told((12_000, 0.8))
    # At 10 s: 0.8 of the one, and of the other what is left of 0.8 two seconds away.
    assert heard([one, other], [1, 1]) == [(10_000, 0.7), (60_000, 0.45)]


def test_weights_say_whose_moment_it_is_and_who_is_not_heard():
    one, other = told((10_000, 0.8)), told((12_000, 0.8), (90_000, 0.9))
    assert heard([one, other], [1, 3])[0][0] == 12_000
    assert heard([one, other], [2, 0]) == [(10_000, 0.8)]
    assert heard([one, other], [0, 0]) == []
    assert heard([told(), told()], [1, 1]) == []


def test_one_alone_says_what_it_said():
    own = told((5_000, 0.3), (50_000, 0.6), (52_000, 0.5))
    assert heard([own], [2]) == [(50_000, 0.6), (5_000, 0.3)]


def test_events_nearer_than_allowed_are_one():
    thoughts = opinions([told((5_000, 0.3), (9_000, 0.6))], [AS_IT_IS])
    assert fused(thoughts, [1], 4000)[0].tolist() == [1, 0]
    assert fused(thoughts, [1], 4001)[0].tolist() == [1]


def ensemble(*voices):
    classes = {"Corner": {**dict(voices), "fused": [2.0, 0.0, 8.0]}}
    return Ensemble(Settings(classes=classes), {})


def test_spots_keep_their_place_and_borrow_a_team():
    found = {
        "a": [ActionSpot(1, 10_000, "Corner", 0.9), ActionSpot(1, 10_000, "Goal", 0.9)],
        "b": [ActionSpot(1, 11_000, "Corner", 0.2, "away", (3.0, 4.0))],
    }
    (spot,) = ensemble(("a", [1.0, 0.0, 1.0])).fused(found)
    assert (spot.position_ms, spot.label, spot.team) == (10_000, "Corner", None)
    assert spot.confidence == pytest.approx(81 / 82)  # odds of 9, squared
    (spot,) = ensemble(("a", [1.0, 0.0, 3.0]), ("b", [1.0, 0.0, 1.0])).fused(found)
    assert (spot.position_ms, spot.team, spot.pitch_xy_m) == (10_000, "away", (3.0, 4.0))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (Settings({"hunch": ""}), "cannot have the member 'hunch'"),
        (Settings({"ensemble": ""}), "cannot have the member 'ensemble'"),
        (Settings({"position_anchors": "0" * 12}), "not those that the recipe was fitted with"),
        (Settings({"rules": ""}, {"Corner": {"calf": [1, 0, 1]}}), "weighs calf"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused_in_a_sentence(settings, words):
    with pytest.raises(InputProblem, match=words):
        build(settings)


def test_without_members_it_says_nothing():
    assert build(Settings()).spot(formations.sample_match(), PitchSpec()) == []


def test_a_recipe_is_fitted_and_spots(tmp_path):
    list(make_halves(tmp_path / "halves", range(11, 13), 20.0))
    request = TrainingRequest(tmp_path, tmp_path / "halves", part="rules,position_anchors")
    report = train(request, lambda event: None)
    assert report.numbers["classes"] >= 1
    recipe = tomllib.loads((tmp_path / "ensemble.toml").read_text())
    assert recipe["spot"]["method"] == "ensemble"
    tracks = formations.sample_match()
    streams = streams_of(tracks["players"], tracks["calibrations"], SPOTTERS.card("ensemble"))
    spots = build(Settings(**recipe["spot"]["settings"])).spot(streams, PitchSpec())
    assert {spot.label for spot in spots} <= set(recipe["spot"]["settings"]["classes"])
    assert all(0 <= spot.confidence <= 1 for spot in spots)
    assert [s.position_ms for s in spots] == sorted(s.position_ms for s in spots)


def test_without_halves_nothing_is_weighed(tmp_path):
    with pytest.raises(InputProblem, match="make some with simulate_halves"):
        train(TrainingRequest(tmp_path, tmp_path), lambda event: None)
    list(make_halves(tmp_path, range(11, 12), 1.0))
    with pytest.raises(InputProblem, match="cannot have the member 'hunch'"):
        train(TrainingRequest(tmp_path, tmp_path, part="hunch"), lambda event: None)


def test_the_recipe_that_comes_along_fits_the_weights_that_come_along():
    choice = load_recipe("ensemble").spot
    built = build(Settings(**choice.settings))
    assert set(built.members) == set(MEMBERS)
    assert set(built.settings.classes) <= set(SPOTTERS.card("ensemble").emits)
    needs = {need for name in MEMBERS for need in SPOTTERS.card(name).needs}
    assert needs <= set(SPOTTERS.card("ensemble").needs)
