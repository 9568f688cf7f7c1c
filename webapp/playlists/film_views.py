"""Films of playlists: made, watched on, stopped, taken home, and shown to people without an account."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from analysis.core.problems import InputProblem
from webapp.accounts.permissions import Deed
from webapp.accounts.requests import PersonRequest
from webapp.lib.ranges import ranged_file
from webapp.matches.media_views import PIECE_BYTES
from webapp.playlists import selectors, services
from webapp.playlists.models import ShareLink
from webapp.playlists.views import _page, _playlist, film_of


@login_required
@require_POST
def make(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Have a film made of the playlist as it is now."""
    playlist = _playlist(request, pk, Deed.EXPORT)
    try:
        services.queue_reel(playlist, request.user, with_titles=bool(request.POST.get("titles")))
    except InputProblem as problem:
        messages.error(request, problem.sentence)
    return redirect("playlists:detail", pk)


@login_required
@require_safe
def state(request: PersonRequest, pk: int) -> HttpResponse:
    """How the newest film stands."""
    reel = _playlist(request, pk).reels.first()
    response = JsonResponse(selectors.film_values(reel) if reel else {"state": "none"})
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_POST
def cancel(request: PersonRequest, pk: int, film: UUID) -> HttpResponseBase:
    """Stop making a film."""
    services.cancel_reel(film_of(_playlist(request, pk, Deed.EXPORT), film))
    return redirect("playlists:detail", pk)


@login_required
@require_safe
def film(request: PersonRequest, pk: int, film: UUID) -> HttpResponseBase:
    """The finished film, for saving; ``?watch`` for the player."""
    playlist = _playlist(request, pk, Deed.WATCH if "watch" in request.GET else Deed.EXPORT)
    reel = film_of(playlist, film)
    if reel.state != "finished":
        raise Http404
    name = None if "watch" in request.GET else f"{playlist.title}.mp4"
    return ranged_file(
        request, reel.file_name, "video/mp4", download_as=name, piece_bytes=PIECE_BYTES
    )


@login_required
@require_POST
def share(request: PersonRequest, pk: int, film: UUID) -> HttpResponseBase:
    """Make a link to a finished film; the address is shown this once."""
    playlist = _playlist(request, pk, Deed.SHARE)
    try:
        days = int(request.POST.get("days", ""))
    except ValueError:
        days = 0
    try:
        _, token = services.share(
            film_of(playlist, film),
            request.user,
            days=days,
            may_download=bool(request.POST.get("download")),
        )
    except InputProblem as problem:
        messages.error(request, problem.sentence)
        return redirect("playlists:detail", pk)
    address = request.build_absolute_uri(reverse("playlists:shared", args=[token]))
    return _page(request, playlist, link=address)


@login_required
@require_POST
def revoke(request: PersonRequest, pk: int, link: int) -> HttpResponseBase:
    """Close a link at once."""
    playlist = _playlist(request, pk, Deed.SHARE)
    found = ShareLink.objects.filter(pk=link, reel__playlist=playlist).first()
    if found is None:
        raise Http404
    services.revoke(found)
    messages.success(request, "The link is closed. Nobody can open it any more.")
    return redirect("playlists:detail", pk)


def _open(token: str) -> ShareLink:
    link = services.open_link(token)
    if link is None:
        raise Http404
    return link


@require_safe
def shared(request: PersonRequest, token: str) -> HttpResponseBase:
    """The film behind a link, for anybody who holds it."""
    link = _open(token)
    response = render(request, "playlists/shared.html", {"link": link, "token": token})
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
def shared_film(request: PersonRequest, token: str) -> HttpResponseBase:
    """The bytes of a shared film; the link is asked on every request. For saving only where the link says so."""
    link = _open(token)
    name = f"{link.reel.playlist.title}.mp4" if "save" in request.GET else None
    if name and not link.may_download:
        raise Http404
    stored_as = link.reel.file_name
    response = ranged_file(
        request, stored_as, "video/mp4", download_as=name, piece_bytes=PIECE_BYTES
    )
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "private, no-store"
    return response
