"""Values of the match board, always for a user; another team's match raises ``Match.DoesNotExist``.

Sums are made by the database: a full match has a quarter of a million positions. Teams change ends at half-time, so a
board speaks of one *part* at a time: a period where its kick-off is known, else a video.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from webapp.analytics.board_positions import Columns, columns
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
    found = people(here, part).outfield(team)
    column = np.floor((found.x_m + length_m / 2) * ZONES_X / length_m).astype(np.int64)
    row = np.floor((found.y_m + width_m / 2) * ZONES_Y / width_m).astype(np.int64)
    # Just outside the lines counts to the zone inside; further out is not the pitch.
    near = (column >= -1) & (column <= ZONES_X) & (row >= -1) & (row <= ZONES_Y)
    cells = np.clip(row[near], 0, ZONES_Y - 1) * ZONES_X + np.clip(column[near], 0, ZONES_X - 1)
    counts = np.bincount(cells, minlength=ZONES_Y * ZONES_X).reshape(ZONES_Y, ZONES_X)
    looks = team_looks(here.match)
    name = looks["away" if team else "home"]["name"]
    return HeatMap(name, (length_m, width_m), counts.astype(np.int64), basis(here, part))


def average_positions(here: Board, part: Part | None) -> AveragePositions:
    """Mean positions of tracks that were seen for at least a tenth of the part."""
    looks = team_looks(here.match)
    ground = basis(here, part)
    least_ms = max(_LEAST_MS, round(_LEAST_SHARE * ground.seen_ms))
    found = people(here, part)
    found = found.of(np.isin(found.team, (0, 1)) & (found.track > 0) & (found.role != 2))
    gap_ms = step_ms(here, part)
    players = []
    keys, of, counts = np.unique(
        found.track * 2 + found.team, return_inverse=True, return_counts=True
    )
    x_m, y_m = (np.bincount(of, v, len(keys)) / counts for v in (found.x_m, found.y_m))
    keepers = np.bincount(of, found.role == 1, len(keys)) > 0
    for i in np.flatnonzero(counts * gap_ms >= least_ms):
        track, team = divmod(int(keys[i]), 2)
        seen_ms = int(counts[i]) * gap_ms
        players.append(
            MeanPosition(team, track, bool(keepers[i]), float(x_m[i]), float(y_m[i]), seen_ms)
        )
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


def people(here: Board, part: Part | None) -> Columns:
    """Everybody's known positions in a part; empty without a run."""
    if here.run is None or part is None:
        return Columns(*(np.zeros(0) for _ in range(6)))  # type: ignore[arg-type]
    run = here.run
    return columns(
        here.match.pk, run.pk, part.video_id, part.from_ms, part.to_ms, edition=run.edition
    )


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
        .standing()
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
