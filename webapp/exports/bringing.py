"""Other tools' lists become hand-made events: read, matched with our classes, added once, each with its record."""

import importlib
import pkgutil
import re
from collections import Counter
from dataclasses import dataclass, field
from types import ModuleType

from django.db import transaction

from analysis.core.problems import InputProblem
from webapp.accounts.models import User
from webapp.analytics import selectors as analytics_selectors
from webapp.analytics.models import AnalysisRun, Period, SpottedAction
from webapp.annotation import services as annotation
from webapp.exports import imports
from webapp.exports.clips import Clip, class_of, decoded
from webapp.matches.models import Match, Video

# An event of the same class this near is the same event: bringing a file twice adds nothing.
SAME_MS = 1_000
_NUMBER = re.compile(r"^#?(\d{1,2})$")


@dataclass(slots=True)
class Brought:
    """What came of a file: how many events were added, were there already, or have no class or no place here."""

    added: int = 0
    known: int = 0
    outside: int = 0
    unknown: Counter[str] = field(default_factory=Counter)

    @property
    def words(self) -> str:
        """One sentence or more for the page."""
        said = [f"{self.added} event{'' if self.added == 1 else 's'} added as hand-made."]
        if self.known:
            said.append(f"{self.known} were there already.")
        if self.outside:
            said.append(f"{self.outside} lie outside the video and were left out.")
        if self.unknown:
            names = ", ".join(f"{name[:40]} ({n})" for name, n in self.unknown.most_common(8))
            more = ", and others" if len(self.unknown) > 8 else ""
            said.append(f"No class of ours is meant by: {names}{more}.")
        return " ".join(said)


def reader_names() -> list[str]:
    """Names of every reader, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(imports.__path__))


def reader(name: str) -> ModuleType:
    """The module of a reader."""
    return importlib.import_module(f"{imports.__name__}.{name}")


def read(file_name: str, data: bytes) -> list[Clip]:
    """Clips of a file whose kind its own text tells.

    Raises:
        InputProblem: what the readers raise, or ``file_unknown``.
    """
    text = decoded(data)
    for name in reader_names():
        if reader(name).looks_like(file_name, text):
            clips: list[Clip] = reader(name).read(data)
            return clips
    raise InputProblem(
        "file_unknown", "This is no Sportscode XML, LongoMatch CSV or SoccerNet JSON; choose one of those."
    )  # fmt: skip


@transaction.atomic
def bring(
    user: User, match: Match, clips: list[Clip], *, lead_ms: int, offset_ms: int = 0
) -> Brought:
    """Add clips as events of the shown run.

    Args:
        user: must see the match and may correct it (asked by the caller).
        match: whose events.
        clips: what ``read`` gave.
        lead_ms: how long before the moment a clip begins, where the file does not say the moment.
        offset_ms: taken off the file's video times, when its video was cut differently.

    Raises:
        InputProblem: ``no_analysis``.
    """
    run = analytics_selectors.shown_run(user, match.pk)
    if run is None:
        raise InputProblem(
            "no_analysis", "Events can be brought once the match was analysed; start that first."
        )
    places = _Places.of(match)
    result = Brought()
    for clip in clips:
        label, team = class_of(clip.code)
        place = places.find(clip, lead_ms, offset_ms)
        if label is None:
            result.unknown[clip.code] += 1
        elif place is None:
            result.outside += 1
        elif _is_there(run, place, label):
            result.known += 1
        else:
            _add(user, run, place, label, clip, team)
            result.added += 1
    return result


@dataclass(frozen=True, slots=True)
class _Places:
    videos: list[Video]
    kickoffs: dict[int, tuple[int, int]]

    @staticmethod
    def of(match: Match) -> "_Places":
        videos = list(match.videos.filter(duration_ms__gt=0).order_by("half", "id"))
        periods = Period.objects.filter(match=match).values_list("number", "video_id", "kickoff_ms")
        return _Places(videos, {number: (video, ms) for number, video, ms in periods})

    def find(self, clip: Clip, lead_ms: int, offset_ms: int) -> tuple[Video, int] | None:
        """Where a clip lies: its video and the time stamp there; None outside of every video."""
        if clip.half:
            return self._of_half(clip)
        at_ms = clip.at_ms
        if at_ms is None:
            start_ms = clip.start_ms or 0
            at_ms = min(start_ms + lead_ms, clip.end_ms if clip.end_ms is not None else start_ms)
        return self._inside(self.videos[0] if self.videos else None, at_ms - offset_ms)

    def _of_half(self, clip: Clip) -> tuple[Video, int] | None:
        number, kickoff_ms = self.kickoffs.get(clip.half, (None, 0))
        for video in self.videos:
            if video.pk == number:
                return self._inside(video, kickoff_ms - video.start_ms + clip.half_ms)
            if number is None and (video.half or 1) == clip.half:
                return self._inside(video, clip.half_ms)
        return None

    @staticmethod
    def _inside(video: Video | None, since_start_ms: int) -> tuple[Video, int] | None:
        if video is None or not 0 <= since_start_ms <= (video.duration_ms or 0):
            return None
        return video, video.start_ms + since_start_ms


def _is_there(run: AnalysisRun, place: tuple[Video, int], label: str) -> bool:
    video, at_ms = place
    near = SpottedAction.objects.filter(run=run, video=video, label=label).exclude(
        status="rejected"
    )
    return near.filter(position_ms__gte=at_ms - SAME_MS, position_ms__lte=at_ms + SAME_MS).exists()


def _add(
    user: User, run: AnalysisRun, place: tuple[Video, int], label: str, clip: Clip, team: str
) -> None:
    video, at_ms = place
    made = annotation.add(user, run, video, label=label, position_ms=at_ms, team=clip.team or team)
    if made.action is None:
        return
    if clip.player:
        number = _NUMBER.match(clip.player)
        shirt = int(number.group(1)) if number and int(number.group(1)) >= 1 else None
        annotation.set_player(user, made.action, shirt, "" if shirt else clip.player)
    if clip.note:
        annotation.set_note(user, made.action, clip.note)
