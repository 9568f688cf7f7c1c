"""The season board as a Dash app: filters, three figures, nothing else. The same doors as the match board."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

import dash
import flask
from dash import Input, Output, dcc, html

from webapp.accounts.models import Team
from webapp.analytics import season as values
from webapp.analytics.board_selectors import PERIOD_WORDS
from webapp.analytics.boards.match_board import REQUEST_KEY, card, new_app, table
from webapp.analytics.figures import season_comparison, season_rates, season_trend
from webapp.analytics.figures.theme import theme_of
from webapp.analytics.presentation import look
from webapp.analytics.season import STATES, Filter, Season

PREFIX = "/boards/season/"
_PATH = re.compile(rf"{PREFIX}(\d{{1,18}})/")
FILTERS = ("period", "opponent", "state", "label", "first", "second")
TITLES = {
    "period": "Period", "opponent": "Opponent", "state": "State of play", "label": "Class of the trend",
    "first": "Compare", "second": "with",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person chose; numbers and names that mean nothing count as not chosen."""

    filter: Filter
    label: str = ""
    first: int | None = None
    second: int | None = None


@dataclass(frozen=True, slots=True)
class SeasonPanel:
    """A figure of the season."""

    name: str
    title: str
    figure: ModuleType
    select: Callable[[Season, Choice], Any]


def _trend(here: Season, choice: Choice) -> Any:
    label = choice.label or (here.labels[0] if here.labels else "")
    return values.trend(here, choice.filter, label)


def _comparison(here: Season, choice: Choice) -> Any:
    pair = [each.match_id for each in here.matches[-2:]]
    first = choice.first if choice.first is not None else (pair[0] if pair else None)
    second = choice.second if choice.second is not None else (pair[-1] if len(pair) > 1 else None)
    return values.comparison(here, choice.filter, first, second)


PANELS = (
    SeasonPanel(
        "season_rates", "In 90 minutes", season_rates, lambda s, c: values.rates(s, c.filter)
    ),
    SeasonPanel("season_trend", "Match after match", season_trend, _trend),
    SeasonPanel("season_comparison", "Two matches", season_comparison, _comparison),
)
BY_NAME = {panel.name: panel for panel in PANELS}


def choice_of(said: Mapping[str, Any]) -> Choice:
    """What was chosen, from a callback's values or an address."""

    def number(name: str) -> int | None:
        text = str(said.get(name) or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None

    state = said.get("state")
    opponent = str(said["opponent"]) if said.get("opponent") else None
    chosen = Filter(number("period"), opponent, state if state in STATES else None)
    return Choice(chosen, str(said.get("label") or ""), number("first"), number("second"))


@cache
def app() -> dash.Dash:
    """The season board of the process, made on first use."""
    made = new_app("touchline_season", PREFIX)
    made.layout = html.Div(
        className="board",
        children=[
            dcc.Location(id="address", refresh=False),
            dcc.Store(id="theme"),
            html.Div(className="board__filters", children=[_filter(name) for name in FILTERS]),
            html.Div(className="board__grid", children=[card(panel.name) for panel in PANELS]),
        ],
    )
    made.callback([Output(name, "options") for name in FILTERS], Input("address", "pathname"))(
        list_choices
    )
    for panel in PANELS:
        _connect(made, panel)
    return made


def _filter(name: str) -> html.Div:
    return html.Div(
        [
            html.Label(TITLES[name], htmlFor=name),
            dcc.Dropdown(id=name, placeholder="All", searchable=False),
        ]
    )


def visible_season(pathname: str | None) -> Season:
    """The season of an address for the session's user; anything else ends in 404."""
    found = _PATH.fullmatch(pathname or "")
    try:
        if found is None:
            raise Team.DoesNotExist
        return values.season(flask.request.environ[REQUEST_KEY].user, int(found.group(1)))
    except Team.DoesNotExist:
        flask.abort(404)


def list_choices(pathname: str | None) -> list[list[dict[str, Any]]]:
    """Choices of every filter, in the order of ``FILTERS``."""
    here = visible_season(pathname)
    periods = sorted({number for each in here.matches for number, _ in each.time_ms})
    matches = [{"label": f"{m.title} {m.day}".strip(), "value": m.match_id} for m in here.matches]
    return [
        [{"label": PERIOD_WORDS.get(number, "Period"), "value": number} for number in periods],
        [{"label": name, "value": name} for name in here.opponents],
        [{"label": state.capitalize(), "value": state} for state in STATES],
        [{"label": look(label).words, "value": label} for label in here.labels],
        matches,
        matches,
    ]


def _connect(made: dash.Dash, panel: SeasonPanel) -> None:
    name = panel.name

    def fill(pathname: str | None, theme: Any, *chosen: Any) -> tuple[Any, ...]:
        here = visible_season(pathname)
        said = {key: value for key, value in zip(FILTERS, chosen, strict=True) if value}
        found = panel.select(here, choice_of(said))
        figure = panel.figure.draw(found, theme_of(theme))
        link = f"{PREFIX}{here.team.pk}/{name}.csv?{urlencode(said)}"
        return panel.title, figure, table(panel.figure, found), link

    made.callback(
        Output(f"{name}-title", "children"),
        Output(f"{name}-figure", "figure"),
        Output(f"{name}-table", "children"),
        Output(f"{name}-csv", "href"),
        Input("address", "pathname"),
        Input("theme", "data"),
        *[Input(key, "value") for key in FILTERS],
    )(fill)
