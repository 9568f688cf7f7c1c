"""A team's own buttons, for the room's page: JSON in the answers, form fields in the questions."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.views.decorators.http import require_http_methods, require_POST

from analysis.core.problems import InputProblem
from webapp.accounts.models import Team
from webapp.accounts.permissions import Deed, require
from webapp.accounts.requests import PersonRequest, team_of
from webapp.analytics.presentation import look
from webapp.annotation import tagging
from webapp.annotation.models import TagButton


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tags(request: PersonRequest, pk: int) -> HttpResponse:
    """GET: the panel. POST: a new button; fields ``label``, ``key``, ``colour``, ``lead_s``, ``lag_s``, ``side``."""
    team = team_of(request, pk)
    if request.method != "POST":
        return _panel(request, team)
    require(request.user, Deed.CORRECT, team)
    return _save(request, team, None)


@login_required
@require_POST
def tag(request: PersonRequest, pk: int, button: int) -> HttpResponse:
    """Change one button, or take it off the panel (``remove``)."""
    team = team_of(request, pk)
    require(request.user, Deed.CORRECT, team)
    try:
        found = tagging.button_of(request.user, team, button)
    except TagButton.DoesNotExist as error:
        raise Http404 from error
    if "remove" in request.POST:
        tagging.remove(found)
        return _panel(request, team)
    return _save(request, team, found)


def _save(request: PersonRequest, team: Team, button: TagButton | None) -> HttpResponse:
    try:
        tagging.save(team, _wish(request.POST), button)
    except InputProblem as problem:
        return JsonResponse({"error": problem.sentence, "code": problem.code}, status=409)
    except (ValueError, OverflowError):
        words = "Lead and lag are numbers of seconds."
        return JsonResponse({"error": words, "code": "incomplete"}, status=400)
    return _panel(request, team)


def _wish(asked: QueryDict) -> tagging.Wish:
    return tagging.Wish(
        asked.get("label") or "", asked.get("key", "").strip().lower(), asked.get("colour", "").lower() or "#3d7dd8",
        round(1000 * float(asked.get("lead_s") or 7)), round(1000 * float(asked.get("lag_s") or 5)),
        asked.get("side", ""),
    )  # fmt: skip


def _panel(request: PersonRequest, team: Team) -> HttpResponse:
    rows = tagging.buttons_of(request.user, team, with_gone=True)
    response = JsonResponse(
        {
            "buttons": [
                {
                    "id": row.pk, "label": row.label, "key": row.key, "colour": row.colour, "side": row.side,
                    "lead_s": row.lead_ms / 1000, "lag_s": row.lag_ms / 1000,
                }
                for row in rows
                if not row.is_gone
            ],
            "looks": {
                row.label: {
                    "colour": row.colour, "shape": look(row.label).shape, "letters": look(row.label).letters,
                    "words": row.label, "experimental": False, "is_own": True,
                }
                for row in rows
            },
        }
    )  # fmt: skip
    response["Cache-Control"] = "private, no-store"
    return response
