"""What a user may read of a match's analysis, as plain values. Every function starts from ``for_user``.

Nothing here writes. An object of another team does not exist: the ``DoesNotExist`` of its model is raised, which the
views turn into 404. Times are milliseconds of the video's own clock (PTS), positions metres (``analysis.core.pitch``).
"""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils import timezone

from analysis.core.cards import Card
from analysis.core.registry import FAMILIES, SPOTTERS
from analysis.core.vocabulary import CALIBRATION_STATES, SOCCERNET_V2
from webapp.analytics.models import (
    ACTIVE_STATES,
    AnalysisRun,
    CalibrationSample,
    Period,
    ReplayMatch,
    RunState,
    ShotSegment,
    SpottedAction,
    StageRun,
)
from webapp.analytics.presentation import (
    duration_words,
    kit_colour,
    lane_order,
    look,
    stage_words,
)
from webapp.lib.disk import is_low
from webapp.matches.models import Match, Video

NO_ROOM_WORDS = "Waiting for room on the server's disk"
NO_ROOM_ADVICE = "Delete matches you no longer need, or ask the administrator for more room; it goes on by itself."
NO_PITCH_VIEW = "no_usable_pitch_view"
# Kits nobody named; told apart by hue and by lightness.
DEFAULT_COLOURS = {"home": "#d8503f", "away": "#4a83d4"}
# Two samples further apart than this are not one stretch of camera state.
STRETCH_GAP_MS = 2_000


@dataclass(frozen=True, slots=True)
class Room:
    """The rows a match room is about: the run whose findings are shown, and the newest run, which may be another."""

    match: Match
    videos: list[Video]
    shown_run: AnalysisRun | None
    latest_run: AnalysisRun | None

    @property
    def is_waiting(self) -> bool:
        """Whether a run waits or works now."""
        return self.latest_run is not None and self.latest_run.state in ACTIVE_STATES


def match_of(user: Any, match_id: int) -> Match:
    """A match the user may see. Raises: Match.DoesNotExist."""
    return Match.objects.for_user(user).select_related("team").get(pk=match_id)


def shown_run(user: Any, match_id: int) -> AnalysisRun | None:
    """The newest finished run of a match the user may see; None where there is none (or no such match)."""
    runs = AnalysisRun.objects.for_user(user).filter(match_id=match_id, state=RunState.FINISHED)
    return runs.order_by("-id").first()


def room(user: Any, match_id: int) -> Room:
    """Everything the room's page starts from. Raises: Match.DoesNotExist."""
    match = match_of(user, match_id)
    latest = AnalysisRun.objects.for_user(user).filter(match=match).order_by("-id").first()
    finished = latest if latest and latest.state == RunState.FINISHED else None
    videos = list(Video.objects.for_user(user).filter(match=match).order_by("half", "id"))
    for video in videos:
        video.match = match
    return Room(match, videos, finished or shown_run(user, match_id), latest)


def spotter_card(run: AnalysisRun) -> Card | None:
    """The card of the spotter a run used; None when its folder is gone."""
    name = str(run.versions.get("spotting") or run.versions.get("spot") or "").split(" ")[0]
    try:
        return SPOTTERS.card(SPOTTERS.resolve(name))
    except KeyError:
        return None


def room_values(user: Any, here: Room) -> dict[str, Any]:
    """The finished room as columns for the page's modules; ``here`` comes from ``room`` for the same user."""
    match, run = here.match, here.shown_run
    values: dict[str, Any] = {
        "match": {
            "id": match.pk,
            "pitch_m": [match.pitch_length_m, match.pitch_width_m],
            "teams": team_looks(match),
            "lineups": match.lineups,
        },
        "videos": [_video_values(video) for video in here.videos],
        "periods": _period_values(user, match),
        "events": event_columns(user, run) if run else None,
        "camera": camera_stretches(user, run) if run else {},
        "shots": shot_rows(user, run) if run else {},
    }
    if run is None:
        return values
    card = spotter_card(run)
    labels = lane_order(set(values["events"]["labels"]))
    values["run"] = {"id": run.pk, "coverage": run.coverage, "verdict": run.verdict}
    values["looks"] = {label: _look_values(label, card) for label in labels}
    # Every kind that a person may choose, in the order of the lanes.
    values["kinds"] = {
        label: _look_values(label, card) for label in lane_order(set(SOCCERNET_V2.labels))
    }
    return values


