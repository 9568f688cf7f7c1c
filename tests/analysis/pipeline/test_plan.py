import dataclasses

import pytest

from analysis.core.problems import PlanProblem
from analysis.pipeline.plan import make_plan
from analysis.pipeline.recipe import Choice, load_recipe


def gaps(recipe):
    with pytest.raises(PlanProblem) as problem:
        make_plan(recipe)
    return problem.value.gaps


def test_steps_follow_their_needs_and_missing_streams_are_added(trial):
    steps = make_plan(load_recipe(str(trial)))
    assert [(step.stage, step.card.slug) for step in steps] == [
        ("calibrate", "steady"),
        ("locate", "squares"),
        ("represent", "counts"),
        ("spot", "far_right"),
    ]
    assert steps[0].version == "steady 1" and steps[2].produces == "counts"


def test_a_listed_stream_is_not_added_twice(trial):
    recipe = dataclasses.replace(load_recipe(str(trial)), represent=(Choice("counts"),))
    assert [step.stage for step in make_plan(recipe)].count("represent") == 1


def test_all_gaps_are_told_at_once(trial):
    recipe = dataclasses.replace(
        load_recipe(str(trial)),
        calibrate=Choice("nowhere"),
        locate=Choice("squares", {"least_are": 3, "colour": 1}),
        spot=Choice("hungry"),
    )
    told = gaps(recipe)
    assert len(told) == 4
    assert "'nowhere'" in told[0] and "steady" in told[0]
    assert "'colour'" in told[1] and "'least_are'" in told[2] and "least_area" in told[2]
    assert "hungry needs audio" in told[3]


def test_a_method_whose_library_is_missing_is_a_gap(trial):
    package = trial.parent / "methods" / "trial_methods" / "detectors" / "squares" / "__init__.py"
    package.write_text("import a_library_nobody_has\n")
    assert "a_library_nobody_has" in gaps(load_recipe(str(trial)))[0]
