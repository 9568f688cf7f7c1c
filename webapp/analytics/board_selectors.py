"""Values of the match board, always for a user; another team's match raises ``Match.DoesNotExist``.

Sums are made by the database: a full match has a quarter of a million positions. Teams change ends at half-time, so a
board speaks of one *part* at a time: a period where its kick-off is known, else a video.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from django.db import connection

from webapp.analytics.figures.values import (
    AveragePositions,
    Basis,
    CameraUse,
    EventsOverTime,
    HeatMap,
    MeanPosition,
)
from webapp.analytics.models import AnalysisRun, CalibrationSample, Period, SpottedAction
from webapp.analytics.presentation import lane_order, look
from webapp.analytics.selectors import match_of, shown_run, team_looks
from webapp.matches.models import Match, Video

ZONES_X, ZONES_Y = 21, 14
PERIOD_WORDS = {
    1: "1st half",
    2: "2nd half",
    3: "Extra time, 1st half",
    4: "Extra time, 2nd half",
    5: "Shoot-out",
}
_BINS_MS = (10_000, 30_000, 60_000, 300_000)
_MAX_BINS = 20
# A track shorter than this tells where somebody ran once, not where he played.
_LEAST_SHARE, _LEAST_MS = 0.1, 5_000


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a match: [from_ms, to_ms) of one video."""

    words: str
    video_id: int
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class Board:
    """The rows a board is about; made by ``board`` only, so holding one means that the user may see them."""

    match: Match
    run: AnalysisRun | None
    parts: list[Part]

    def part(self, number: Any) -> Part | None:
        """A part by its number from 0; the first for anything else; None without videos."""
        if isinstance(number, int) and 0 <= number < len(self.parts):
            return self.parts[number]
        return self.parts[0] if self.parts else None


def board(user: Any, match_id: int) -> Board:
    """What the figures of a match are made from. Raises: Match.DoesNotExist."""
    match = match_of(user, match_id)
    return Board(match, shown_run(user, match_id), _parts(user, match))


def _parts(user: Any, match: Match) -> list[Part]:
    videos = Video.objects.for_user(user).filter(match=match, duration_ms__gt=0)
    parts = []
    for video in videos.order_by("half", "id"):
        end_ms = video.start_ms + (video.duration_ms or 0)
        periods = list(Period.objects.filter(match=match, video=video).order_by("kickoff_ms"))
        if len(periods) > 1 and not video.half:
            ends = [row.end_ms or following.kickoff_ms for row, following in pairwise(periods)]
            ends.append(periods[-1].end_ms or end_ms)
            parts += [
                Part(PERIOD_WORDS.get(row.number, "Period"), video.pk, row.kickoff_ms, end)
                for row, end in zip(periods, ends, strict=True)
            ]
        else:
            words = PERIOD_WORDS.get(video.half, "Whole video")
            parts.append(Part(words, video.pk, video.start_ms, end_ms))
    return parts  # fmt: skip


def basis(here: Board, part: Part | None) -> Basis:
    """The time of a part for which the pitch was found."""
    if here.run is None or part is None:
        return Basis(0, 0)
    samples = CalibrationSample.objects.filter(
        run=here.run, video_id=part.video_id, time_ms__gte=part.from_ms, time_ms__lt=part.to_ms
    )
    n_all = samples.count()
    length_ms = part.to_ms - part.from_ms
    seen = samples.exclude(status="refused").count() / n_all if n_all else 0.0
    return Basis(round(seen * length_ms), length_ms)


def heat_map(here: Board, part: Part | None, team: int) -> HeatMap:
    """Positions of a team's outfield players by zone; team 0 is home, 1 away."""
    length_m, width_m = here.match.pitch_length_m, here.match.pitch_width_m
    counts = np.zeros((ZONES_Y, ZONES_X), np.int64)
    rows = positions(
        here,
        part,
        "SELECT floor((x_m + %(half_x)s) / %(zone_x)s)::int, floor((y_m + %(half_y)s) / %(zone_y)s)::int, count(*)",
        "AND team = %(team)s AND role NOT IN (1, 2, 3) AND source <> 2 AND x_m IS NOT NULL GROUP BY 1, 2",
        team=team, half_x=length_m / 2, half_y=width_m / 2, zone_x=length_m / ZONES_X, zone_y=width_m / ZONES_Y,
    )  # fmt: skip
    for column, row, count in rows:
        # Just outside the lines counts to the zone inside; further out is not the pitch.
        if -1 <= column <= ZONES_X and -1 <= row <= ZONES_Y:
            counts[min(max(row, 0), ZONES_Y - 1), min(max(column, 0), ZONES_X - 1)] += count
    looks = team_looks(here.match)
    name = looks["away" if team else "home"]["name"]
    return HeatMap(name, (length_m, width_m), counts, basis(here, part))


