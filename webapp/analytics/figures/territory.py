"""In which third of the pitch the play was, over time."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from webapp.analytics.figures.theme import Theme, bin_words, canvas, say_empty, time_axis
from webapp.analytics.figures.values import Territory

COLUMNS = (
    ("time", "text"),
    ("left_third", "share"),
    ("middle_third", "share"),
    ("right_third", "share"),
)
_PATTERNS = ("/", "", ".")


def draw(values: Territory, theme: Theme) -> go.Figure:
    """Bars that add up to the samples of each bin."""
    figure = canvas(values.basis, theme)
    if not np.isfinite(values.shares).any():
        return say_empty(figure, "Too few players in view in this part", theme)
    n_bins = values.shares.shape[1]
    names = [bin_words(i, values.bin_ms) for i in range(n_bins)]
    for words, shares, colour, pattern in zip(
        values.thirds, values.shares, (theme.weak, theme.none, theme.good), _PATTERNS, strict=True
    ):
        figure.add_trace(
            go.Bar(
                x=list(range(n_bins)), y=100 * shares, customdata=names, name=words, marker_color=colour,
                marker_line_width=0, marker_pattern={"shape": pattern, "fgopacity": 0.4, "size": 6},
                hovertemplate=f"{words}: %{{y:.0f}} %<br>%{{customdata}}<extra></extra>",
            )
        )  # fmt: skip
    figure.update_layout(barmode="stack", bargap=0.06, margin={"b": 70})
    time_axis(figure, n_bins, values.bin_ms)
    figure.update_yaxes(range=[0, 100], tickvals=[0, 25, 50, 75, 100], ticksuffix=" %")
    return figure


def rows(values: Territory) -> list[tuple[Any, ...]]:
    """The table twin: bins with samples."""
    return [
        (bin_words(i, values.bin_ms), *(float(share) for share in values.shares[:, i]))
        for i in range(values.shares.shape[1])
        if np.isfinite(values.shares[:, i]).all()
    ]
