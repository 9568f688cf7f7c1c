"""What pages of playlists show, as plain values. Every function starts from ``for_user``."""

from typing import Any

from django.db.models import Count, F, Sum
from django.urls import reverse

from webapp.accounts.models import Team
from webapp.annotation.models import TagButton
from webapp.matches.models import Match
from webapp.playlists.models import Clip, ClipLength, Playlist, Reel


def playlists_of(user: Any, team: Team) -> list[Playlist]:
    """A team's playlists with ``n_clips`` and ``length_ms``, newest first."""
    rows = Playlist.objects.for_user(user).filter(team=team)
    counted = rows.annotate(
        n_clips=Count("clips"), length_ms=Sum(F("clips__end_ms") - F("clips__start_ms"))
    )
    return list(counted.order_by("-created_at", "-id"))


def playlist_of(user: Any, pk: int) -> Playlist:
    """A playlist the user may see. Raises: Playlist.DoesNotExist."""
    return Playlist.objects.for_user(user).select_related("team").get(pk=pk)


def clips_of(playlist: Playlist) -> list[Clip]:
    """Clips in their order, with what their titles and players need."""
    return list(Clip.objects.filter(playlist=playlist).select_related("video__match"))


def clip_values(clip: Clip) -> dict[str, Any]:
    """A clip for the page's player; times are the video's own clock."""
    video = clip.video
    return {
        "id": clip.pk,
        "video": video.pk,
        "match": video.match_id,
        "src": reverse("media:play", args=[video.uuid]),
        "video_start_ms": video.start_ms,
        "size_px": [video.width_px, video.height_px],
        "start_ms": clip.start_ms,
        "end_ms": clip.end_ms,
        "title": clip.title,
        "stills": clip.stills,
        "positions": reverse("analytics:positions", args=[video.match_id]),
        "stills_url": reverse("playlists:stills", args=[clip.playlist_id, clip.pk]),
    }


def choices(user: Any, match: Match) -> dict[str, Any]:
    """What the room's dialog offers: the team's playlists, and the lengths of clips by kind."""
    rows = Playlist.objects.for_user(user).filter(team=match.team)
    lengths = [
        *TagButton.objects.for_user(user).filter(team=match.team),
        *ClipLength.objects.filter(team=match.team),
    ]
    return {
        "playlists": [{"id": pk, "title": title} for pk, title in rows.values_list("id", "title")],
        "lengths": {row.label: [row.lead_ms, row.lag_ms] for row in lengths},
    }


def film_values(reel: Reel) -> dict[str, Any]:
    """How a film stands, for polling."""
    return {
        "uuid": str(reel.uuid),
        "state": reel.state,
        "percent": reel.percent,
        "problem": reel.problem_sentence,
    }