def average_positions(here: Board, part: Part | None) -> AveragePositions:
    """Mean positions of tracks that were seen for at least a tenth of the part."""
    looks = team_looks(here.match)
    ground = basis(here, part)
    least_ms = max(_LEAST_MS, round(_LEAST_SHARE * ground.seen_ms))
    rows = positions(
        here,
        part,
        "SELECT team, track_id, bool_or(role = 1), avg(x_m), avg(y_m), count(*)",
        "AND team IN (0, 1) AND track_id > 0 AND role <> 2 AND source <> 2 AND x_m IS NOT NULL GROUP BY 1, 2",
    )
    gap_ms = step_ms(here, part)
    players = [
        MeanPosition(team, track, keeper, x_m, y_m, count * gap_ms)
        for team, track, keeper, x_m, y_m, count in rows
        if count * gap_ms >= least_ms
    ]
    return AveragePositions(
        (looks["home"]["name"], looks["away"]["name"]),
        (looks["home"]["colour"], looks["away"]["colour"]),
        (here.match.pitch_length_m, here.match.pitch_width_m),
        sorted(players, key=lambda p: (p.team, p.track_id)),
        least_ms,
        ground,
    )


def step_ms(here: Board, part: Part | None) -> int:
    """Time between two samples, from the first ones of the part; 500 when there are none."""
    if here.run is None or part is None:
        return 500
    times = list(
        CalibrationSample.objects.filter(
            run=here.run, video_id=part.video_id, time_ms__gte=part.from_ms
        )
        .order_by("time_ms")
        .values_list("time_ms", flat=True)[:20]
    )
    return int(np.median(np.diff(times))) if len(times) > 1 else 500


def positions(here: Board, part: Part | None, select: str, rest: str, **more: Any) -> list[Any]:
    """Rows of one aggregate over the positions of a part; empty without a run."""
    if here.run is None or part is None:
        return []
    where = (
        "WHERE match_id = %(match)s AND run_id = %(run)s AND video_id = %(video)s "
        "AND time_ms >= %(from_ms)s AND time_ms < %(to_ms)s"
    )
    keys = {
        "match": here.match.pk, "run": here.run.pk, "video": part.video_id,
        "from_ms": part.from_ms, "to_ms": part.to_ms,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(f"{select} FROM analytics_playerposition {where} {rest}", {**keys, **more})
        return list(cursor.fetchall())


def bin_ms_of(length_ms: int) -> int:
    """The length of a bin that cuts a part into at most twenty."""
    return next((size for size in _BINS_MS if length_ms / size <= _MAX_BINS), _BINS_MS[-1])


def events_over_time(here: Board, part: Part | None) -> EventsOverTime:
    """Events of a part by class and bin; rejected ones are left out."""
    ground = basis(here, part)
    if here.run is None or part is None:
        return EventsOverTime(60_000, [], [], [], np.zeros((0, 0), np.int64), ground)
    rows = list(
        SpottedAction.objects.filter(
            run=here.run, video_id=part.video_id, position_ms__gte=part.from_ms, position_ms__lt=part.to_ms
        )
        .exclude(status="rejected")
        .values_list("label", "position_ms")
    )  # fmt: skip
    length_ms = part.to_ms - part.from_ms
    bin_ms = bin_ms_of(length_ms)
    labels = lane_order({label for label, _ in rows})
    counts = np.zeros((len(labels), -(-length_ms // bin_ms)), np.int64)
    for label, position_ms in rows:
        counts[labels.index(label), (position_ms - part.from_ms) // bin_ms] += 1
    looks = [look(label) for label in labels]
    return EventsOverTime(
        bin_ms,
        labels,
        [each.words for each in looks],
        [each.colour for each in looks],
        counts,
        ground,
    )


def camera_use(here: Board, part: Part | None) -> CameraUse:
    """Share of samples by camera state and bin."""
    ground = basis(here, part)
    if here.run is None or part is None:
        return CameraUse(60_000, np.zeros((3, 0)), ground)
    bin_ms = bin_ms_of(part.to_ms - part.from_ms)
    counts = np.zeros((3, -(-(part.to_ms - part.from_ms) // bin_ms)))
    rows = CalibrationSample.objects.filter(
        run=here.run, video_id=part.video_id, time_ms__gte=part.from_ms, time_ms__lt=part.to_ms
    ).values_list("time_ms", "status")
    states = {"ok": 0, "weak": 1, "refused": 2}
    for time_ms, status in rows:
        counts[states[status], (time_ms - part.from_ms) // bin_ms] += 1
    with np.errstate(invalid="ignore", divide="ignore"):
        return CameraUse(bin_ms, counts / counts.sum(axis=0), ground)
