"""Which team a person is working in: kept in the session, checked on every request."""

from typing import Any

from django.http import HttpRequest

from webapp.accounts.models import Team
from webapp.accounts.permissions import deeds_of, role_in

SESSION_KEY = "team_id"


def current_team(request: HttpRequest) -> Team | None:
    """The team chosen last if the user is still a member, else the one they joined first, else None."""
    if not request.user.is_authenticated:
        return None
    if not hasattr(request, "_team"):
        places = request.user.memberships.select_related("team").order_by("id")
        chosen = places.filter(team=request.session.get(SESSION_KEY)).first() or places.first()
        request._team = chosen.team if chosen else None  # type: ignore[attr-defined]
    return request._team  # type: ignore[attr-defined]


def choose_team(request: HttpRequest, team: Team) -> None:
    """Work in this team from now on."""
    request.session[SESSION_KEY] = team.pk
    request._team = team  # type: ignore[attr-defined]


def team_context(request: HttpRequest) -> dict[str, Any]:
    """For every template: ``team``, ``teams`` to switch to, the ``role`` and the ``deeds`` it allows."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    team = current_team(request)
    return {
        "team": team,
        "teams": Team.objects.for_user(user).order_by("name", "id"),
        "role": role_in(team, user) if team else None,
        "deeds": deeds_of(user, team),
    }
