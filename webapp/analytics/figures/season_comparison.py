"""Two matches side by side."""

from typing import Any

import plotly.graph_objects as go

from webapp.analytics.figures.theme import Theme, canvas, say_empty
from webapp.analytics.figures.values import Comparison

COLUMNS = (
    ("event", "text"),
    ("first_own_per_90", "metres"),
    ("first_opponents_per_90", "metres"),
    ("second_own_per_90", "metres"),
    ("second_opponents_per_90", "metres"),
)


def draw(values: Comparison, theme: Theme) -> go.Figure:
    """Own rates of both matches; the opponents' are in the table."""
    figure = canvas(values.basis, theme)
    if not values.words:
        return say_empty(figure, "Choose two analysed matches", theme)
    for i, (title, colour) in enumerate(zip(values.titles, (theme.good, theme.weak), strict=True)):
        figure.add_trace(
            go.Bar(
                y=values.words, x=values.rates[:, i, 0], name=f"{i + 1}: {title}", orientation="h",
                marker_color=colour, marker_line_width=0,
                marker_pattern={"shape": ("", "/")[i], "fgopacity": 0.4, "size": 6},
                hovertemplate="%{y}: %{x:.1f} in 90 minutes<extra></extra>",
            )
        )  # fmt: skip
    figure.update_layout(barmode="group", bargap=0.25, margin={"b": 64, "l": 120})
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(rangemode="tozero")
    return figure


def rows(values: Comparison) -> list[tuple[Any, ...]]:
    """The table twin."""
    return [
        (words, *(float(v) for v in values.rates[i].ravel()))
        for i, words in enumerate(values.words)
    ]
