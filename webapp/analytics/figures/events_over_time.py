"""How many events of each class happened when."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from webapp.analytics.figures.theme import Theme, bin_words, canvas, say_empty, time_axis
from webapp.analytics.figures.values import EventsOverTime

COLUMNS = (("time", "text"), ("event", "text"), ("count", "whole"))
# Bars of neighbouring classes differ by pattern as well as by colour.
_PATTERNS = ("", "/", "x", ".", "\\", "+", "-", "|")


def draw(values: EventsOverTime, theme: Theme) -> go.Figure:
    """Stacked bars, one for each bin."""
    figure = canvas(values.basis, theme)
    if not values.counts.sum():
        return say_empty(figure, "No events in this part of the match", theme)
    n_bins = values.counts.shape[1]
    names = [bin_words(i, values.bin_ms) for i in range(n_bins)]
    for i, words in enumerate(values.words):
        if values.counts[i].any():
            figure.add_trace(
                go.Bar(
                    x=list(range(n_bins)), y=values.counts[i], customdata=names,
                    name=words, marker_color=values.colours[i],
                    marker_line_width=0,
                    marker_pattern={"shape": _PATTERNS[i % len(_PATTERNS)], "fgopacity": 0.35, "size": 6},
                    hovertemplate=f"{words}: %{{y}}<br>%{{customdata}}<extra></extra>",
                )
            )  # fmt: skip
    figure.update_layout(barmode="stack", bargap=0.15, margin={"b": 96})
    time_axis(figure, n_bins, values.bin_ms)
    figure.update_yaxes(
        rangemode="tozero", tick0=0, dtick=-(-int(values.counts.sum(axis=0).max()) // 5)
    )
    return figure


def rows(values: EventsOverTime) -> list[tuple[Any, ...]]:
    """The table twin: counts above zero in order of time."""
    return [
        (bin_words(int(j), values.bin_ms), values.words[i], int(values.counts[i, j]))
        for j, i in np.argwhere(values.counts.T > 0)
    ]
