"""What happens in 90 minutes: the own team beside its opponents."""

from typing import Any

import plotly.graph_objects as go

from webapp.analytics.figures.theme import Theme, canvas, say_empty
from webapp.analytics.figures.values import SeasonRates

COLUMNS = (
    ("event", "text"),
    ("own_per_90", "metres"),
    ("opponents_per_90", "metres"),
    ("own", "whole"),
    ("opponents", "whole"),
    ("without_a_team", "whole"),
)
NAMES = (("own team", ""), ("opponents", "/"))


def draw(values: SeasonRates, theme: Theme) -> go.Figure:
    """Two bars a class."""
    figure = canvas(values.basis, theme)
    if not values.words:
        return say_empty(figure, "No events in the chosen matches", theme)
    for i, ((name, pattern), colour) in enumerate(
        zip(NAMES, (theme.good, theme.weak), strict=True)
    ):
        figure.add_trace(
            go.Bar(
                y=values.words, x=values.rates[:, i], name=name, orientation="h", marker_color=colour,
                marker_line_width=0, marker_pattern={"shape": pattern, "fgopacity": 0.4, "size": 6},
                hovertemplate=f"%{{y}}, {name}: %{{x:.1f}} in 90 minutes<extra></extra>",
            )
        )  # fmt: skip
    figure.update_layout(barmode="group", bargap=0.25, margin={"b": 64, "l": 120})
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(rangemode="tozero")
    return figure


def rows(values: SeasonRates) -> list[tuple[Any, ...]]:
    """The table twin."""
    return [
        (words, float(values.rates[i, 0]), float(values.rates[i, 1]), *(int(n) for n in values.counts[i]))
        for i, words in enumerate(values.words)
    ]  # fmt: skip
