"""The only writer of a video's state: what a worker found out about an uploaded file, and which checks were lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from analysis.core.problems import InputProblem
from analysis.core.records import VideoInfo
from webapp import jobs
from webapp.accounts.models import Team
from webapp.matches.models import Video, VideoState

MAX_CHECKS = 3
# A check that nobody works on is sent again after this long; later ones wait for longer.
RESEND_AFTER = timedelta(minutes=1)
# First number of the advisory locks of this module; any constant will do.
_LOCK_SPACE = 7701
_UNFINISHED = Q(state=VideoState.CHECKING) | Q(state=VideoState.READY, has_playback=False)
GIVEN_UP = (
    "Checking this file stopped {checks} times without an answer; it is probably damaged. "
    "Convert it to MP4 (H.264) with any converter and upload it again."
)


@contextmanager
def only_worker(video_id: int) -> Iterator[bool]:
    """Whether the caller is the only one to work on a video's file until the block ends.

    The lock belongs to the database connection, so a worker that is killed lets go of it at once.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_SPACE, video_id])
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        if is_mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_SPACE, video_id])


@transaction.atomic
def accept(video: Video, found: VideoInfo) -> None:
    """The file is a usable video: keep what the probe learned.

    Raises:
        InputProblem: ``video_duplicate``: the team has the very same file already.
    """
    # Two checks of one team take turns here, so that of two equal files exactly one is accepted.
    Team.objects.select_for_update().get(pk=video.match.team_id)
    twin = (
        Video.objects.filter(
            match__team=video.match.team_id, sha256=found.sha256, state=VideoState.READY
        )
        .exclude(pk=video.pk)
        .select_related("match")
        .first()
    )
    if twin is not None:
        video.sha256 = found.sha256
        raise InputProblem(
            "video_duplicate",
            f"Your team has this very file already, in the match “{twin.match.title}”; open it there.",
        )
    video.state = VideoState.READY
    video.container, video.sha256 = found.container, found.sha256
    video.size_bytes = found.size_bytes
    video.duration_ms, video.start_ms = found.duration_ms, found.start_ms
    video.width_px, video.height_px = found.width_px, found.height_px
    video.fps, video.is_constant_rate = found.fps, found.is_constant_rate
    video.has_audio = found.has_audio
    video.problem_code = video.problem_sentence = ""
    video.save()


def refuse(video: Video, code: str, sentence: str) -> None:
    """The file cannot be used: the row tells why."""
    video.state = VideoState.REFUSED
    video.problem_code, video.problem_sentence = code[:60], sentence
    video.save(update_fields=["state", "problem_code", "problem_sentence", "sha256"])


def note_playback(video: Video, *, has_playback: bool = False, has_poster: bool = False) -> None:
    """The copies for the browser exist from now on."""
    video.has_playback = video.has_playback or has_playback
    video.has_poster = video.has_poster or has_poster
    video.save(update_fields=["has_playback", "has_poster"])


def note_storyboard(video: Video, storyboard: dict[str, int]) -> None:
    """The frames' times and the small pictures exist from now on."""
    video.storyboard = storyboard
    video.save(update_fields=["storyboard"])


def note_stream(video: Video) -> None:
    """The video can be watched as HLS from now on."""
    video.has_stream = True
    video.save(update_fields=["has_stream"])


def resend_lost(now: datetime | None = None) -> list[int]:
    """Send the checks again that no worker is at; a file that stops every worker is refused in words.

    Args:
        now: the present; this machine's clock when not given.

    Returns:
        Ids of the videos that were sent again.
    """
    now = now or timezone.now()
    silent = Video.objects.filter(_UNFINISHED, check_sent_at__lt=now - RESEND_AFTER)
    sent = []
    for video in silent.filter(check_attempt__lte=MAX_CHECKS).order_by("id"):
        with only_worker(video.pk) as is_free:
            if is_free and _resend(video, now):
                sent.append(video.pk)
    return sent


@transaction.atomic
def take_up() -> list[int]:
    """Send every unfinished check anew; their ids. Only for the moment when it is certain that no worker runs."""
    unfinished = Video.objects.filter(_UNFINISHED, check_attempt__lt=MAX_CHECKS)
    video_ids = sorted(unfinished.values_list("pk", flat=True))
    unfinished.update(check_sent_at=timezone.now())
    for video_id in video_ids:
        jobs.enqueue_check(video_id)
    return video_ids


def _resend(video: Video, now: datetime) -> bool:
    if now - video.check_sent_at < RESEND_AFTER * (video.check_attempt + 1):
        return False
    Video.objects.filter(pk=video.pk).update(
        check_sent_at=now, check_attempt=F("check_attempt") + 1
    )
    if video.check_attempt < MAX_CHECKS:
        jobs.enqueue_check(video.pk)
        return True
    if video.state == VideoState.CHECKING:
        refuse(video, "video_check_lost", GIVEN_UP.format(checks=MAX_CHECKS))
    return False
