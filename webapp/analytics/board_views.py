"""The board's page, its callbacks and its CSV files."""

from types import ModuleType
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from analysis.core.tables import Table, csv_text
from webapp.accounts.models import Team
from webapp.accounts.permissions import Deed, can, require
from webapp.analytics import board_selectors, selectors
from webapp.analytics.season import Season, season
from webapp.matches.models import Match


@login_required
@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The board of one match."""
    # Dash takes seconds to import, and most processes that read this module never show a board.
    from webapp.analytics.boards.match_board import app
    from webapp.analytics.boards.mount import serve

    try:
        here = board_selectors.board(request.user, pk)
    except Match.DoesNotExist as error:
        raise Http404 from error
    context = {
        "match": here.match,
        "run": here.run,
        "kits": selectors.team_looks(here.match),
        "may_export": can(request.user, Deed.EXPORT, here.match.team),
    }
    return serve(request, app(), context)


@login_required
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def inner(request: HttpRequest, rest: str) -> HttpResponse:
    """What the board's own scripts ask for: its parts, its layout, its callbacks."""
    from webapp.analytics.boards.match_board import app
    from webapp.analytics.boards.mount import serve

    return serve(request, app())


@login_required
@require_safe
def csv_file(request: HttpRequest, pk: int, name: str) -> StreamingHttpResponse:
    """The numbers behind one figure."""
    from webapp.analytics.boards.panels import BY_NAME

    try:
        here = board_selectors.board(request.user, pk)
        panel = BY_NAME[name]
    except (Match.DoesNotExist, KeyError) as error:
        raise Http404 from error
    require(request.user, Deed.EXPORT, here.match.team)
    number = request.GET.get("part", "")
    part = here.part(int(number) if number.isdecimal() and len(number) < 4 else 0)
    return _csv(panel.figure, panel.select(here, part), name, f"match-{pk}_{name}.csv")


def _csv(module: ModuleType, values: Any, name: str, file_name: str) -> StreamingHttpResponse:
    table = Table(name, module.COLUMNS, has_bom=True, newline="\r\n")
    pieces = (piece.encode() for piece in csv_text(table, module.rows(values)))
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file_name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@login_required
@require_safe
def season_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The board of a team's season."""
    from webapp.analytics.boards.mount import serve
    from webapp.analytics.boards.season_board import app

    here = _season(request, pk)
    context = {
        "template": "analytics/season.html",
        "shown": here.team,
        "n_matches": len(here.matches),
    }
    return serve(request, app(), context)


@login_required
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def season_inner(request: HttpRequest, rest: str) -> HttpResponse:
    """What the season board's own scripts ask for."""
    from webapp.analytics.boards.mount import serve
    from webapp.analytics.boards.season_board import app

    return serve(request, app())


@login_required
@require_safe
def season_csv(request: HttpRequest, pk: int, name: str) -> StreamingHttpResponse:
    """The numbers behind one figure of the season, with the filters of the address."""
    from webapp.analytics.boards.season_board import BY_NAME, choice_of

    here = _season(request, pk)
    if name not in BY_NAME:
        raise Http404
    require(request.user, Deed.EXPORT, here.team)
    panel = BY_NAME[name]
    values = panel.select(here, choice_of(request.GET.dict()))
    return _csv(panel.figure, values, name, f"season-{pk}_{name}.csv")


def _season(request: HttpRequest, pk: int) -> Season:
    try:
        return season(request.user, pk)
    except Team.DoesNotExist as error:
        raise Http404 from error
