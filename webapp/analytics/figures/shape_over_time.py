"""Length, width, line height and spread of a team over time; gaps where too few players were in view."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from webapp.analytics.figures.theme import Theme, bin_words, canvas, say_empty, time_axis
from webapp.analytics.figures.values import ShapeOverTime

COLUMNS = (
    ("time", "text"),
    ("length_m", "metres"),
    ("width_m", "metres"),
    ("line_height_m", "metres"),
    ("spread_m", "metres"),
    ("samples", "whole"),
)
_LINES = (("length", "solid"), ("width", "dash"), ("line height", "dot"), ("spread", "dashdot"))


def draw(values: ShapeOverTime, theme: Theme) -> go.Figure:
    """Four lines, told apart by dashes as well."""
    figure = canvas(values.basis, theme)
    if not np.isfinite(values.measures).any():
        return say_empty(figure, "Too few players of this team in view at once", theme)
    n_bins = values.measures.shape[1]
    names = [bin_words(i, values.bin_ms) for i in range(n_bins)]
    colours = (theme.good, theme.weak, theme.text, theme.text_2)
    for (words, dash), measure, colour in zip(_LINES, values.measures, colours, strict=True):
        if np.isfinite(measure).any():
            figure.add_trace(
                go.Scatter(
                    x=list(range(n_bins)), y=[None if np.isnan(v) else round(float(v), 2) for v in measure],
                    customdata=names, name=words, mode="lines+markers", connectgaps=False,
                    line={"color": colour, "dash": dash, "width": 2}, marker={"size": 5},
                    hovertemplate=f"{words} %{{y:.0f}} m<br>%{{customdata}}<extra></extra>",
                )
            )  # fmt: skip
    figure.update_layout(margin={"b": 70})
    time_axis(figure, n_bins, values.bin_ms)
    figure.update_yaxes(rangemode="tozero", ticksuffix=" m")
    return figure


def rows(values: ShapeOverTime) -> list[tuple[Any, ...]]:
    """The table twin: bins with samples."""
    return [
        (bin_words(i, values.bin_ms), *(_known(v) for v in values.measures[:, i]), int(values.samples[i]))
        for i in range(values.measures.shape[1])
        if values.samples[i]
    ]  # fmt: skip


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
