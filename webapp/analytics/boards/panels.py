"""The panels of the match board: one line each names its figure and its values. No logic."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

from webapp.analytics import board_play as play
from webapp.analytics import board_selectors as values
from webapp.analytics.board_selectors import Board, Part
from webapp.analytics.figures import (
    average_positions,
    camera_use,
    event_confidence,
    event_map,
    events_over_time,
    heat_map,
    momentum,
    shape_over_time,
    territory,
)


@dataclass(frozen=True, slots=True)
class Panel:
    """A figure on the board.

    Args:
        name: word in addresses and ids.
        title: heading; ``{home}`` and ``{away}`` become the teams' names.
        figure: module with ``draw``, ``rows`` and ``COLUMNS``.
        select: (board, part) -> values of the figure.
    """

    name: str
    title: str
    figure: ModuleType
    select: Callable[[Board, Part | None], Any]


PANELS = (
    Panel("heat_home", "Where {home} played", heat_map, partial(values.heat_map, team=0)),
    Panel("heat_away", "Where {away} played", heat_map, partial(values.heat_map, team=1)),
    Panel("average_positions", "Average positions", average_positions, values.average_positions),
    Panel("events_over_time", "Events over time", events_over_time, values.events_over_time),
    Panel("event_map", "Where events happened", event_map, play.event_map),
    Panel("momentum", "Who pressed", momentum, play.momentum),
    Panel("shape_home", "How {home} stood", shape_over_time, partial(play.shape_over_time, team=0)),
    Panel("shape_away", "How {away} stood", shape_over_time, partial(play.shape_over_time, team=1)),
    Panel("territory", "Where the play was", territory, play.territory),
    Panel("event_confidence", "How sure we are", event_confidence, play.event_confidence),
    Panel("camera_use", "How much of the match we could see", camera_use, values.camera_use),
)
BY_NAME = {panel.name: panel for panel in PANELS}
