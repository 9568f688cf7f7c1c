"""Where a team's outfield players were: share of their positions in each zone of the pitch."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from webapp.analytics.figures.theme import Theme, canvas, say_empty
from webapp.analytics.figures.top_view import lay_pitch, pitch_of
from webapp.analytics.figures.values import HeatMap

COLUMNS = (("x_m", "metres"), ("y_m", "metres"), ("positions", "whole"), ("share", "share"))


def draw(values: HeatMap, theme: Theme) -> go.Figure:
    """The heat map on the pitch; empty zones stay empty."""
    figure = canvas(values.basis, theme)
    total = int(values.counts.sum())
    if not total:
        return lay_pitch(
            say_empty(figure, "No positions of this team", theme), values.pitch_m, theme
        )
    x_m, y_m = centres(values)
    shares = np.where(values.counts > 0, 100 * values.counts / total, np.nan)
    figure.add_trace(
        go.Heatmap(
            x=x_m, y=y_m, z=shares, zmin=0, xgap=1, ygap=1, hoverongaps=False,
            colorscale=[[0, theme.heat[0]], [0.45, theme.heat[1]], [1, theme.heat[2]]],
            colorbar={
                "orientation": "h", "thickness": 8, "len": 0.6, "y": -0.01, "yanchor": "top", "ticksuffix": " %",
                "outlinewidth": 0, "nticks": 5,
            },
            hovertemplate="%{z:.1f} % of positions<br>x %{x:.0f} m, y %{y:.0f} m<extra></extra>",
        )
    )  # fmt: skip
    lay_pitch(figure, values.pitch_m, theme)
    figure.update_layout(margin={"b": 40})
    return figure


def centres(values: HeatMap) -> tuple[np.ndarray, np.ndarray]:
    """Middles of the zones: x of the columns, y of the rows, metres."""
    pitch = pitch_of(values.pitch_m)
    n_rows, n_columns = values.counts.shape
    x_m = (np.arange(n_columns) + 0.5) * pitch.length_m / n_columns - pitch.length_m / 2
    y_m = (np.arange(n_rows) + 0.5) * pitch.width_m / n_rows - pitch.width_m / 2
    return x_m, y_m


def rows(values: HeatMap) -> list[tuple[Any, ...]]:
    """The table twin: zones with positions, fullest first."""
    x_m, y_m = centres(values)
    total = max(1, int(values.counts.sum()))
    found = [
        (float(x_m[j]), float(y_m[i]), int(values.counts[i, j]), values.counts[i, j] / total)
        for i, j in np.argwhere(values.counts > 0)
    ]
    return sorted(found, key=lambda row: (-row[2], row[0], row[1]))
