"""One look for every figure, light or dark, and what an empty one says."""

from dataclasses import dataclass

import plotly.graph_objects as go

from analysis.core.clock import clock_text
from webapp.analytics.figures.values import Basis


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of the site's design (``static/css/tokens.css``) for places that CSS cannot reach."""

    text: str
    text_2: str
    line: str
    surface: str
    grass: str
    good: str
    weak: str
    none: str
    heat: tuple[str, str, str]


LIGHT = Theme(
    "#14201a", "#48564d", "#d5ddd4", "#ffffff", "#eef2ed", "#0b6b3a", "#b57a12", "#c3ccc4",
    ("#eef4ee", "#6fb58d", "#07542d"),
)  # fmt: skip
DARK = Theme(
    "#e8f0eb", "#a9b9b0", "#2a3831", "#141c18", "#1b2520", "#4cc987", "#f3c063", "#44544b",
    ("#18231d", "#2b7f54", "#8cf0bd"),
)  # fmt: skip
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif'


def theme_of(name: str) -> Theme:
    """``dark``, anything else is light."""
    return DARK if name == "dark" else LIGHT


def canvas(basis: Basis, theme: Theme) -> go.Figure:
    """An empty figure in the site's look that states what it rests on; its height is the page's to set."""
    figure = go.Figure()
    figure.update_layout(
        margin={"l": 36, "r": 8, "t": 32, "b": 40},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 13, "color": theme.text},
        title={
            "text": basis.words,
            "font": {"size": 12, "color": theme.text_2},
            "x": 0.01,
            "xref": "container",
            "y": 0.98,
            "yanchor": "top",
        },
        hoverlabel={"bgcolor": theme.text, "font": {"color": theme.surface, "family": FONT}},
        legend={
            "orientation": "h",
            "y": -0.14,
            "x": 0,
            "font": {"color": theme.text_2, "size": 12},
        },
        colorway=[theme.good, theme.weak],
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": theme.text_2, "activecolor": theme.text},
    )
    axis = {"gridcolor": theme.line, "zeroline": False, "linecolor": theme.line}
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    return figure


def say_empty(figure: go.Figure, words: str, theme: Theme) -> go.Figure:
    """Say in the middle of a figure why there is nothing in it."""
    figure.add_annotation(
        text=words,
        x=0.5,
        y=0.5,
        xref="paper",
        yref="paper",
        showarrow=False,
        font={"size": 15, "color": theme.text_2},
    )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure


def time_axis(figure: go.Figure, n_bins: int, bin_ms: int) -> go.Figure:
    """Name the beginning of a few bins below bars at 0, 1, 2...; all of them would run into each other on a phone."""
    step = max(1, -(-n_bins // 6))
    shown = list(range(0, n_bins, step))
    figure.update_xaxes(
        showgrid=False,
        tickvals=shown,
        ticktext=[clock_text(i * bin_ms) for i in shown],
        tickangle=0,
    )
    return figure


def bin_words(number: int, bin_ms: int) -> str:
    """``10:00-15:00`` of a bin."""
    return f"{clock_text(number * bin_ms)}–{clock_text((number + 1) * bin_ms)}"
