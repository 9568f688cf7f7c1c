"""One class match after match, and the mean of the last three."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from webapp.analytics.figures.season_rates import NAMES
from webapp.analytics.figures.theme import Theme, canvas, say_empty
from webapp.analytics.figures.values import SeasonTrend

COLUMNS = (
    ("match", "text"),
    ("day", "text"),
    ("own_per_90", "metres"),
    ("opponents_per_90", "metres"),
)
WINDOW = 3


def draw(values: SeasonTrend, theme: Theme) -> go.Figure:
    """Marks for matches, a line for the mean of three."""
    figure = canvas(values.basis, theme)
    if not np.isfinite(values.rates).any():
        return say_empty(figure, "No analysed match to show", theme)
    titles = [f"{title} {day}".strip() for title, day in values.matches]
    numbers = list(range(1, len(titles) + 1))
    for i, ((name, _), colour) in enumerate(zip(NAMES, (theme.good, theme.weak), strict=True)):
        rates = [None if np.isnan(v) else float(v) for v in values.rates[:, i]]
        figure.add_trace(
            go.Scatter(
                x=numbers, y=rates, text=titles, name=name, mode="markers",
                marker={"color": colour, "size": 10, "symbol": ("circle", "diamond")[i]},
                hovertemplate=f"%{{text}}<br>{values.words}, {name}: %{{y:.1f}} in 90 minutes<extra></extra>",
            )
        )  # fmt: skip
        figure.add_trace(
            go.Scatter(
                x=numbers, y=mean_of_last(values.rates[:, i]), mode="lines", showlegend=False, hoverinfo="skip",
                line={"color": colour, "dash": ("solid", "dash")[i], "width": 2},
            )
        )  # fmt: skip
    figure.update_layout(margin={"b": 64})
    figure.update_xaxes(dtick=max(1, len(titles) // 10), title={"text": "match", "standoff": 4})
    figure.update_yaxes(rangemode="tozero")
    return figure


def mean_of_last(rates: Any) -> list[float | None]:
    """Mean of each match and the two before it, without those that are not known."""
    found: list[float | None] = []
    for i in range(len(rates)):
        known = rates[max(0, i - WINDOW + 1) : i + 1]
        known = known[np.isfinite(known)]
        found.append(float(known.mean()) if len(known) else None)
    return found


def rows(values: SeasonTrend) -> list[tuple[Any, ...]]:
    """The table twin."""
    return [
        (title, day, *(None if np.isnan(v) else float(v) for v in values.rates[i]))
        for i, (title, day) in enumerate(values.matches)
    ]
