"""The list of matches, and the pages that set one up."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from webapp.accounts import audit
from webapp.accounts.permissions import Deed, deeds_of, require
from webapp.accounts.requests import PersonRequest
from webapp.accounts.teams import current_team
from webapp.matches import selectors, services
from webapp.matches.forms import MatchForm
from webapp.matches.models import Match

PER_PAGE = 24
PAGE = ["GET", "HEAD", "POST"]


def visible_match(request: PersonRequest, match_id: int) -> Match:
    """The match of an address. Raises: Http404 when it is not there for this user."""
    match = selectors.one_match(request.user, match_id).first()
    if match is None:
        raise Http404
    return match


@login_required
@require_safe
def match_list(request: PersonRequest) -> HttpResponseBase:
    """The current team's matches, searched and filtered."""
    team = current_team(request)
    if team is None:
        return render(request, "matches/no_team.html")
    words, state = request.GET.get("q", "")[:200], request.GET.get("state", "")
    found = selectors.match_cards(request.user, team, words=words, state=state)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "cards": [selectors.card_of(match) for match in page],
        "page": page,
        "words": words,
        "state": state,
        "filters": selectors.FILTERS,
        "is_filtered": bool(words or state),
    }
    # Going back through history asks for the whole page, in htmx's name too.
    htmx = request.htmx  # type: ignore[attr-defined]
    is_part = htmx and not htmx.history_restore_request
    template = "matches/list_results.html" if is_part else "matches/list.html"
    return render(request, template, context)


@login_required
@require_safe
def card(request: PersonRequest, match_id: int) -> HttpResponseBase:
    """One card, asked again and again while something moves."""
    shown = selectors.card_of(visible_match(request, match_id))
    return render(request, "matches/card.html", {"card": shown})


@login_required
@require_http_methods(PAGE)
def new(request: PersonRequest) -> HttpResponseBase:
    """Name a match, then go on to its upload."""
    team = current_team(request)
    if team is None:
        return redirect("matches:list")
    require(request.user, Deed.EDIT_MATCH, team)
    usual = {"pitch_length_m": team.pitch_length_m, "pitch_width_m": team.pitch_width_m}
    form = MatchForm(request.POST or None, initial=usual)
    if request.method == "POST" and form.is_valid():
        form.instance.team, form.instance.created_by = team, request.user
        return redirect("matches:upload", form.save().pk)
    return render(request, "matches/match_form.html", {"form": form})


@login_required
@require_http_methods(PAGE)
def edit(request: PersonRequest, match_id: int) -> HttpResponseBase:
    """Change a match's names, date or pitch."""
    match = visible_match(request, match_id)
    require(request.user, Deed.EDIT_MATCH, match.team)
    form = MatchForm(request.POST or None, instance=match)
    if request.method == "POST" and form.is_valid():
        moved = {"pitch_length_m", "pitch_width_m"} & set(form.changed_data)
        form.save()
        if moved and match.runs.exists():
            messages.warning(
                request, "Saved. Positions follow the new pitch size after the next analysis."
            )
        else:
            messages.success(request, "Saved.")
        return redirect("matches:edit", match.pk)
    deeds = deeds_of(request.user, match.team)  # of the match's team, whichever is chosen
    context = {"form": form, "match": match, "card": selectors.card_of(match), "deeds": deeds}
    return render(request, "matches/match_form.html", context)


@login_required
@require_POST
def swap(request: PersonRequest, match_id: int) -> HttpResponseBase:
    """The names stand beside the wrong kits: swap them."""
    match = visible_match(request, match_id)
    require(request.user, Deed.EDIT_MATCH, match.team)
    services.swap_names(match)
    messages.success(request, "The names are swapped.")
    return redirect("matches:edit", match.pk)


@login_required
@require_http_methods(PAGE)
def delete(request: PersonRequest, match_id: int) -> HttpResponseBase:
    """Ask, then delete a match for good."""
    match = visible_match(request, match_id)
    require(request.user, Deed.DELETE, match.team)
    if request.method == "POST":
        services.delete_match(match)
        audit.note(
            audit.Act.DELETE, request.user, words=match.title, team=match.team, request=request
        )
        messages.success(request, f"{match.title} is deleted.")
        return redirect("matches:list")
    size = sum(video.size_bytes for video in match.videos.all())
    return render(request, "matches/delete.html", {"match": match, "size_bytes": size})


@login_required
@require_safe
def upload_page(request: PersonRequest, match_id: int) -> HttpResponseBase:
    """Bring the video of a match: one file, or one a half."""
    match = visible_match(request, match_id)
    require(request.user, Deed.UPLOAD, match.team)
    slots = selectors.slots_of(request.user, match)
    in_halves = any(slot.video or slot.upload for slot in slots[1:])
    context = {"match": match, "slots": slots, "in_halves": in_halves}
    return render(request, "matches/upload.html", context)


@login_required
@require_safe
def slot(request: PersonRequest, match_id: int, half: int) -> HttpResponseBase:
    """One file's place, asked again while the file is checked."""
    match = visible_match(request, match_id)
    require(request.user, Deed.UPLOAD, match.team)
    if half not in selectors.HALVES:
        raise Http404
    shown = selectors.slot_of(request.user, match, half)
    return render(request, "matches/slot.html", {"slot": shown, "match": match})


@login_required
@require_POST
def remove_video(request: PersonRequest, match_id: int, video_uuid: str) -> HttpResponseBase:
    """Take a file away from its match, to bring another."""
    match = visible_match(request, match_id)
    require(request.user, Deed.DELETE, match.team)
    video = match.videos.filter(uuid=video_uuid).first()
    if video is None:
        raise Http404
    services.delete_video(video)
    words = f"{video.original_name} of {match.title}"
    audit.note(audit.Act.DELETE, request.user, words=words, team=match.team, request=request)
    messages.success(request, f"{video.original_name} is removed.")
    return redirect("matches:upload", match.pk)
