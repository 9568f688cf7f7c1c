"""Everything that changes playlists: clips by hand or by kind, their order and drawings, films, and links to films."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from analysis.core.clock import clock_text
from analysis.core.problems import InputProblem
from webapp import jobs
from webapp.accounts.models import Team, User
from webapp.analytics.models import SpottedAction
from webapp.analytics.presentation import look
from webapp.annotation.models import TagButton
from webapp.lib.tokens import digest_of, new_token
from webapp.matches.models import Match, Video
from webapp.matches.services import removal, remove_after_commit
from webapp.playlists.models import Clip, ClipLength, Playlist, Reel, ShareLink

LEAD_MS, LAG_MS = 7_000, 5_000
LONGEST_PAD_MS = 120_000
MAX_CLIPS = 500
MAX_STILLS, MAX_SHAPES, MAX_POINTS = 8, 40, 24
SHAPE_POINTS = {"arrow": (2, 2), "circle": (2, 2), "connect": (2, 2), "zone": (3, MAX_POINTS)}
MAX_ATTEMPTS = 3
SHARE_DAYS = (1, 7, 30)


def length_of(team: Team, label: str) -> tuple[int, int]:
    """(lead, lag) in milliseconds of a kind's clips in a team; 7 s and 5 s where nobody said otherwise.

    A kind of the team's own panel has those of its button until clips of it were given others.
    """
    said = ClipLength.objects.filter(team=team, label=label).first()
    row = said or TagButton.objects.filter(team=team, label=label).first()
    return (row.lead_ms, row.lag_ms) if row else (LEAD_MS, LAG_MS)


def keep_length(team: Team, label: str, lead_ms: int, lag_ms: int) -> None:
    """Remember how long a kind's clips are in a team."""
    ClipLength.objects.update_or_create(
        team=team, label=label, defaults={"lead_ms": _pad(lead_ms), "lag_ms": _pad(lag_ms)}
    )


def _pad(ms: int) -> int:
    return max(0, min(int(ms), LONGEST_PAD_MS))


def bounds(video: Video, start_ms: int, end_ms: int) -> tuple[int, int]:
    """A stretch kept inside a video. Raises: InputProblem ``clip_empty``."""
    last = video.start_ms + (video.duration_ms or end_ms)
    start, end = max(video.start_ms, int(start_ms)), min(int(end_ms), last)
    if end - start < 40:
        raise InputProblem(
            "clip_empty", "A clip must end after it begins, inside the video; move its ends."
        )
    return start, end


@transaction.atomic
def add_range(
    playlist: Playlist, video: Video, start_ms: int, end_ms: int, title: str = ""
) -> Clip:
    """Put a hand-picked stretch at the end of a playlist. Raises: InputProblem ``clip_empty``, ``playlist_full``."""
    start, end = bounds(video, start_ms, end_ms)
    return _append(playlist, [Clip(video=video, start_ms=start, end_ms=end, title=title[:120])])[0]


@transaction.atomic
def add_events(
    playlist: Playlist, actions: Sequence[SpottedAction], *, lead_ms: int, lag_ms: int
) -> list[Clip]:
    """Put a clip of each event at the end of a playlist; clips of one kind that overlap become one.

    Raises:
        InputProblem: ``nothing_found``, ``playlist_full``.
    """
    lead, lag = _pad(lead_ms), _pad(lag_ms)
    clips: list[Clip] = []
    latest: dict[tuple[int, str], Clip] = {}
    ordered = sorted(actions, key=lambda a: (a.video.half, a.video_id, a.position_ms, a.pk))
    for action in ordered:
        start, end = bounds(action.video, action.position_ms - lead, action.position_ms + lag + 1)
        before = latest.get((action.video_id, action.label))
        if before is not None and start <= before.end_ms:
            before.end_ms = max(before.end_ms, end)
            continue
        clip = Clip(
            video=action.video, action=action, start_ms=start, end_ms=end, title=_title_of(action)
        )
        latest[action.video_id, action.label] = clip
        clips.append(clip)
    if not clips:
        raise InputProblem(
            "nothing_found", "There is no such event in this match; reload the page."
        )
    return _append(playlist, clips)


