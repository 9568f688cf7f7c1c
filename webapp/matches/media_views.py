"""Videos and pictures; who may see them is asked on every request."""

from pathlib import Path
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponseBase
from django.views.decorators.http import require_safe

from webapp.accounts.permissions import Deed, require
from webapp.accounts.requests import PersonRequest
from webapp.lib.ranges import ranged_file
from webapp.matches.models import Video

# Some seconds of video; small enough to fit the buffers between server and player.
PIECE_BYTES = 2 * 1024 * 1024
PLAYLIST = "application/vnd.apple.mpegurl"
STREAM_FILES = {"index.m3u8": PLAYLIST, "video.m3u8": PLAYLIST, "video.mp4": "video/mp4"}


def _video(request: PersonRequest, video_uuid: UUID) -> Video:
    found = Video.objects.for_user(request.user).filter(uuid=video_uuid)
    video = found.select_related("match__team").first()
    if video is None:
        raise Http404
    return video


@login_required
@require_safe
def play(request: PersonRequest, video_uuid: UUID) -> HttpResponseBase:
    """The copy made for browsers."""
    video = _video(request, video_uuid)
    name = f"{video.folder}/play.mp4"
    return ranged_file(request, name, "video/mp4", piece_bytes=PIECE_BYTES)


@login_required
@require_safe
def poster(request: PersonRequest, video_uuid: UUID) -> HttpResponseBase:
    """A still."""
    video = _video(request, video_uuid)
    response = ranged_file(request, f"{video.folder}/poster.jpg", "image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@login_required
@require_safe
def frames(request: PersonRequest, video_uuid: UUID) -> HttpResponseBase:
    """Time of every picture of the playback copy: milliseconds, 32 bits each, little-endian."""
    video = _video(request, video_uuid)
    name = f"{video.folder}/frames.bin"
    response = ranged_file(request, name, "application/octet-stream")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@login_required
@require_safe
def sheet(request: PersonRequest, video_uuid: UUID, number: int) -> HttpResponseBase:
    """One sheet of small pictures."""
    video = _video(request, video_uuid)
    name = f"{video.folder}/sheets/sheet-{number:03d}.jpg"
    response = ranged_file(request, name, "image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@login_required
@require_safe
def stream(request: PersonRequest, video_uuid: UUID, name: str) -> HttpResponseBase:
    """The video as HLS: its playlists, and byte ranges of the one file that its segments lie in."""
    video = _video(request, video_uuid)
    if name not in STREAM_FILES:
        raise Http404
    place = f"{video.folder}/stream/{name}"
    response = ranged_file(request, place, STREAM_FILES[name], piece_bytes=PIECE_BYTES)
    if name.endswith(".m3u8"):
        response.headers["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_safe
def source(request: PersonRequest, video_uuid: UUID) -> HttpResponseBase:
    """The file as it was uploaded: only ever for saving, never shown by the browser under our address."""
    video = _video(request, video_uuid)
    require(request.user, Deed.EXPORT, video.match.team)
    shown = f"{Path(video.original_name).stem}.{video.extension}"
    return ranged_file(request, video.source_name, "application/octet-stream", download_as=shown)
