"""Which team presses: shots, corners and their like, weighted, smoothed over two minutes."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from analysis.core.clock import clock_text
from webapp.analytics.figures.theme import Theme, canvas, say_empty
from webapp.analytics.figures.values import Momentum

COLUMNS = (("time", "text"), ("balance", "share"), ("team", "text"))


def draw(values: Momentum, theme: Theme) -> go.Figure:
    """A hill above the line is home's, below it away's."""
    figure = canvas(values.basis, theme)
    if not values.n_used:
        return say_empty(figure, "No attacking event of this part has a team", theme)
    times_min = values.times_ms / 60_000
    for name, colour, side in zip(
        values.teams, values.colours, (np.maximum, np.minimum), strict=True
    ):
        figure.add_trace(
            go.Scatter(
                x=times_min, y=side(values.balance, 0), name=name, mode="lines", fill="tozeroy",
                line={"color": colour, "width": 1.5},
                hovertemplate=f"{name}: %{{y:.2f}}, minute %{{x:.0f}}<extra></extra>",
            )
        )  # fmt: skip
    reach = 1.1 * float(np.abs(values.balance).max())
    figure.update_layout(margin={"b": 64})
    figure.update_xaxes(ticksuffix=" min", showgrid=False)
    figure.update_yaxes(range=[-reach, reach], zeroline=True, zerolinecolor=theme.text_2)
    if values.n_without:
        figure.add_annotation(
            text=f"{values.n_without} events without a team do not count", x=1, y=1.02, xref="paper", yref="paper",
            xanchor="right", showarrow=False, font={"size": 12, "color": theme.text_2},
        )  # fmt: skip
    return figure


def rows(values: Momentum) -> list[tuple[Any, ...]]:
    """The table twin: every twelfth point."""
    step = max(1, len(values.times_ms) // 20)
    return [
        (
            clock_text(int(values.times_ms[i])),
            float(values.balance[i]),
            values.teams[0 if values.balance[i] >= 0 else 1],
        )
        for i in range(0, len(values.times_ms), step)
    ]