def _title_of(action: SpottedAction) -> str:
    match = action.video.match
    team = {"home": match.home_name, "away": match.away_name}.get(action.team, "")
    since = action.period_time_ms
    clock = clock_text(action.position_ms - action.video.start_ms)
    if since is not None:
        clock = f"{action.period}H {clock_text(since)}"
    parts = [look(action.label).words, team, action.player_name, clock]
    return " · ".join(part for part in parts if part)[:120]


def _append(playlist: Playlist, clips: list[Clip]) -> list[Clip]:
    Playlist.objects.select_for_update().get(pk=playlist.pk)
    n_before = playlist.clips.count()
    if n_before + len(clips) > MAX_CLIPS:
        raise InputProblem(
            "playlist_full", f"A playlist holds {MAX_CLIPS} clips; begin another one."
        )
    last = playlist.clips.order_by("-place").values_list("place", flat=True).first()
    for i, clip in enumerate(clips):
        clip.playlist, clip.place = playlist, (0 if last is None else last + 1) + i
    return Clip.objects.bulk_create(clips)


@transaction.atomic
def move_clip(clip: Clip, step: int) -> None:
    """Move a clip one place up (-1) or down (1); at the ends nothing happens."""
    clips = list(Clip.objects.select_for_update().filter(playlist=clip.playlist_id))
    here = next(i for i, row in enumerate(clips) if row.pk == clip.pk)
    there = here + (1 if step > 0 else -1)
    if not 0 <= there < len(clips):
        return
    clips[here], clips[there] = clips[there], clips[here]
    for i, row in enumerate(clips):
        row.place = i
    Clip.objects.bulk_update(clips, ["place"])


def edit_clip(clip: Clip, *, title: str, start_ms: int, end_ms: int) -> None:
    """Change a clip's title and bounds. Raises: InputProblem ``clip_empty``."""
    clip.start_ms, clip.end_ms = bounds(clip.video, start_ms, end_ms)
    clip.title = title.strip()[:120]
    clip.save(update_fields=["start_ms", "end_ms", "title"])


def set_stills(clip: Clip, stills: Any) -> None:
    """Replace a clip's frozen pictures. Raises: InputProblem ``drawing_bad``."""
    clip.stills = checked_stills(clip, stills)
    clip.save(update_fields=["stills"])


