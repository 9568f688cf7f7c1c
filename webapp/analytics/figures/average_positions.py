"""Where followed players were on average. A player lost and found again counts as two until names are given."""

from typing import Any

import plotly.graph_objects as go

from webapp.analytics.figures.theme import Theme, canvas, say_empty
from webapp.analytics.figures.top_view import lay_pitch
from webapp.analytics.figures.values import AveragePositions, MeanPosition
from webapp.analytics.presentation import duration_words

COLUMNS = (
    ("team", "text"),
    ("track", "whole"),
    ("role", "text"),
    ("x_m", "metres"),
    ("y_m", "metres"),
    ("seen_s", "seconds"),
)
_SHAPES = (("circle", "square"), ("diamond", "square"))


def draw(values: AveragePositions, theme: Theme) -> go.Figure:
    """One mark a player, larger the longer he was seen; keepers are squares, the away team diamonds."""
    figure = canvas(values.basis, theme)
    if not values.players:
        least = duration_words(values.least_ms / 1000)
        words = f"Nobody could be followed for {least} or longer"
        return lay_pitch(say_empty(figure, words, theme), values.pitch_m, theme)
    longest = max(player.seen_ms for player in values.players)
    for team, name in enumerate(values.teams):
        members = [player for player in values.players if player.team == team]
        figure.add_trace(
            go.Scatter(
                x=[player.x_m for player in members], y=[player.y_m for player in members],
                name=name, mode="markers",
                marker={
                    "size": [10 + 14 * player.seen_ms / longest for player in members],
                    "symbol": [_SHAPES[team][player.is_keeper] for player in members],
                    "color": values.colours[team], "opacity": 1, "line": {"color": theme.text, "width": 1.2},
                },
                text=[_words(player) for player in members],
                hovertemplate=f"{name}, %{{text}}<br>x %{{x:.0f}} m, y %{{y:.0f}} m<extra></extra>",
            )
        )  # fmt: skip
    lay_pitch(figure, values.pitch_m, theme)
    figure.update_layout(legend={"y": 0.02, "x": 0.02, "bgcolor": "rgba(0,0,0,0)"})
    return figure


def _words(player: MeanPosition) -> str:
    return f"track {player.track_id}, seen {duration_words(player.seen_ms / 1000)}"


def rows(values: AveragePositions) -> list[tuple[Any, ...]]:
    """The table twin, longest seen first."""
    ordered = sorted(values.players, key=lambda p: (p.team, -p.seen_ms, p.track_id))
    return [
        (
            values.teams[player.team], player.track_id, "goalkeeper" if player.is_keeper else "player",
            player.x_m, player.y_m, player.seen_ms / 1000,
        )
        for player in ordered
    ]  # fmt: skip
