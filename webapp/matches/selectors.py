"""What the pages about matches show, as plain values."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse

from webapp.accounts.models import Team
from webapp.lib.disk import is_low
from webapp.matches.models import Match, Upload, Video, VideoState

FILTERS = {"": "All", "ready": "Ready", "working": "In work", "attention": "Needs you"}
HALVES = {0: "The whole match", 1: "First half", 2: "Second half"}
ACTIVE_RUNS = ("queued", "running")


@dataclass(frozen=True, slots=True)
class MatchState:
    """One chip: how a match stands.

    Attributes:
        tone: ``good``, ``busy``, ``warn``, ``bad`` or ``plain``.
        words: the chip's text.
        note: one sentence more, or nothing.
        percent: of the step under way, None when nothing can be said.
        is_moving: the page should ask again.
    """

    tone: str
    words: str
    note: str = ""
    percent: int | None = None
    is_moving: bool = False


@dataclass(frozen=True, slots=True)
class MatchCard:
    """A match in the list."""

    match: Match
    state: MatchState
    poster: Video | None
    duration: str
    url: str

    @property
    def names_teams(self) -> bool:
        """Whether the teams must be told beside the title."""
        return self.match.title != f"{self.match.home_name} v {self.match.away_name}"


def match_cards(user: Any, team: Team, *, words: str = "", state: str = "") -> "QuerySet[Match]":
    """A team's matches, newest first. Unknown states filter nothing."""
    matches = _with_everything(Match.objects.for_user(user).filter(team=team))
    for word in words.split()[:8]:
        matches = matches.filter(
            Q(title__icontains=word) | Q(home_name__icontains=word) | Q(away_name__icontains=word)
        )
    return _in_state(matches, state).distinct()


def _in_state(matches: "QuerySet[Match]", state: str) -> "QuerySet[Match]":
    moving = Q(runs__state__in=ACTIVE_RUNS) | Q(videos__state=VideoState.CHECKING)
    if state == "ready":
        return matches.filter(runs__state="finished")
    if state == "working":
        return matches.filter(moving)
    if state == "attention":
        without = Match.objects.filter(moving | Q(runs__state="finished"))
        return matches.exclude(pk__in=without.values("pk"))
    return matches


def _with_everything(matches: "QuerySet[Match]") -> "QuerySet[Match]":
    uploads = Upload.objects.filter(video=None).order_by("-updated_at")
    return matches.prefetch_related("videos", "runs", Prefetch("uploads", queryset=uploads))


def one_match(user: Any, match_id: int) -> "QuerySet[Match]":
    """The match if the user may see it, with what a card needs."""
    return _with_everything(Match.objects.for_user(user).filter(pk=match_id)).select_related("team")


def card_of(match: Match) -> MatchCard:
    """The card of a match (asked through ``match_cards`` or ``one_match``, so that this asks nothing more)."""
    videos = list(match.videos.all())
    poster = next((video for video in videos if video.has_poster), None)
    duration_s = sum(video.duration_ms or 0 for video in videos) // 1000
    duration = f"{duration_s // 60}:{duration_s % 60:02d}" if duration_s else ""
    # A match without a usable file opens where its file is brought.
    has_video = any(video.state != VideoState.REFUSED for video in videos)
    url = reverse("analytics:room" if has_video else "matches:upload", args=[match.pk])
    return MatchCard(match, state_of(match), poster, duration, url)


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one file of a match: all of it (0) or a half.

    Attributes:
        match: whose place.
        half: 0, 1 or 2.
        video: the file that is there, refused ones included.
        upload: the user's own unfinished upload.
        twin: the match that has the very same file, when that is why it was refused.
    """

    match: Match
    half: int
    video: Video | None
    upload: Upload | None
    twin: Match | None

    @property
    def words(self) -> str:
        """What belongs here."""
        return HALVES[self.half]

    @property
    def percent(self) -> int:
        """How much of the unfinished upload has arrived."""
        return 100 * self.upload.offset_bytes // self.upload.size_bytes if self.upload else 0


def slots_of(user: Any, match: Match) -> list[Slot]:
    """The three places of a match."""
    return [slot_of(user, match, half) for half in HALVES]


def slot_of(user: Any, match: Match, half: int) -> Slot:
    """One place of a match (asked through ``one_match``)."""
    videos = [video for video in match.videos.all() if video.half == half]
    mine = [each for each in match.uploads.all() if each.half == half and each.user_id == user.pk]
    video = videos[-1] if videos else None
    twin = None
    if video is not None and video.problem_code == "video_duplicate" and video.sha256:
        # Asked for this user: a twin in another team stays unknown.
        twins = Match.objects.for_user(user).filter(team=match.team_id, videos__sha256=video.sha256)
        twin = twins.exclude(videos=video).first()
    return Slot(match, half, video, mine[0] if mine else None, twin)


def state_of(match: Match) -> MatchState:
    """The most telling thing about a match: its file's trouble, its analysis, its upload."""
    videos, uploads = list(match.videos.all()), list(match.uploads.all())
    refused = next((video for video in videos if video.state == VideoState.REFUSED), None)
    if refused is not None:
        return MatchState("bad", "File refused", refused.problem_sentence)
    if any(video.state == VideoState.CHECKING for video in videos):
        return MatchState("busy", "Checking the file", is_moving=True)
    runs = sorted(match.runs.all(), key=lambda run: run.pk)
    if runs:
        return _state_of_run(runs[-1])
    if videos:
        return MatchState("plain", "Not analysed yet")
    if uploads:
        sent = sum(each.offset_bytes for each in uploads)
        whole = sum(each.size_bytes for each in uploads) or 1
        note = "The upload is not finished. Open it to go on."
        return MatchState("warn", "Uploading", note, 100 * sent // whole)
    return MatchState("warn", "No video yet", "Upload the video to start.")


def _state_of_run(run: Any) -> MatchState:
    if run.state == "finished":
        if run.verdict and run.verdict != "ok":
            return MatchState("warn", "No pitch in view", "Open it to see what can be done.")
        return MatchState("good", "Ready")
    if run.state == "failed":
        return MatchState("bad", "Analysis failed", run.problem_sentence)
    if run.state == "cancelled":
        return MatchState("plain", "Cancelled")
    if run.state == "queued" and is_low():
        return MatchState("warn", "Waiting for room on the disk", is_moving=True)
    if run.state == "queued":
        return MatchState("busy", "Waiting for a worker", is_moving=True)
    percent = min(99, 100 * run.done // run.total) if run.total else None
    return MatchState("busy", "Analysing", run.stage_words, percent, is_moving=True)
