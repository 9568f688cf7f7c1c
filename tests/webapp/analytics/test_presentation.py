import pytest

from analysis.core.vocabulary import SOCCERNET_V2
from tests.factories import make_match
from webapp.analytics import presentation
from webapp.analytics.selectors import DEFAULT_COLOURS, team_looks


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours as WCAG 2.2 defines it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("label", SOCCERNET_V2.labels)
def test_every_class_has_a_look_that_shows_on_both_themes(label):
    look = presentation.LOOKS[label]
    # The lanes of the timeline: --surface-2, light and dark.
    assert contrast(look.colour, "#eef2ed") >= 3
    assert contrast(look.colour, "#1b2520") >= 3


def test_no_two_classes_share_shape_and_letters():
    looks = [(look.shape, look.letters) for look in presentation.LOOKS.values()]
    assert len(set(looks)) == len(looks)


def test_an_unknown_label_still_gets_a_look():
    look = presentation.look("Header")
    assert (look.words, look.letters) == ("Header", "HE")
    assert presentation.lane_order({"Header", "Goal", "Kick-off"}) == ["Kick-off", "Goal", "Header"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3, "a few seconds"),
        (44, "40 seconds"),
        (100, "2 minutes"),
        (5000, "83 minutes"),
        (7500, "2 h 05 min"),
    ],
)
def test_spans_in_words(seconds, words):
    assert presentation.duration_words(seconds) == words


def test_dull_kits_get_their_strength_back():
    assert presentation.kit_colour("#a9b08b") == "#f0f2e8", "pale with grass in it: white"
    vivid = presentation.kit_colour("#7d6a40")
    assert int(vivid[1:3], 16) > 0x7D and int(vivid[5:7], 16) < 0x40
    assert presentation.kit_colour("#101010") == "#101010", "black stays black"
    assert presentation.kit_colour("red") == "" == presentation.kit_colour("#12345")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "colours", [("", ""), ("#c8102e", ""), ("#c8102e", "#c5122f"), ("red", "#ffffff")]
)
def test_kits_that_cannot_be_told_apart_fall_back_together(team, colours):
    looks = team_looks(make_match(team, home_colour=colours[0], away_colour=colours[1]))
    assert {side: look["colour"] for side, look in looks.items()} == DEFAULT_COLOURS
