import pytest

from analysis.core.problems import InputProblem
from analysis.pipeline.plan import make_plan
from analysis.pipeline.recipe import load_recipe, parse_recipe, recipe_names

MINIMAL = '[calibrate]\nmethod = "a"\n[locate]\nmethod = "b"\n'


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_that_comes_along_can_be_planned(name):
    stages = [step.stage for step in make_plan(load_recipe(name))]
    first = ["shots"] if name in {"default", "broadcast"} else []
    assert stages[: len(first) + 2] == [*first, "calibrate", "locate"]


def test_a_minimal_recipe_keeps_the_defaults():
    recipe = parse_recipe(MINIMAL, "mine")
    assert (recipe.name, recipe.title, recipe.rate_hz, recipe.spot) == ("mine", "mine", 2.0, None)
    assert recipe.calibrate.method == "a" and recipe.represent == ()


def test_everything_can_be_set():
    recipe = parse_recipe(
        'title = "T"\nrate_hz = 5\nfloor = 0.1\n' + MINIMAL + "[locate.settings]\nn = 3\n"
        '[[represent]]\nmethod = "c"\n[spot]\nmethod = "d"\n[events]\nthreshold = 0.4\nthresholds = { Corner = 0.6 }\n',
        "mine",
    )
    assert recipe.rate_hz == 5.0 and recipe.locate.settings == {"n": 3}
    assert recipe.represent[0].method == "c" and recipe.spot.method == "d"
    assert recipe.events.thresholds == {"Corner": 0.6}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "lacks 'calibrate'"),
        ('[calibrate]\nmethod = "a"\n', "lacks 'locate'"),
        ("not toml", "cannot be read"),
        ("speed = 3\n" + MINIMAL, "speed"),
        ("rate_hz = 0\n" + MINIMAL, "rate_hz"),
        ("floor = 2\n" + MINIMAL, "floor"),
        (MINIMAL + "[events]\nodd = 1\n", "odd"),
        ('calibrate = "a"\n[locate]\nmethod = "b"\n', "a table with a method"),
        (MINIMAL + 'setings = "typo"\n', "setings"),
    ],
)
def test_a_bad_recipe_says_what_is_wrong(text, words):
    with pytest.raises(InputProblem) as problem:
        parse_recipe(text, "mine")
    assert problem.value.code == "recipe_unreadable" and words in problem.value.sentence


@pytest.mark.parametrize("name", ["nothing", "../default", "/etc/passwd", "x.toml", ""])
def test_an_unknown_recipe_lists_those_there_are(name):
    with pytest.raises(InputProblem) as problem:
        load_recipe(name)
    assert problem.value.code == "recipe_missing" and "default" in problem.value.sentence


def test_a_recipe_can_be_a_file(tmp_path):
    (tmp_path / "mine.toml").write_text(MINIMAL)
    assert load_recipe(str(tmp_path / "mine.toml")).name == "mine"
