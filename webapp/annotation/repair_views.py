"""Repairs of the camera, for the room's page: JSON in and out."""

import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.http import require_http_methods, require_POST

from analysis.core.problems import InputProblem
from webapp.accounts.permissions import Deed, require
from webapp.accounts.requests import PersonRequest
from webapp.analytics import selectors as analytics_selectors
from webapp.annotation import marks
from webapp.annotation import repairs as repair_services
from webapp.annotation.models import CameraRepair
from webapp.matches.models import Match, Video


def _match(request: PersonRequest, pk: int) -> Match:
    try:
        return analytics_selectors.match_of(request.user, pk)
    except Match.DoesNotExist as error:
        raise Http404 from error


def _answer(request: PersonRequest, match: Match, status: int = 200, **more: Any) -> HttpResponse:
    run = analytics_selectors.shown_run(request.user, match.pk)
    values = repair_services.listed(request.user, match, run)
    camera = analytics_selectors.camera_stretches(request.user, run) if run else {}
    response = JsonResponse({**values, "camera": camera, **more}, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def repairs(request: PersonRequest, pk: int) -> HttpResponse:
    """What was mended, what can be dragged and how the camera stands; or, posted, one more repair.

    Fields: ``video``, ``time_ms`` and ``marks`` (JSON, see ``marks.checked``).
    """
    match = _match(request, pk)
    if request.method != "POST":
        return _answer(request, match, marks=marks.of_pitch(repair_services.pitch_of(match)))
    require(request.user, Deed.CORRECT, match.team)
    run = analytics_selectors.shown_run(request.user, pk)
    try:
        video = Video.objects.for_user(request.user).get(pk=int(request.POST["video"]), match=match)
        time_ms, dragged = int(request.POST["time_ms"]), json.loads(request.POST["marks"])
        if run is None:
            raise InputProblem(
                "no_analysis",
                "A camera can be mended once the match was analysed; start that first.",
            )
        job = repair_services.ask(request.user, run, video, time_ms, dragged)
    except Video.DoesNotExist as error:
        raise Http404 from error
    except InputProblem as problem:
        return JsonResponse({"error": problem.sentence, "code": problem.code}, status=409)
    except (KeyError, ValueError):
        return JsonResponse(
            {"error": "This repair is incomplete.", "code": "incomplete"}, status=400
        )
    return _answer(request, match, status=202, job=job.pk)


@login_required
@require_POST
def undo(request: PersonRequest, pk: int, repair: int) -> HttpResponse:
    """Take a repair back."""
    match = _match(request, pk)
    require(request.user, Deed.CORRECT, match.team)
    found = CameraRepair.objects.for_user(request.user).filter(match=match, pk=repair).first()
    if found is None:
        raise Http404
    try:
        repair_services.undo(request.user, found)
    except InputProblem as problem:
        return JsonResponse({"error": problem.sentence, "code": problem.code}, status=409)
    return _answer(request, match)
