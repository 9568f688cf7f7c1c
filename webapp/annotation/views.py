"""Corrections of a match, for the room's page: JSON in the answers, form fields in the questions."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.views.decorators.http import require_POST, require_safe

from analysis.core.problems import InputProblem
from webapp.accounts.models import User
from webapp.accounts.permissions import Deed, require
from webapp.accounts.requests import PersonRequest
from webapp.analytics import selectors as analytics_selectors
from webapp.analytics.models import AnalysisRun, SpottedAction
from webapp.annotation import selectors, services, tagging
from webapp.annotation.models import Correction, Kind, TagButton
from webapp.matches.models import Match, Video

Change = Callable[[User, SpottedAction, QueryDict], Correction]
CHANGES: dict[str, Change] = {
    Kind.ACCEPT: lambda user, action, asked: services.accept(user, action),
    Kind.REJECT: lambda user, action, asked: services.reject(user, action),
    Kind.RELABEL: lambda user, action, asked: services.relabel(user, action, asked["label"]),
    Kind.MOVE: lambda user, action, asked: services.move(user, action, int(asked["position_ms"])),
    Kind.TEAM: lambda user, action, asked: services.set_team(user, action, asked["team"]),
    Kind.PLAYER: lambda user, action, asked: services.set_player(
        user, action, int(asked["number"]) if asked.get("number") else None, asked.get("name", "")
    ),
    Kind.NOTE: lambda user, action, asked: services.set_note(user, action, asked["note"]),
}


def _match(request: PersonRequest, pk: int) -> Match:
    try:
        return analytics_selectors.match_of(request.user, pk)
    except Match.DoesNotExist as error:
        raise Http404 from error


def _run(request: PersonRequest, pk: int) -> AnalysisRun | None:
    return analytics_selectors.shown_run(request.user, pk)


@login_required
@require_POST
def correct(request: PersonRequest, pk: int) -> HttpResponse:
    """Make one change, take one back, or do it again. Fields: ``kind``, ``event`` and what the kind needs; an
    addition may name a ``button`` of the team's panel instead of a ``label``.
    """
    match = _match(request, pk)
    require(request.user, Deed.CORRECT, match.team)
    try:
        record = _make(request, match)
    except InputProblem as problem:
        return JsonResponse({"error": problem.sentence, "code": problem.code}, status=409)
    except (KeyError, ValueError):
        return JsonResponse(
            {"error": "This change is incomplete.", "code": "incomplete"}, status=400
        )
    except (SpottedAction.DoesNotExist, Video.DoesNotExist, TagButton.DoesNotExist) as error:
        raise Http404 from error
    action = selectors.action_of(request.user, pk, record.action_id or 0)
    return _answer(request, match, {"event": selectors.event_values(action), "kind": record.kind})


def _make(request: PersonRequest, match: Match) -> Correction:
    asked = request.POST
    kind = asked["kind"]
    if kind == Kind.UNDO:
        return services.undo(request.user, match)
    if kind == Kind.REDO:
        return services.redo(request.user, match)
    if kind == Kind.ADD:
        run = _run(request, match.pk)
        if run is None:
            raise InputProblem(
                "no_analysis", "Events can be added once the match was analysed; start that first."
            )
        video = Video.objects.for_user(request.user).get(pk=int(asked["video"]), match=match)
        if "button" in asked:
            button = tagging.button_of(request.user, match.team, int(asked["button"]))
            return tagging.press(request.user, run, video, button, int(asked["position_ms"]))
        place = {"label": asked["label"], "position_ms": int(asked["position_ms"])}
        return services.add(request.user, run, video, team=asked.get("team", ""), **place)
    action = selectors.action_of(request.user, match.pk, int(asked["event"]))
    return CHANGES[kind](request.user, action, asked)


def _answer(request: PersonRequest, match: Match, values: dict[str, Any]) -> HttpResponse:
    standing = selectors.standing(request.user, match, _run(request, match.pk))
    response = JsonResponse({**values, **standing})
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_safe
def standing(request: PersonRequest, pk: int) -> HttpResponse:
    """The queue, its meter, and what can be taken back."""
    return _answer(request, _match(request, pk), {})


@login_required
@require_safe
def evidence(request: PersonRequest, pk: int, event: int) -> HttpResponse:
    """What speaks for one event."""
    try:
        action = selectors.action_of(request.user, pk, event)
    except SpottedAction.DoesNotExist as error:
        raise Http404 from error
    response = JsonResponse(selectors.evidence(request.user, action))
    response["Cache-Control"] = "private, no-store"
    return response
