"""The match board as a Dash app: layout and callbacks, nothing else.

Ids come from the client and prove nothing: every callback asks ``board_selectors.board`` for the user of the session,
whom the Django view laid into the WSGI environ. Another team's match answers 404.
"""

import re
from functools import cache
from types import ModuleType
from typing import Any

import dash
import flask
from dash import ClientsideFunction, Input, Output, dcc, html
from django.conf import settings
from django.template.loader import render_to_string

from webapp.analytics.board_selectors import Board, board
from webapp.analytics.boards.panels import PANELS, Panel
from webapp.analytics.figures.theme import theme_of
from webapp.analytics.selectors import team_looks
from webapp.matches.models import Match

PREFIX = "/boards/"
REQUEST_KEY = "touchline.request"
MAX_TABLE_ROWS = 60
_PATH = re.compile(rf"{PREFIX}matches/(\d{{1,18}})/")
_GRAPH: Any = {"displaylogo": False, "responsive": True, "modeBarButtons": [["toImage"]]}


class BoardApp(dash.Dash):
    """Dash inside the site's own page."""

    def interpolate_index(self, *unnamed: str, **parts: str) -> str:
        """The page: the site's frame with Dash's entry point in it."""
        request = flask.request.environ[REQUEST_KEY]
        context = {"template": "analytics/board.html", **parts, **request.board_context}
        return render_to_string(context["template"], context, request=request)


def new_app(name: str, prefix: str) -> dash.Dash:
    """An empty app below a prefix."""
    made = BoardApp(
        name,
        requests_pathname_prefix=prefix,
        routes_pathname_prefix=prefix,
        serve_locally=True,
        assets_folder="no-assets",
        include_assets_files=False,
        update_title="",
        add_log_handler=False,
        csrf_token_name=settings.CSRF_COOKIE_NAME,
        csrf_header_name="X-CSRFToken",
        enable_mcp=False,
        # Django's database belongs to the thread of its request.
        use_async=False,
    )
    made.server.config["SECRET_KEY"] = settings.SECRET_KEY
    made.clientside_callback(
        ClientsideFunction("board", "theme"), Output("theme", "data"), Input("address", "pathname")
    )
    return made


@cache
def app() -> dash.Dash:
    """The match board of the process, made on first use."""
    made = new_app("touchline_boards", PREFIX)
    made.layout = _layout()
    made.callback(Output("part", "options"), Output("part", "value"), Input("address", "pathname"))(
        list_parts
    )
    for panel in PANELS:
        _connect(made, panel)
    return made


def _layout() -> html.Div:
    return html.Div(
        className="board",
        children=[
            dcc.Location(id="address", refresh=False),
            dcc.Store(id="theme"),
            dcc.RadioItems(id="part", className="board__parts", inline=True),
            html.Div(className="board__grid", children=[card(panel.name) for panel in PANELS]),
        ],
    )


def card(name: str) -> html.Section:
    """The frame of one figure: heading, CSV, picture, table."""
    return html.Section(
        className=f"card board__card board__card--{name}",
        children=[
            html.Header(
                className="card__head",
                children=[
                    html.H2(id=f"{name}-title"),
                    html.A("CSV", id=f"{name}-csv", className="button button--small button--quiet"),
                ],
            ),
            dcc.Loading(
                dcc.Graph(id=f"{name}-figure", config=_GRAPH, className="board__figure"),
                delay_show=400,
                type="dot",
            ),
            html.Details(
                [html.Summary("Table"), html.Div(id=f"{name}-table", className="table-wrap")]
            ),
        ],
    )


def visible_board(pathname: str | None) -> Board:
    """The board of an address for the session's user; anything else ends in 404."""
    found = _PATH.fullmatch(pathname or "")
    try:
        if found is None:
            raise Match.DoesNotExist
        return board(flask.request.environ[REQUEST_KEY].user, int(found.group(1)))
    except Match.DoesNotExist:
        flask.abort(404)


def list_parts(pathname: str | None) -> tuple[list[dict[str, Any]], int]:
    """Choices of the part switch."""
    here = visible_board(pathname)
    return [{"label": part.words, "value": i} for i, part in enumerate(here.parts)], 0


def panel_title(panel: Panel, here: Board) -> str:
    """Heading with the teams' names in it."""
    names = {side: look["name"] for side, look in team_looks(here.match).items()}
    return panel.title.replace("{home}", names["home"]).replace("{away}", names["away"])


def _connect(made: dash.Dash, panel: Panel) -> None:
    name = panel.name

    def fill(pathname: str | None, number: Any, theme: Any) -> tuple[Any, ...]:
        here = visible_board(pathname)
        values = panel.select(here, here.part(number))
        figure = panel.figure.draw(values, theme_of(theme))
        part = number if isinstance(number, int) else 0
        link = f"{PREFIX}matches/{here.match.pk}/{name}.csv?part={part}"
        return panel_title(panel, here), figure, table(panel.figure, values), link

    made.callback(
        Output(f"{name}-title", "children"),
        Output(f"{name}-figure", "figure"),
        Output(f"{name}-table", "children"),
        Output(f"{name}-csv", "href"),
        Input("address", "pathname"),
        Input("part", "value"),
        Input("theme", "data"),
    )(fill)


def table(module: ModuleType, values: Any) -> html.Div | html.P:
    """The figure's numbers as a table; the CSV has all of them."""
    rows = module.rows(values)
    if not rows:
        return html.P("Nothing to show.", className="muted")
    head = html.Thead(html.Tr([html.Th(words(name), scope="col") for name, _ in module.COLUMNS]))
    body = html.Tbody(
        [html.Tr([html.Td(_cell(value)) for value in row]) for row in rows[:MAX_TABLE_ROWS]]
    )
    shown: list[Any] = [html.Table([head, body], className="table")]
    if len(rows) > MAX_TABLE_ROWS:
        note = f"The first {MAX_TABLE_ROWS} of {len(rows)} rows; the CSV has all."
        shown.append(html.P(note, className="muted small"))
    return html.Div(shown)


def words(column: str) -> str:
    """A column's name for people: ``x_m`` is ``x (m)``."""
    for ending, unit in (("_m", " (m)"), ("_s", " (s)")):
        if column.endswith(ending):
            return column.removesuffix(ending).replace("_", " ") + unit
    return column.replace("_", " ")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return "" if value != value else f"{value:.2f}"
    return str(value)