def _look_values(label: str, card: Card | None) -> dict[str, Any]:
    found = look(label)
    return {
        "colour": found.colour,
        "shape": found.shape,
        "letters": found.letters,
        "words": found.words,
        "experimental": bool(card and label in card.experimental),
        **(_measured(label, card) if card else {}),
    }


def _measured(label: str, card: Card) -> dict[str, Any]:
    """What the spotter's card says of a class; empty for one that it does not tell."""
    if label not in card.emits:
        return {}
    found = card.numbers_of(label)
    values: dict[str, Any] = {"badge": card.badge_of(label), "measured_on": card.measured_on}
    if found is not None:
        values |= {"precision": found.precision, "recall": found.recall, "n_events": found.n_events}
    return values


def team_looks(match: Match) -> dict[str, dict[str, str]]:
    """Names and kit colours; both fall back together when they are missing or too alike to tell apart."""
    home, away = kit_colour(match.home_colour), kit_colour(match.away_colour)
    if not (home and away) or _rgb_distance(home, away) < 90:
        home, away = DEFAULT_COLOURS["home"], DEFAULT_COLOURS["away"]
    return {
        "home": {"name": match.home_name, "colour": home},
        "away": {"name": match.away_name, "colour": away},
    }


def _rgb_distance(first: str, second: str) -> float:
    pairs = [(int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5)]
    return sum((a - b) ** 2 for a, b in pairs) ** 0.5


def _video_values(video: Video) -> dict[str, Any]:
    return {
        "id": video.pk,
        "half": video.half,
        "duration_ms": video.duration_ms or 0,
        "start_ms": video.start_ms,
        "fps": video.fps or 25.0,
        "is_constant_rate": video.is_constant_rate,
        "size_px": [video.width_px, video.height_px],
    }


def _period_values(user: Any, match: Match) -> list[dict[str, Any]]:
    periods = Period.objects.filter(match__in=Match.objects.for_user(user).filter(pk=match.pk))
    return [
        {"number": row.number, "video": row.video_id, "kickoff_ms": row.kickoff_ms, "end_ms": row.end_ms}
        for row in periods.order_by("number")
    ]  # fmt: skip


def event_columns(user: Any, run: AnalysisRun) -> dict[str, Any]:
    """A run's events in playing order, rejected ones too, as columns; ``label`` holds indices in ``labels``."""
    names = (
        "id", "video_id", "position_ms", "period", "period_time_ms", "label", "team", "x_m", "y_m",
        "confidence", "status", "source", "player_number", "player_name", "note", "is_withheld",
    )  # fmt: skip
    rows = list(
        SpottedAction.objects.filter(run__in=AnalysisRun.objects.for_user(user).filter(pk=run.pk))
        .order_by("video__half", "position_ms", "id")
        .values_list(*names)
    )
    columns: dict[str, Any] = {
        name: [row[i] for row in rows] for i, name in enumerate(names) if name != "label"
    }
    columns["confidence"] = [round(value, 3) for value in columns["confidence"]]
    labels = lane_order({row[5] for row in rows})
    index = {label: i for i, label in enumerate(labels)}
    return {**columns, "labels": labels, "label": [index[row[5]] for row in rows]}


def camera_stretches(user: Any, run: AnalysisRun) -> dict[int, list[tuple[int, int, int]]]:
    """Video id -> [start_ms, end_ms, index in CALIBRATION_STATES] where the camera's state stays the same."""
    rows = (
        CalibrationSample.objects.filter(run__in=AnalysisRun.objects.for_user(user).filter(pk=run.pk))
        .order_by("video_id", "time_ms")
        .values_list("video_id", "time_ms", "status")
    )  # fmt: skip
    stretches: dict[int, list[tuple[int, int, int]]] = {}
    for (video_id, status), samples in groupby(rows.iterator(), key=lambda row: (row[0], row[2])):
        state = CALIBRATION_STATES.index(status)
        times = [row[1] for row in samples]
        stretches.setdefault(video_id, []).append((times[0], times[-1], state))
    return {video_id: _joined(found) for video_id, found in stretches.items()}