def checked_stills(clip: Clip, stills: Any) -> list[dict[str, Any]]:
    """What a browser drew, with nothing in it but what a drawing has.

    Args:
        stills: ``[{"at_ms", "hold_ms", "shapes": [{"kind", "points": [[x, y]], "colour", "text"}]}]``; points are
            shares of the picture.

    Raises:
        InputProblem: ``drawing_bad``.
    """
    bad = InputProblem("drawing_bad", "This drawing cannot be stored; draw it again.")
    if not isinstance(stills, list) or len(stills) > MAX_STILLS:
        raise bad
    try:
        return [
            {
                "at_ms": max(clip.start_ms, min(int(still["at_ms"]), clip.end_ms)),
                "hold_ms": max(500, min(int(still["hold_ms"]), 20_000)),
                "shapes": [_checked_shape(shape) for shape in still["shapes"][:MAX_SHAPES]],
            }
            for still in stills
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise bad from error


def _checked_shape(shape: Any) -> dict[str, Any]:
    kind, colour = shape["kind"], str(shape.get("colour", "#ffe13c"))
    least, most = SHAPE_POINTS[kind]
    points = [[round(float(x), 4), round(float(y), 4)] for x, y in shape["points"]]
    if not least <= len(points) <= most or not all(-0.5 <= v <= 1.5 for p in points for v in p):
        raise ValueError("points")
    if len(colour) != 7 or colour[0] != "#":
        raise ValueError("colour")
    int(colour[1:], 16)
    return {
        "kind": kind,
        "points": points,
        "colour": colour,
        "text": str(shape.get("text", ""))[:40],
    }


@transaction.atomic
def delete_playlist(playlist: Playlist) -> None:
    """Delete a playlist, its films and their links."""
    names = [reel.file_name for reel in playlist.reels.select_related("playlist__team")]
    playlist.delete()
    remove_after_commit(*map(removal, names))


@transaction.atomic
def queue_reel(playlist: Playlist, user: User, *, with_titles: bool = True) -> Reel:
    """Have a film of the playlist made; the one in work is returned when there is one.

    Raises:
        InputProblem: ``reel_empty``.
    """
    Playlist.objects.select_for_update().get(pk=playlist.pk)
    active = playlist.reels.filter(state__in=("queued", "running")).first()
    if active is not None:
        return active
    if not playlist.clips.exists():
        raise InputProblem(
            "reel_empty", "This playlist has no clips yet; add some, then export it."
        )
    reel = Reel.objects.create(playlist=playlist, created_by=user, with_titles=with_titles)
    jobs.enqueue_reel(reel.pk)
    return reel


def claim_reel(reel_id: int) -> uuid.UUID | None:
    """Take a queued film; its lease, or None when it is not there to be taken."""
    lease = uuid.uuid4()
    taken = Reel.objects.filter(pk=reel_id, state="queued", cancel_requested=False).update(
        state="running", lease=lease, attempt=F("attempt") + 1, heartbeat_at=timezone.now()
    )
    return lease if taken else None


def advance_reel(reel_id: int, lease: uuid.UUID, done_ms: int, total_ms: int) -> bool:
    """Store how far a film is; False when its maker must stop: cancelled, or somebody else's by now."""
    rows = Reel.objects.filter(pk=reel_id, lease=lease, state="running", cancel_requested=False)
    return bool(rows.update(done_ms=done_ms, total_ms=total_ms, heartbeat_at=timezone.now()))


def end_reel(
    reel_id: int, lease: uuid.UUID, state: str, *, sentence: str = "", size_bytes: int = 0
) -> bool:
    """End a film's making; False when it was not the caller's."""
    rows = Reel.objects.filter(pk=reel_id, lease=lease, state="running")
    ended = rows.update(state=state, lease=None, problem_sentence=sentence, size_bytes=size_bytes)
    return bool(ended)


def cancel_reel(reel: Reel) -> None:
    """Stop a film: at once while it waits, soon while it is made."""
    if not Reel.objects.filter(pk=reel.pk, state="queued").update(
        state="cancelled", cancel_requested=True
    ):
        Reel.objects.filter(pk=reel.pk, state="running").update(cancel_requested=True)


@transaction.atomic
def requeue_lost(now: datetime | None = None) -> list[int]:
    """Send the films again whose maker fell silent; after ``MAX_ATTEMPTS`` they fail in words. Ids of those sent."""
    before = (now or timezone.now()) - timedelta(seconds=settings.LEASE_S)
    sent = []
    rows = Reel.objects.select_for_update(skip_locked=True).filter(heartbeat_at__lt=before)
    for reel in rows.filter(state__in=("queued", "running")):
        reel.lease, reel.heartbeat_at = None, timezone.now()
        if reel.cancel_requested:
            reel.state = "cancelled"
        elif reel.attempt >= MAX_ATTEMPTS:
            reel.state = "failed"
            reel.problem_sentence = (
                "Making this film stopped several times; try it with fewer clips."
            )
        else:
            reel.state = "queued"
            sent.append(reel.pk)
            jobs.enqueue_reel(reel.pk)
        reel.save()
    return sent


def share(
    reel: Reel, user: User, *, days: int, may_download: bool = False
) -> tuple[ShareLink, str]:
    """A new link to a finished film and its secret, shown once.

    Raises:
        InputProblem: ``reel_unfinished``, ``days_unknown``.
    """
    if reel.state != "finished":
        raise InputProblem(
            "reel_unfinished", "Only a finished film can be shared; export it first."
        )
    if days not in SHARE_DAYS:
        raise InputProblem(
            "days_unknown", "A link lasts a day, a week or thirty days; choose one of these."
        )
    token = new_token()
    ends = timezone.now() + timedelta(days=days)
    link = ShareLink.objects.create(
        reel=reel, token_sha256=digest_of(token), created_by=user, expires_at=ends, may_download=may_download
    )  # fmt: skip
    return link, token


def revoke(link: ShareLink) -> None:
    """Close a link at once."""
    ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())


def open_link(token: str) -> ShareLink | None:
    """The open link of a token, None when it is unknown, over or revoked."""
    link = (
        ShareLink.objects.filter(token_sha256=digest_of(token))
        .select_related("reel__playlist__team")
        .first()
    )
    return link if link is not None and link.is_open else None


def match_events(match: Match, label: str, run_id: int | None) -> list[SpottedAction]:
    """A kind's events in the shown run of a match, rejected ones left out."""
    rows = SpottedAction.objects.filter(run=run_id, run__match=match, label=label)
    return list(rows.standing().select_related("video__match"))
