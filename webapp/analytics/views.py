"""Pages of one match: the room, its data, its progress. Reads go through selectors, writes through services."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from analysis.core.problems import InputProblem
from webapp.accounts.permissions import Deed, can, require
from webapp.analytics import selectors, services, windows
from webapp.analytics.messages import advice_for
from webapp.analytics.models import AnalysisRun, RunState
from webapp.matches.models import Match, Video, VideoState

_HALF_WORDS = {
    0: "Match",
    1: "1st half",
    2: "2nd half",
    3: "Extra time 1",
    4: "Extra time 2",
    5: "Shoot-out",
}


@login_required
@require_safe
def room(request: HttpRequest, pk: int) -> HttpResponse:
    """The match room: video, timeline, radar and events, or what stands in the way of them."""
    try:
        here = selectors.room(request.user, pk)
    except Match.DoesNotExist as error:
        raise Http404 from error
    state, advice = _state(here)
    values = selectors.room_values(request.user, here)
    playable = [video for video in here.videos if video.has_playback]
    addresses = {video.pk: playback_urls(video) for video in playable}
    values["videos"] = [
        {**row, **addresses[row["id"]]} for row in values["videos"] if row["id"] in addresses
    ]
    values["urls"] = _addresses(here.match)
    values["may_correct"] = can(request.user, Deed.CORRECT, here.match.team)
    run = here.shown_run
    context = {
        "here": here,
        "state": state,
        "advice": advice,
        "refused_files": _refused_files(here) if state != "refused" else [],
        "progress": selectors.progress(request.user, pk) if state == "running" else None,
        "kits": selectors.team_looks(here.match),
        "values": values,
        "videos": [
            {"pk": video.pk, "words": _HALF_WORDS.get(video.half, "Video"), **addresses[video.pk]}
            for video in playable
        ],
        "card": selectors.spotter_card(run) if run else None,
        "no_pitch_view": bool(run and run.verdict == selectors.NO_PITCH_VIEW),
        "n_events": len(values["events"]["id"]) if run else 0,
        "n_withheld": _n_withheld(values["events"]) if run else 0,
        "coverage_words": _coverage_words(selectors.share_seen(request.user, run) if run else None),
        "may_correct": values["may_correct"],
        "may_edit": can(request.user, Deed.EDIT_MATCH, here.match.team),
        "may_analyse": can(request.user, Deed.ANALYSE, here.match.team),
        "may_export": can(request.user, Deed.EXPORT, here.match.team),
        "may_upload": can(request.user, Deed.UPLOAD, here.match.team),
    }
    return render(request, "analytics/room.html", context)


def _n_withheld(events: dict[str, Any]) -> int:
    pairs = zip(events["is_withheld"], events["status"], strict=True)
    return sum(is_held and status == "auto" for is_held, status in pairs)


def _addresses(match: Match) -> dict[str, str]:
    """Where the page's modules ask; the 0 stands for the number of an event or a button."""
    pk = match.pk
    return {
        "tags": reverse("annotation:tags", args=[match.team_id]),
        "tag": reverse("annotation:tag", args=[match.team_id, 0]),
        "positions": reverse("analytics:positions", args=[pk]),
        "correct": reverse("annotation:correct", args=[pk]),
        "standing": reverse("annotation:standing", args=[pk]),
        "clips": reverse("playlists:clips", args=[pk]),
        "playlist": reverse("playlists:detail", args=[0]),
        "evidence": reverse("annotation:evidence", args=[pk, 0]),
        "repairs": reverse("annotation:repairs", args=[pk]),
        "repair_undo": reverse("annotation:undo_repair", args=[pk, 0]),
    }


def playback_urls(video: Video) -> dict[str, Any]:
    """Where the browser finds the playback copy and the poster of a video."""
    return {
        "src": reverse("media:play", args=[video.uuid]),
        "stream": reverse("media:stream", args=[video.uuid, "index.m3u8"])
        if video.has_stream
        else "",
        "poster": reverse("media:poster", args=[video.uuid]) if video.has_poster else "",
        "frames_url": reverse("media:frames", args=[video.uuid]) if video.storyboard else "",
        "sheet_url": reverse("media:sheet", args=[video.uuid, 0]) if video.storyboard else "",
        "storyboard": video.storyboard or None,
    }