def _joined(found: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Let each stretch reach to the next one's first sample unless samples are missing between them."""
    joined = []
    for i, (start, end, state) in enumerate(found):
        following = found[i + 1][0] if i + 1 < len(found) else end
        joined.append((start, following if following - end <= STRETCH_GAP_MS else end, state))
    return joined


def shot_rows(user: Any, run: AnalysisRun) -> dict[int, list[tuple[int, int, str, bool]]]:
    """Video id -> [start_ms, end_ms, camera, is_replay] of the broadcast's shots; replays count as such either way."""
    runs = AnalysisRun.objects.for_user(user).filter(pk=run.pk)
    found: dict[int, list[tuple[int, int, str, bool]]] = {}
    shots = ShotSegment.objects.filter(run__in=runs).order_by("start_ms")
    for row in shots.values_list("video_id", "start_ms", "end_ms", "camera", "is_replay"):
        found.setdefault(row[0], []).append(row[1:])
    replays = ReplayMatch.objects.filter(run__in=runs).order_by("start_ms")
    for video_id, start_ms, end_ms in replays.values_list("video_id", "start_ms", "end_ms"):
        rows = found.setdefault(video_id, [])
        if not any(r[3] and r[0] < end_ms and r[1] > start_ms for r in rows):
            rows.append((start_ms, end_ms, "Replay", True))
    return found


def share_seen(user: Any, run: AnalysisRun) -> float | None:
    """Share of samples in which the pitch was found, well or weakly; None without samples. The board counts alike."""
    rows = CalibrationSample.objects.filter(
        run__in=AnalysisRun.objects.for_user(user).filter(pk=run.pk)
    )
    n_all = rows.count()
    return rows.exclude(status="refused").count() / n_all if n_all else None


def progress(user: Any, match_id: int) -> dict[str, Any]:
    """How the newest run stands: state, stages in words, percent, time left. Raises: Match.DoesNotExist."""
    match = match_of(user, match_id)
    run = AnalysisRun.objects.for_user(user).filter(match=match).order_by("-id").first()
    if run is None:
        return {"state": "none"}
    stages = list(run.stages.order_by("id"))
    share = _share_done(run, stages)
    return {
        "run": run.pk,
        "state": run.state,
        "stage": run.stage,
        "stage_words": _stage_words(run, stages),
        "percent": round(100 * share),
        "left_words": _left_words(run, stages, share),
        "cancel_requested": run.cancel_requested,
        "stages": [
            {
                "words": stage_words(row.stage),
                "percent": round(100 * min(1.0, row.done / row.total)) if row.total else 100,
                "is_done": row.finished_at is not None,
            }
            for row in stages
        ],
    }


def _share_done(run: AnalysisRun, stages: list[StageRun]) -> float:
    """Share of the work done: stages count by their units, of which the pictures have by far the most.

    The first stage only looks at the files, and later ones are not known before they begin, so 1 is never reached.
    """
    if not stages:
        return min(0.99, run.done / run.total) if run.total else 0.0
    if [row.stage for row in stages] == ["probe"]:
        return 0.0
    total = sum(row.total for row in stages)
    return min(0.99, sum(min(row.done, row.total) for row in stages) / total) if total else 0.0


def _stage_words(run: AnalysisRun, stages: list[StageRun]) -> str:
    """The stages at work now; picture by picture, finding the pitch and locating players go hand in hand."""
    if run.state != RunState.RUNNING:
        return NO_ROOM_WORDS if is_low() else "Waiting for a free worker"
    active = [row.stage for row in stages if row.finished_at is None] or [run.stage]
    first, *others = [stage_words(stage) for stage in active]
    return " and ".join([first, *(words[0].lower() + words[1:] for words in others)])


def _left_words(run: AnalysisRun, stages: list[StageRun], share: float) -> str:
    """The rest at the speed measured so far; silent until there is something to measure."""
    since = stages[0].started_at if stages else run.started_at
    if run.state == RunState.QUEUED and is_low():
        return NO_ROOM_ADVICE
    if run.state != RunState.RUNNING or since is None or share < 0.02:
        return ""
    elapsed_s = (timezone.now() - since).total_seconds()
    if elapsed_s < 2:
        return ""
    return f"about {duration_words(elapsed_s * (1 - share) / share)} left"


def _method(card: Card) -> dict[str, Any]:
    rows = [
        {"words": look(row.label).words, "badge": card.badge_of(row.label), "numbers": row}
        for row in card.classes
    ]
    return {"card": card, "class_rows": rows}


def methods() -> list[dict[str, Any]]:
    """Every family with the cards of its methods, read without importing one of them."""
    titles = {
        "calibration": "Finding the pitch",
        "localization": "Locating players",
        "representations": "Seeing the match from above",
        "spotting": "Spotting events",
        "shots": "Telling what is on air",
        "replays": "Linking replays",
    }
    return [
        {
            "slug": slug, "title": titles.get(slug, slug.capitalize()),
            "cards": [_method(family.card(name)) for name in family.names()],
        }
        for slug, family in FAMILIES.items()
    ]  # fmt: skip
