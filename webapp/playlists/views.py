"""Pages of playlists, and the room's dialog that fills them."""

import json
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analysis.core.problems import InputProblem
from webapp.accounts.permissions import Deed, can, require
from webapp.accounts.requests import PersonRequest
from webapp.accounts.teams import current_team
from webapp.analytics import selectors as analytics_selectors
from webapp.analytics.models import SpottedAction
from webapp.matches.models import Match, Video
from webapp.playlists import selectors, services
from webapp.playlists.models import Clip, Playlist, Reel

MAX_DRAWING_BYTES = 64 * 1024


def _playlist(request: PersonRequest, pk: int, deed: Deed = Deed.WATCH) -> Playlist:
    try:
        playlist = selectors.playlist_of(request.user, pk)
    except Playlist.DoesNotExist as error:
        raise Http404 from error
    require(request.user, deed, playlist.team)
    return playlist


def _clip(playlist: Playlist, clip: int) -> Clip:
    found = playlist.clips.filter(pk=clip).select_related("video").first()
    if found is None:
        raise Http404
    return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: PersonRequest) -> HttpResponseBase:
    """The current team's playlists; a new one by POST."""
    team = current_team(request)
    if team is None:
        return redirect("matches:list")
    if request.method == "POST":
        require(request.user, Deed.CLIP, team)
        title = request.POST.get("title", "").strip()[:120] or "New playlist"
        made = Playlist.objects.create(team=team, title=title, created_by=request.user)
        return redirect("playlists:detail", made.pk)
    context = {
        "playlists": selectors.playlists_of(request.user, team),
        "may_clip": can(request.user, Deed.CLIP, team),
    }
    return render(request, "playlists/index.html", context)


@login_required
@require_safe
def detail(request: PersonRequest, pk: int) -> HttpResponseBase:
    """A playlist: its player, clips, drawings, films and links."""
    return _page(request, _playlist(request, pk))


def _page(request: PersonRequest, playlist: Playlist, *, link: str = "") -> HttpResponseBase:
    clips = selectors.clips_of(playlist)
    reel = playlist.reels.first()
    context = {
        "playlist": playlist,
        "clips": clips,
        "values": {
            "clips": [selectors.clip_values(clip) for clip in clips],
            "may_draw": can(request.user, Deed.CLIP, playlist.team),
        },
        "reel": reel,
        "film": selectors.film_values(reel) if reel else None,
        "links": [link for each in playlist.reels.all() for link in each.links.all()],
        "new_link": link,
        "days": services.SHARE_DAYS,
        "may_clip": can(request.user, Deed.CLIP, playlist.team),
        "may_export": can(request.user, Deed.EXPORT, playlist.team),
        "may_share": can(request.user, Deed.SHARE, playlist.team),
    }
    return render(request, "playlists/detail.html", context)


