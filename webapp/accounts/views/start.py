"""The first steps of a fresh installation: one page for the account, the team and the size of its pitch."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from webapp.accounts import services
from webapp.accounts.forms import StartForm
from webapp.accounts.permissions import Deed, can
from webapp.accounts.requests import PersonRequest
from webapp.accounts.teams import current_team


@sensitive_post_parameters("password")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: PersonRequest) -> HttpResponseBase:
    """Name yourself, your team and its pitch; only for an owner who came in by a link and has no password yet."""
    team = current_team(request)
    if (
        team is None
        or request.user.has_usable_password()
        or not can(request.user, Deed.MANAGE, team)
    ):
        return redirect("matches:list")
    usual = {
        "display_name": request.user.display_name,
        "email": request.user.email,
        "team_name": team.name,
        "pitch_length_m": team.pitch_length_m,
        "pitch_width_m": team.pitch_width_m,
    }
    form = StartForm(request.user, request.POST or None, initial=usual)
    if request.method == "POST" and form.is_valid():
        services.first_steps(request.user, team, **form.cleaned_data)
        update_session_auth_hash(request, request.user)
        messages.success(request, "You are set up. Open the sample match, or add your own.")
        return redirect("matches:list")
    return render(request, "accounts/start.html", {"form": form})
