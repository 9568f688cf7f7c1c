"""A team's season: what happened in all of its analysed matches, for 90 minutes of play. Always for a user.

Which side is ours is told by the names: the away name when it is the team's own, else home. The state of play follows
from the goals that have a team, so it is as good as they are.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Count, Q

from webapp.accounts.models import Team
from webapp.analytics.figures.values import Basis, Comparison, SeasonRates, SeasonTrend
from webapp.analytics.models import AnalysisRun, CalibrationSample, Period, RunState, SpottedAction
from webapp.analytics.presentation import lane_order, look
from webapp.matches.models import Match, Video

STATES = ("leading", "level", "trailing")
PER_MS = 90 * 60_000
Event = tuple[str, str, int, str]


@dataclass(frozen=True, slots=True)
class Played:
    """One match of the season.

    Args:
        match_id, title, opponent, day: of the match.
        events: (label, ``own``/``other``/empty, period, state of play).
        time_ms: (period, state of play) -> milliseconds.
        seen_share: share of the time with the pitch in view.
    """

    match_id: int
    title: str
    opponent: str
    day: str
    events: list[Event]
    time_ms: dict[tuple[int, str], int]
    seen_share: float


@dataclass(frozen=True, slots=True)
class Season:
    """The analysed matches of a team, in order of play; made by ``season`` only."""

    team: Team
    matches: list[Played]

    @property
    def opponents(self) -> list[str]:
        """Names to filter by."""
        return sorted({each.opponent for each in self.matches})

    @property
    def labels(self) -> list[str]:
        """Classes that happened."""
        return lane_order({event[0] for each in self.matches for event in each.events})


@dataclass(frozen=True, slots=True)
class Filter:
    """What counts; None is everything.

    Args:
        period: number of a period.
        opponent: its name.
        state: of ``STATES``.
    """

    period: int | None = None
    opponent: str | None = None
    state: str | None = None

    def matches(self, season: Season) -> list[Played]:
        """Matches against the opponent."""
        return [each for each in season.matches if self.opponent in (None, each.opponent)]

    def events(self, played: Played) -> list[Event]:
        """Events of the period and the state of play."""
        return [
            e for e in played.events if self.period in (None, e[2]) and self.state in (None, e[3])
        ]

    def time_ms(self, played: Played) -> int:
        """Time of the period and the state of play."""
        found = played.time_ms.items()
        return sum(
            ms for (p, s), ms in found if self.period in (None, p) and self.state in (None, s)
        )


def season(user: Any, team_id: int) -> Season:
    """The season of a team the user is in. Raises: Team.DoesNotExist."""
    team = Team.objects.for_user(user).get(pk=team_id)
    runs = AnalysisRun.objects.filter(match__team=team, state=RunState.FINISHED)
    latest = {run.match_id: run.pk for run in runs.order_by("match_id", "-id").distinct("match_id")}
    matches = Match.objects.for_user(user).filter(pk__in=latest).order_by("played_on", "id")
    videos = _by_match(
        Video.objects.filter(match__in=latest, duration_ms__gt=0).order_by("half", "id")
    )
    periods = _by_match(Period.objects.filter(match__in=latest).order_by("kickoff_ms"))
    rows = SpottedAction.objects.filter(run__in=latest.values()).standing()
    events: dict[int, list[Any]] = {}
    for row in rows.values_list("run_id", "video_id", "position_ms", "label", "team").order_by(
        "position_ms"
    ):
        events.setdefault(row[0], []).append(row[1:])
    shares = _shares(latest.values())
    return Season(
        team,
        [
            _played(match, team, videos.get(match.pk, []), periods.get(match.pk, []),
                    events.get(latest[match.pk], []), shares.get(latest[match.pk], 0.0))
            for match in matches
        ],
    )  # fmt: skip


def _by_match(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.match_id, []).append(row)
    return found


def _shares(run_ids: Iterable[int]) -> dict[int, float]:
    rows = CalibrationSample.objects.filter(run__in=list(run_ids)).values("run_id")
    counted = rows.annotate(n=Count("id"), seen=Count("id", filter=~Q(status="refused"))).order_by()
    return {row["run_id"]: row["seen"] / row["n"] for row in counted}


def is_away(match: Match, team: Team) -> bool:
    """Whether the team is the away side of its match."""
    own = team.name.strip().casefold()
    return own == match.away_name.strip().casefold() != match.home_name.strip().casefold()


def _played(
    match: Match, team: Team, videos: list[Video], periods: list[Period], rows: list[Any], seen_share: float
) -> Played:  # fmt: skip
    away = is_away(match, team)
    own = "away" if away else "home"
    sides = {own: "own", "": ""}
    events: list[Event] = []
    time_ms: Counter[tuple[int, str]] = Counter()
    lead = 0
    for video in videos:
        for number, from_ms, to_ms in _spans(video, [p for p in periods if p.video_id == video.pk]):
            at_ms = from_ms
            inside = [r for r in rows if r[0] == video.pk and from_ms <= r[1] < to_ms]
            for _, position_ms, label, side in inside:
                state = _state(lead)
                time_ms[number, state] += position_ms - at_ms
                at_ms = position_ms
                events.append((label, sides.get(side, "other"), number, state))
                if label == "Goal" and side:
                    lead += 1 if side == own else -1
            time_ms[number, _state(lead)] += to_ms - at_ms
    opponent = match.home_name if away else match.away_name
    day = match.played_on.isoformat() if match.played_on else ""
    return Played(match.pk, match.title, opponent, day, events, dict(time_ms), seen_share)


def _spans(video: Video, periods: list[Period]) -> list[tuple[int, int, int]]:
    """(period, from, to) of a video; without kick-offs the whole video is its half."""
    begin_ms, end_ms = video.start_ms, video.start_ms + (video.duration_ms or 0)
    if not periods:
        return [(video.half or 1, begin_ms, end_ms)]
    spans = []
    for i, row in enumerate(periods):
        following = periods[i + 1].kickoff_ms if i + 1 < len(periods) else end_ms
        spans.append((row.number, row.kickoff_ms, max(row.kickoff_ms, row.end_ms or following)))
    return spans


def _state(lead: int) -> str:
    return "leading" if lead > 0 else "trailing" if lead < 0 else "level"


def _basis(matches: Iterable[Played], chosen: Filter) -> Basis:
    times = [(chosen.time_ms(each), each.seen_share) for each in matches]
    return Basis(round(sum(ms * share for ms, share in times)), sum(ms for ms, _ in times))


def _counts(played: Iterable[Played], chosen: Filter, labels: list[str]) -> Any:
    """(n_labels, 3) int64: own, others', nobody's."""
    counted = Counter((e[0], e[1]) for each in played for e in chosen.events(each))
    return np.array(
        [[counted[label, side] for side in ("own", "other", "")] for label in labels], np.int64
    ).reshape(-1, 3)


def rates(here: Season, chosen: Filter) -> SeasonRates:
    """Events for 90 minutes of the chosen play."""
    matches = chosen.matches(here)
    labels = lane_order({e[0] for each in matches for e in chosen.events(each)})
    counts = _counts(matches, chosen, labels)
    total_ms = sum(chosen.time_ms(each) for each in matches)
    per = PER_MS / total_ms if total_ms else 0.0
    words = [look(label).words for label in labels]
    return SeasonRates(
        words, counts[:, :2] * per, counts, len(matches), total_ms / 60_000, _basis(matches, chosen)
    )


def trend(here: Season, chosen: Filter, label: str) -> SeasonTrend:
    """One class, match after match."""
    matches = chosen.matches(here)
    found = np.full((len(matches), 2), np.nan)
    for i, each in enumerate(matches):
        if total_ms := chosen.time_ms(each):
            found[i] = _counts([each], chosen, [label])[0, :2] * PER_MS / total_ms
    names = [(each.title, each.day) for each in matches]
    return SeasonTrend(look(label).words if label else "", names, found, _basis(matches, chosen))


def comparison(here: Season, chosen: Filter, first: int | None, second: int | None) -> Comparison:
    """Two matches by their numbers; matches that are not of this season count as none."""
    by_id = {each.match_id: each for each in here.matches}
    pair = [by_id[number] for number in (first, second) if number in by_id]
    if len(pair) < 2:
        return Comparison(("", ""), [], np.zeros((0, 2, 2)), Basis(0, 0))
    labels = lane_order({e[0] for each in pair for e in chosen.events(each)})
    found = np.zeros((len(labels), 2, 2))
    for i, each in enumerate(pair):
        total_ms = chosen.time_ms(each)
        per = PER_MS / total_ms if total_ms else 0.0
        found[:, i] = _counts([each], chosen, labels)[:, :2] * per
    words = [look(label).words for label in labels]
    return Comparison((pair[0].title, pair[1].title), words, found, _basis(pair, chosen))