@login_required
@require_POST
def delete(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Delete a playlist with its films; the matches stay."""
    playlist = _playlist(request, pk, Deed.CLIP)
    services.delete_playlist(playlist)
    messages.success(request, f"{playlist.title} is deleted.")
    return redirect("playlists:index")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def clips(request: PersonRequest, pk: int) -> HttpResponseBase:
    """The room's dialog. GET: playlists and lengths. POST: put clips of this match into a playlist.

    Fields: ``playlist`` (a number, or empty with ``title``); ``what``: ``event`` with ``event``, ``kind`` with
    ``label``, or ``range`` with ``video``, ``start_ms``, ``end_ms``; ``lead_s``, ``lag_s``, ``keep``.
    """
    try:
        match = analytics_selectors.match_of(request.user, pk)
    except Match.DoesNotExist as error:
        raise Http404 from error
    if request.method != "POST":
        return JsonResponse(selectors.choices(request.user, match))
    require(request.user, Deed.CLIP, match.team)
    try:
        playlist = _chosen(request, match)
        made = _add(request, match, playlist)
    except InputProblem as problem:
        return JsonResponse({"error": problem.sentence, "code": problem.code}, status=409)
    except (KeyError, ValueError):
        return JsonResponse({"error": "This clip is incomplete.", "code": "incomplete"}, status=400)
    except (Playlist.DoesNotExist, SpottedAction.DoesNotExist, Video.DoesNotExist) as error:
        raise Http404 from error
    return JsonResponse({"playlist": playlist.pk, "title": playlist.title, "n_clips": len(made)})


def _chosen(request: PersonRequest, match: Match) -> Playlist:
    asked = request.POST
    if asked.get("playlist"):
        rows = Playlist.objects.for_user(request.user).filter(team=match.team)
        return rows.get(pk=int(asked["playlist"]))
    if "what" not in asked:
        raise KeyError("what")
    title = asked.get("title", "").strip()[:120] or match.title[:120]
    return Playlist.objects.create(team=match.team, title=title, created_by=request.user)


def _add(request: PersonRequest, match: Match, playlist: Playlist) -> list[Clip]:
    asked = request.POST
    if asked["what"] == "range":
        video = Video.objects.for_user(request.user).get(pk=int(asked["video"]), match=match)
        start_ms, end_ms = int(asked["start_ms"]), int(asked["end_ms"])
        return [services.add_range(playlist, video, start_ms, end_ms, asked.get("name", ""))]
    run = analytics_selectors.shown_run(request.user, match.pk)
    if asked["what"] == "event":
        rows = SpottedAction.objects.filter(run=run).select_related("video__match")
        actions = [rows.get(pk=int(asked["event"]))]
    elif asked["what"] == "kind":
        actions = services.match_events(match, asked["label"], run.pk if run else None)
    else:
        raise ValueError("what")
    label = actions[0].label if actions else asked.get("label", "")
    lead_ms, lag_ms = services.length_of(match.team, label)
    lead_ms = round(float(asked["lead_s"]) * 1000) if asked.get("lead_s") else lead_ms
    lag_ms = round(float(asked["lag_s"]) * 1000) if asked.get("lag_s") else lag_ms
    if asked.get("keep") and label:
        services.keep_length(match.team, label, lead_ms, lag_ms)
    return services.add_events(playlist, actions, lead_ms=lead_ms, lag_ms=lag_ms)


@login_required
@require_POST
def clip(request: PersonRequest, pk: int, clip: int) -> HttpResponseBase:
    """Move a clip up or down, change it, or take it out. Field ``act``."""
    playlist = _playlist(request, pk, Deed.CLIP)
    row = _clip(playlist, clip)
    act = request.POST.get("act")
    if act in ("up", "down"):
        services.move_clip(row, -1 if act == "up" else 1)
    elif act == "remove":
        row.delete()
    elif act == "edit":
        _edit(request, row)
    return redirect("playlists:detail", pk)


def _edit(request: PersonRequest, row: Clip) -> None:
    asked, start = request.POST, row.video.start_ms
    try:
        start_ms = start + round(float(asked["start_s"]) * 1000)
        end_ms = start + round(float(asked["end_s"]) * 1000)
        services.edit_clip(row, title=asked.get("title", ""), start_ms=start_ms, end_ms=end_ms)
    except InputProblem as problem:
        messages.error(request, problem.sentence)
    except (KeyError, ValueError, OverflowError):
        messages.error(request, "Write begin and end in seconds of the video, such as 65.2.")


@login_required
@require_POST
def stills(request: PersonRequest, pk: int, clip: int) -> HttpResponse:
    """Store what was drawn on a clip: JSON in the body, see ``services.checked_stills``."""
    row = _clip(_playlist(request, pk, Deed.CLIP), clip)
    try:
        if len(request.body) > MAX_DRAWING_BYTES:
            raise ValueError("too much")
        services.set_stills(row, json.loads(request.body or b"null"))
    except (InputProblem, ValueError) as problem:
        words = getattr(problem, "sentence", "This drawing cannot be stored; draw it again.")
        return JsonResponse({"error": words}, status=409)
    return JsonResponse({"stills": row.stills})


def film_of(playlist: Playlist, film: UUID) -> Reel:
    """A film of a playlist. Raises: Http404."""
    reel = playlist.reels.filter(uuid=film).select_related("playlist__team").first()
    if reel is None:
        raise Http404
    return reel
