"""For which share of the time the pitch was found: the ground everything else stands on."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from webapp.analytics.figures.theme import Theme, bin_words, canvas, say_empty, time_axis
from webapp.analytics.figures.values import CameraUse

COLUMNS = (
    ("time", "text"),
    ("camera_known", "share"),
    ("camera_uncertain", "share"),
    ("no_pitch_view", "share"),
)
_WORDS = ("camera known", "uncertain", "no pitch view")
_PATTERNS = ("", "/", "")


def draw(values: CameraUse, theme: Theme) -> go.Figure:
    """Bars that add up to the whole of each bin."""
    figure = canvas(values.basis, theme)
    if not np.isfinite(values.shares).any():
        return say_empty(figure, "This part of the video was not analysed", theme)
    n_bins = values.shares.shape[1]
    names = [bin_words(i, values.bin_ms) for i in range(n_bins)]
    for words, shares, colour, pattern in zip(
        _WORDS, values.shares, (theme.good, theme.weak, theme.none), _PATTERNS, strict=True
    ):
        figure.add_trace(
            go.Bar(
                x=list(range(n_bins)), customdata=names, y=100 * shares, name=words, marker_color=colour,
                marker_line_width=0, marker_pattern={"shape": pattern, "fgopacity": 0.4, "size": 5},
                hovertemplate=f"{words}: %{{y:.0f}} %<br>%{{customdata}}<extra></extra>",
            )
        )  # fmt: skip
    figure.update_layout(barmode="stack", bargap=0.06, margin={"b": 70})
    time_axis(figure, n_bins, values.bin_ms)
    figure.update_yaxes(range=[0, 100], tickvals=[0, 25, 50, 75, 100])
    return figure


def rows(values: CameraUse) -> list[tuple[Any, ...]]:
    """The table twin."""
    return [
        (bin_words(i, values.bin_ms), *(float(share) for share in values.shares[:, i]))
        for i in range(values.shares.shape[1])
    ]