def _refused_files(here: selectors.Room) -> list[dict[str, Any]]:
    return [
        {"video": video, "advice": advice_for(video.problem_code, video.problem_sentence)}
        for video in here.videos
        if video.state == VideoState.REFUSED
    ]


def _coverage_words(share: float | None) -> str:
    return "" if share is None else f"The pitch was found in {round(100 * share)} % of the video."


def _state(here: selectors.Room) -> tuple[str, Any]:
    """What the page says first, and the words of a problem."""
    latest = here.latest_run
    if here.is_waiting:
        return "running", None
    if latest and latest.state == RunState.FAILED:
        return "failed", advice_for(latest.problem_code, latest.problem_sentence)
    if latest and latest.state == RunState.CANCELLED:
        return "cancelled", None
    if latest:
        return "finished", None
    refused = [video for video in here.videos if video.state == VideoState.REFUSED]
    if any(video.state == VideoState.CHECKING for video in here.videos):
        return "checking", None
    if refused and len(refused) == len(here.videos):
        return "refused", advice_for(refused[0].problem_code, refused[0].problem_sentence)
    return ("no_run", None) if here.videos else ("no_video", None)


@login_required
@require_safe
def positions(request: HttpRequest, pk: int) -> HttpResponse:
    """Positions between two times of one video, as columns; see ``windows.positions_window``."""
    try:
        video_id, from_ms, to_ms = (int(request.GET[name]) for name in ("video", "from", "to"))
    except (KeyError, ValueError):
        return JsonResponse({"error": "video, from and to are whole numbers"}, status=400)
    try:
        match, video, run = windows.window_run(request.user, pk, video_id)
    except (Match.DoesNotExist, Video.DoesNotExist, AnalysisRun.DoesNotExist) as error:
        raise Http404 from error
    # Rows of a finished run change with a repair only, which makes another edition; the door is asked every time.
    tag = f'"{run.pk}-{run.edition}-{video.pk}-{from_ms}-{to_ms}"'
    if request.headers.get("If-None-Match") == tag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        try:
            answer = windows.positions_window(
                match=match, video=video, run=run, from_ms=from_ms, to_ms=to_ms
            )
        except windows.WindowRefused as refused:
            return JsonResponse({"error": str(refused)}, status=400)
        response = JsonResponse(answer, json_dumps_params={"separators": (",", ":")})
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


@login_required
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How the newest run of a match stands, for polling."""
    try:
        response = JsonResponse(selectors.progress(request.user, pk))
    except Match.DoesNotExist as error:
        raise Http404 from error
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_POST
def analyse(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue an analysis of a match: the first one, or one more try."""
    match = _match(request, pk)
    require(request.user, Deed.ANALYSE, match.team)
    try:
        services.queue_run(match, request.user)
    except InputProblem as problem:
        messages.error(request, problem.sentence)
    return redirect("analytics:room", pk=pk)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the running analysis of a match to stop."""
    match = _match(request, pk)
    require(request.user, Deed.ANALYSE, match.team)
    run = selectors.room(request.user, pk).latest_run
    if run is not None:
        services.cancel_run(run)
    return redirect("analytics:room", pk=pk)


def _match(request: HttpRequest, pk: int) -> Match:
    try:
        return selectors.match_of(request.user, pk)
    except Match.DoesNotExist as error:
        raise Http404 from error


@login_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """How everything is done, on one page."""
    return render(request, "analytics/help.html")


@login_required
@require_safe
def methods(request: HttpRequest) -> HttpResponse:
    """What every method is, needs, was trained on, measured and cannot do."""
    return render(request, "analytics/methods.html", {"families": selectors.methods()})
