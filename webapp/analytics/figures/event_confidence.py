"""How sure the events are: what a person looked at, and what the model thinks of the rest."""

from typing import Any

import plotly.graph_objects as go

from webapp.analytics.figures.theme import Theme, canvas, say_empty
from webapp.analytics.figures.values import EventConfidence

COLUMNS = (
    ("event", "text"),
    ("reviewed", "whole"),
    ("sure", "whole"),
    ("likely", "whole"),
    ("unsure", "whole"),
)
_BANDS = ("reviewed by a person", "80 % and more", "50 % and more", "below 50 %")
_PATTERNS = ("", "/", ".", "x")


def draw(values: EventConfidence, theme: Theme) -> go.Figure:
    """Bars on their side, a class a row, the most telling classes on top."""
    figure = canvas(values.basis, theme)
    if not values.counts.sum():
        return say_empty(figure, "No events in this part of the match", theme)
    colours = (theme.good, theme.heat[1], theme.weak, theme.none)
    for i, (words, colour) in enumerate(zip(_BANDS, colours, strict=True)):
        figure.add_trace(
            go.Bar(
                y=values.words, x=values.counts[:, i], name=words, orientation="h", marker_color=colour,
                marker_line_width=0, marker_pattern={"shape": _PATTERNS[i], "fgopacity": 0.4, "size": 6},
                hovertemplate=f"%{{y}}, {words}: %{{x}}<extra></extra>",
            )
        )  # fmt: skip
    figure.update_layout(barmode="stack", bargap=0.25, margin={"b": 64, "l": 120})
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(rangemode="tozero")
    return figure


def rows(values: EventConfidence) -> list[tuple[Any, ...]]:
    """The table twin."""
    return [
        (words, *(int(n) for n in counts))
        for words, counts in zip(values.words, values.counts, strict=True)
    ]
