"""Setting up a match: periods and sides, pitch and kits (the match's own form), line-ups."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from webapp.accounts.permissions import Deed, require
from webapp.accounts.requests import PersonRequest
from webapp.analytics import periods, selectors
from webapp.analytics.setup_forms import LineupForm, PeriodsForm, time_text
from webapp.matches.models import Match, Video, VideoState


def _match(request: PersonRequest, pk: int) -> Match:
    try:
        match = selectors.match_of(request.user, pk)
    except Match.DoesNotExist as error:
        raise Http404 from error
    require(request.user, Deed.EDIT_MATCH, match.team)
    return match


def _lineup_text(match: Match, team: str) -> str:
    return "\n".join(f"{number} {name}".strip() for number, name in match.lineups.get(team, []))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: PersonRequest, pk: int) -> HttpResponse:
    """Periods of a match. ``?period=&video=&t=`` fills in the moment that somebody marked in the room."""
    match = _match(request, pk)
    videos = list(
        Video.objects.for_user(request.user)
        .filter(match=match, state=VideoState.READY)
        .order_by("half", "id")
    )
    is_lineups = request.method == "POST" and request.POST.get("part") == "lineups"
    form = PeriodsForm(
        request.POST if request.method == "POST" and not is_lineups else None,
        match=match,
        videos=videos,
    )
    lineups = LineupForm(
        request.POST if is_lineups else None,
        initial={team: _lineup_text(match, team) for team in ("home", "away")},
    )
    if is_lineups and lineups.is_valid():
        match.lineups = {team: lineups.cleaned_data[team] for team in ("home", "away")}
        match.save(update_fields=["lineups"])
        messages.success(request, "The line-ups are saved.")
        return redirect("analytics:setup", pk)
    if form.is_bound and form.is_valid():
        periods.save(match, form.marks())
        messages.success(request, "Saved. Clocks and halves of all events follow.")
        return redirect("analytics:setup", pk)
    if not form.is_bound:
        _fill_in(request, form, videos)
    context = {
        "match": match,
        "form": form,
        "lineups": lineups,
        "kits": selectors.team_looks(match),
        "has_periods": bool(form.known),
    }
    return render(request, "analytics/setup.html", context)


def _fill_in(request: PersonRequest, form: PeriodsForm, videos: list[Video]) -> None:
    asked = request.GET
    video = next((row for row in videos if str(row.pk) == asked.get("video")), None)
    name, _, number = asked.get("mark", "").partition("_")
    if video is None or name not in ("kickoff", "end") or f"{name}_{number}" not in form.fields:
        return
    try:
        at_ms = round(float(asked.get("t", "")) * 1000) - video.start_ms
    except ValueError:
        return
    form.initial[f"{name}_{number}"] = time_text(max(0, min(at_ms, video.duration_ms or at_ms)))
    form.initial[f"video_{number}"] = video.pk


@login_required
@require_POST
def switch_sides(request: PersonRequest, pk: int) -> HttpResponse:
    """Turn the attack directions round."""
    match = _match(request, pk)
    if periods.switch_sides(match):
        messages.success(request, "The sides are switched.")
    else:
        messages.error(request, "Set the kick-offs first; then the sides can be switched.")
    return redirect("analytics:setup", pk)
