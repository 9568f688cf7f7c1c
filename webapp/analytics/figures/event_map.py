"""Where events happened: a mark for each, its shape by team, its colour by class."""

from typing import Any

import plotly.graph_objects as go

from analysis.core.clock import clock_text
from webapp.analytics.figures.theme import Theme, canvas, say_empty
from webapp.analytics.figures.top_view import lay_pitch
from webapp.analytics.figures.values import EventMap
from webapp.analytics.presentation import lane_order, look

COLUMNS = (
    ("time", "text"),
    ("event", "text"),
    ("team", "text"),
    ("x_m", "metres"),
    ("y_m", "metres"),
    ("confidence", "share"),
)
_SYMBOLS = {"home": "circle", "away": "diamond", "": "x"}


def draw(values: EventMap, theme: Theme) -> go.Figure:
    """One trace a class, so that the legend can hide it; faint marks are unsure events."""
    figure = canvas(values.basis, theme)
    if not values.rows:
        words = "No event of this part has a place"
        return lay_pitch(say_empty(figure, words, theme), values.pitch_m, theme)
    for label in lane_order({row[0] for row in values.rows}):
        found = [row for row in values.rows if row[0] == label]
        seen = look(label)
        figure.add_trace(
            go.Scatter(
                x=[row[2] for row in found], y=[row[3] for row in found], name=seen.words, mode="markers",
                marker={
                    "size": 12, "symbol": [_SYMBOLS.get(row[1], "x") for row in found], "color": seen.colour,
                    "opacity": [0.45 + 0.55 * row[5] for row in found], "line": {"color": theme.text, "width": 0.8},
                },
                text=[f"{clock_text(row[4])}, {_team(values, row[1])}, {round(100 * row[5])} %" for row in found],
                hovertemplate=f"{seen.words} %{{text}}<extra></extra>",
            )
        )  # fmt: skip
    lay_pitch(figure, values.pitch_m, theme)
    figure.update_layout(
        margin={"b": 76}, legend={"orientation": "h", "y": -0.02, "yanchor": "top"}
    )
    return figure


def _team(values: EventMap, team: str) -> str:
    return {"home": values.teams[0], "away": values.teams[1]}.get(team, "team not known")


def rows(values: EventMap) -> list[tuple[Any, ...]]:
    """The table twin, in order of time."""
    return [
        (clock_text(time_ms), look(label).words, _team(values, team), x_m, y_m, confidence)
        for label, team, x_m, y_m, time_ms, confidence in values.rows
    ]
