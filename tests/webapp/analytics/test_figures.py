"""Laws over all figures: they state what they rest on, survive emptiness, differ by theme, and have a table twin."""

import json

import numpy as np
import pytest

from analysis.core.tables import KINDS
from webapp.analytics.boards.panels import PANELS
from webapp.analytics.figures import (
    average_positions,
    camera_use,
    event_confidence,
    event_map,
    events_over_time,
    heat_map,
    momentum,
    shape_over_time,
    territory,
    values,
)
from webapp.analytics.figures.theme import DARK, LIGHT, theme_of

BASIS = values.Basis(45_000, 60_000)
PITCH = (105.0, 68.0)
COUNTS = np.zeros((14, 21), np.int64)
COUNTS[0, 20] = 3
COUNTS[13, 0] = 1
FULL = {
    heat_map: values.HeatMap("<b>Rovers</b>", PITCH, COUNTS, BASIS),
    events_over_time: values.EventsOverTime(
        10_000, ["Goal", "Foul"], ["Goal", "Foul"], ["#17934f", "#cf3f3f"], np.array([[0, 1], [2, 0]]), BASIS
    ),
    camera_use: values.CameraUse(10_000, np.array([[0.5, np.nan], [0.25, np.nan], [0.25, np.nan]]), BASIS),
    average_positions: values.AveragePositions(
        ("Rovers", "United"), ("#c8102e", "#f2f2f2"), PITCH,
        [values.MeanPosition(0, 4, False, -10.0, 5.0, 30_000), values.MeanPosition(1, 9, True, 46.0, 0.0, 20_000)],
        5_000, BASIS,
    ),
    event_map: values.EventMap(
        PITCH, ("Rovers", "United"), [("Goal", "home", 52.5, 0.0, 61_000, 0.9), ("Foul", "", 0.0, 0.0, 62_000, 0.2)], 3,
        BASIS,
    ),
    shape_over_time: values.ShapeOverTime(
        "Rovers", 10_000, np.array([[30.0, np.nan], [40.0, np.nan], [np.nan, np.nan], [12.0, np.nan]]),
        np.array([20, 0]), BASIS,
    ),
    territory: values.Territory(
        10_000, ("left third", "middle third", "right third"), np.array([[0.2, np.nan], [0.3, np.nan], [0.5, np.nan]]),
        BASIS,
    ),
    momentum: values.Momentum(
        ("Rovers", "United"), ("#c8102e", "#f2f2f2"), np.arange(0, 60_000, 5_000), np.linspace(-1, 2, 12), 4, 1, BASIS
    ),
    event_confidence: values.EventConfidence(["Goal"], ["Goal"], np.array([[1, 2, 0, 3]]), BASIS),
}  # fmt: skip
NOTHING = values.Basis(0, 0)
EMPTY = {
    heat_map: values.HeatMap("Rovers", PITCH, np.zeros((14, 21), np.int64), values.Basis(0, 0)),
    events_over_time: values.EventsOverTime(
        10_000, [], [], [], np.zeros((0, 0), np.int64), values.Basis(0, 0)
    ),
    camera_use: values.CameraUse(10_000, np.zeros((3, 0)), values.Basis(0, 0)),
    average_positions: values.AveragePositions(
        ("Rovers", "United"), ("#c8102e", "#f2f2f2"), (0.0, 0.0), [], 5_000, values.Basis(0, 0)
    ),
    event_map: values.EventMap(PITCH, ("Rovers", "United"), [], 0, NOTHING),
    shape_over_time: values.ShapeOverTime(
        "Rovers", 60_000, np.zeros((4, 0)), np.zeros(0, np.int64), NOTHING
    ),
    territory: values.Territory(60_000, ("left", "middle", "right"), np.zeros((3, 0)), NOTHING),
    momentum: values.Momentum(
        ("Rovers", "United"),
        ("#c8102e", "#f2f2f2"),
        np.zeros(0, np.int64),
        np.zeros(0),
        0,
        0,
        NOTHING,
    ),
    event_confidence: values.EventConfidence([], [], np.zeros((0, 4), np.int64), NOTHING),
}
MODULES = list(FULL)


def test_every_panel_of_the_board_is_under_these_laws():
    assert {panel.figure for panel in PANELS} == set(MODULES)


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_a_figure_states_the_share_of_time_it_rests_on(module):
    assert "75 %" in module.draw(FULL[module], LIGHT).layout.title.text


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_an_empty_figure_says_so(module):
    figure = module.draw(EMPTY[module], LIGHT)
    assert len(figure.data) == 0
    assert len(figure.layout.annotations) == 1 and len(figure.layout.annotations[0].text) > 10
    assert module.rows(EMPTY[module]) == []
    json.loads(figure.to_json())


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_a_figure_is_drawn_for_its_theme(module):
    light, dark = (module.draw(FULL[module], theme) for theme in (LIGHT, DARK))
    assert light.layout.font.color == LIGHT.text != dark.layout.font.color
    assert theme_of("dark") is DARK and theme_of("nonsense") is LIGHT and theme_of(None) is LIGHT


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_the_table_twin_fits_its_columns(module):
    rows = module.rows(FULL[module])
    assert rows
    for row in rows:
        assert len(row) == len(module.COLUMNS)
        for value, (_, kind) in zip(row, module.COLUMNS, strict=True):
            KINDS[kind][0](value)


def test_zones_lie_where_the_pitch_says():
    # 105 / 21 = 5 m columns, 68 / 14 m rows: the last column of the first row is the near right corner.
    (x_m, y_m, count, share), (x2_m, y2_m, *_) = heat_map.rows(FULL[heat_map])
    assert (x_m, count, share) == (50.0, 3, 0.75)
    assert y_m == pytest.approx(-34 + 68 / 28)
    assert (x2_m, y2_m) == (-50.0, pytest.approx(34 - 68 / 28))


def test_longer_seen_players_are_larger():
    figure = average_positions.draw(FULL[average_positions], LIGHT)
    assert figure.data[0].marker.size[0] > figure.data[1].marker.size[0]
    assert figure.data[1].marker.symbol[0] == "square"
