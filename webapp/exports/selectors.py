"""A user's match as the ``Sheet`` that formats write from; rows stream from a cursor of the database."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from analysis.core.vocabulary import POSITION_SOURCES, ROLES, TEAMS
from webapp.analytics.models import AnalysisRun, CalibrationSample, Period, SpottedAction
from webapp.analytics.presentation import lane_order
from webapp.annotation import tagging
from webapp.exports.sheet import REVIEWED, Event, Facts, Film, Half, Options, Sheet, Spot
from webapp.lib import stored
from webapp.matches.models import Match, Video

ROWS_A_FETCH = 2_000
_ROLE_WORDS = (*ROLES, "ball")
# Mean positions of the two teams nearer than this along the pitch tell nothing about who attacks where.
CLEAR_M = 2.0


@dataclass(frozen=True, slots=True)
class PeriodClock:
    """Video times -> period and time of the period.

    Where the match has ``Period`` rows their kick-offs count. Without one, a video's own half (1 for a whole match) is
    its period, and its clock starts with the video: better than no clock, and said on the page.
    """

    kickoffs_ms: dict[int, list[tuple[int, int]]]
    halves: dict[int, tuple[int, int]]

    @staticmethod
    def of(user: Any, match: Match) -> "PeriodClock":
        """The clock of a match the user may see."""
        kickoffs: dict[int, list[tuple[int, int]]] = {}
        for row in Period.objects.filter(
            match__in=Match.objects.for_user(user).filter(pk=match.pk)
        ):
            kickoffs.setdefault(row.video_id, []).append((row.kickoff_ms, row.number))
        videos = Video.objects.for_user(user).filter(match=match)
        return PeriodClock(
            {video: sorted(found) for video, found in kickoffs.items()},
            {video.pk: (video.half or 1, video.start_ms) for video in videos},
        )

    def at(self, video_id: int, time_ms: int) -> tuple[int, int]:
        """(period, ms since its kick-off, negative before the first one of a video)."""
        kickoffs = self.kickoffs_ms.get(video_id)
        if not kickoffs:
            half, start_ms = self.halves.get(video_id, (1, 0))
            return half, time_ms - start_ms
        kickoff_ms, number = next((k for k in reversed(kickoffs) if k[0] <= time_ms), kickoffs[0])
        return number, time_ms - kickoff_ms


@cache
def app_version() -> str:
    """The version of this installation."""
    try:
        return version("touchline")
    except PackageNotFoundError:
        return "0.1.0"


def sheet_of(user: Any, match: Match, run: AnalysisRun, options: Options) -> Sheet:
    """Everything of a match the user may see, chosen by the options."""
    clock = PeriodClock.of(user, match)
    facts = _facts(user, match, run)
    chosen = _chosen(user, run, options)

    def list_events(label: str | None) -> Iterator[Event]:
        rows = chosen if label is None else chosen.filter(label=label)
        ordered = rows.order_by("video__half", "video_id", "position_ms", "id")
        films = {film.number: film for film in facts.films}
        for row in ordered.iterator(ROWS_A_FETCH):
            if (event := _event(row, films, clock, options)) is not None:
                yield event
            elif label is None:
                sheet.dropped["events outside the other copy of the video"] += 1

    def classes() -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = {}
        for label, status in chosen.order_by().values_list("label", "status").distinct():
            found.setdefault(label, set()).add(status)
        return {label: found[label] for label in lane_order(set(found))}

    sheet = Sheet(
        facts,
        list_events,
        classes,
        list_positions=lambda video: _positions(match, run, video, clock, options.rate_hz),
        states=lambda video: dict(_samples(run, video).values_list("time_ms", "status")),
        views=lambda video: {
            time_ms: None if matrix is None or status == "refused" else tuple(matrix)
            for time_ms, matrix, status in _samples(run, video).values_list(
                "time_ms", "image_from_pitch", "status"
            )
        },
        tracks=lambda: _tracks(match, run),
        pictures=lambda: _posters(user, match),
        own_colours=tagging.colours_of(match.team),
    )
    return sheet


def _samples(run: AnalysisRun, video: int) -> "QuerySet[CalibrationSample]":
    return CalibrationSample.objects.filter(run=run, video_id=video)


def _chosen(user: Any, run: AnalysisRun, options: Options) -> "QuerySet[SpottedAction]":
    """Events the person asked for; rejected ones never."""
    rows = SpottedAction.objects.filter(
        run__in=AnalysisRun.objects.for_user(user).filter(pk=run.pk),
        confidence__gte=options.least_confidence,
    ).standing()
    return rows.filter(status__in=REVIEWED) if options.reviewed_only else rows


def _facts(user: Any, match: Match, run: AnalysisRun) -> Facts:
    videos = Video.objects.for_user(user).filter(match=match, duration_ms__gt=0)
    films = tuple(
        Film(
            video.pk, video.half, video.start_ms, video.duration_ms or 0, video.fps, video.is_constant_rate,
            (video.width_px or 1280, video.height_px or 720), video.sha256, video.original_name,
        )
        for video in videos.order_by("half", "id")
    )  # fmt: skip
    known = {film.number for film in films}
    halves = tuple(
        _half(match, run, row)
        for row in Period.objects.filter(match=match, video_id__in=known).order_by("number")
    )
    return Facts(
        f"m-{match.pk}", match.title, match.home_name, match.away_name, match.team.name,
        match.played_on.isoformat() if match.played_on else "", (match.pitch_length_m, match.pitch_width_m),
        halves, films, run.versions, (match.home_colour, match.away_colour), app_version(),
    )  # fmt: skip


def _half(match: Match, run: AnalysisRun, row: Period) -> Half:
    right = row.home_attacks_right
    guessed = right is None
    if guessed:
        right = _likely_direction(match, run, row)
    return Half(row.number, row.video_id, row.kickoff_ms, row.end_ms, right, guessed)


def _likely_direction(match: Match, run: AnalysisRun, row: Period) -> bool | None:
    """Teams stand on their own side more than on the other's: True when home attacks to the right."""
    end_ms = row.end_ms or row.kickoff_ms + 3_600_000
    following = Period.objects.filter(video=row.video_id, kickoff_ms__gt=row.kickoff_ms)
    if not row.end_ms and (next_one := following.order_by("kickoff_ms").first()) is not None:
        end_ms = next_one.kickoff_ms
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT avg(x_m) FILTER (WHERE team = 0), avg(x_m) FILTER (WHERE team = 1) "
            "FROM analytics_playerposition WHERE match_id = %s AND run_id = %s AND video_id = %s "
            "AND time_ms >= %s AND time_ms < %s",
            [match.pk, run.pk, row.video_id, row.kickoff_ms, end_ms],
        )
        home, away = cursor.fetchone()
    if home is None or away is None or abs(home - away) < CLEAR_M:
        return None
    return bool(home < away)


def _event(
    row: SpottedAction,
    films: Mapping[int, Film],
    clock: PeriodClock,
    options: Options,
) -> Event | None:
    film = films.get(row.video_id)
    period, period_ms = clock.at(row.video_id, row.position_ms)
    begin_ms = film.begin_ms if film else 0
    length_ms = (film.duration_ms if film else 0) + options.offset_ms
    at_ms = row.position_ms - begin_ms + options.offset_ms
    if at_ms < 0 or film is None:
        return None
    lead_ms = options.lead_ms if row.lead_ms is None else row.lead_ms
    lag_ms = options.lag_ms if row.lag_ms is None else row.lag_ms
    has_frame = film.is_constant_rate and not options.offset_ms
    xy_m = None if row.x_m is None or row.y_m is None else (row.x_m, row.y_m)
    return Event(
        str(row.pk), row.video_id, period, period_ms, at_ms, row.position_ms,
        max(0, at_ms - lead_ms), max(at_ms, min(length_ms, at_ms + lag_ms)),
        row.frame if has_frame else None, row.label, row.team,
        "" if row.player_number is None else str(row.player_number), row.player_name,
        xy_m, row.confidence, row.confidence_kind, row.status, row.source, row.model_version,
        note=row.note,
    )  # fmt: skip


def _positions(
    match: Match, run: AnalysisRun, video: int, clock: PeriodClock, rate_hz: float
) -> Iterator[Spot]:
    """Positions of one video in time order; a server-side cursor, so it holds a transaction while it is read."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT time_ms, frame, track_id, team, role, source, x_m, y_m, sigma_m, x0, y0, x1, y1 "
            "FROM analytics_playerposition WHERE match_id = %s AND run_id = %s AND video_id = %s "
            "ORDER BY time_ms, track_id, id",
            [match.pk, run.pk, video],
        )
        slot = None
        for time_ms, rows in groupby(_fetched(cursor), key=lambda row: row[0]):
            if rate_hz and (now := int(time_ms * rate_hz // 1000)) == slot:
                continue
            slot = now if rate_hz else None
            period, period_ms = clock.at(video, time_ms)
            for row in rows:
                yield _spot(row, period, period_ms)


def _fetched(cursor: Any) -> Iterator[tuple[Any, ...]]:
    while rows := cursor.fetchmany(ROWS_A_FETCH):
        yield from rows


def _spot(row: tuple[Any, ...], period: int, period_ms: int) -> Spot:
    time_ms, frame, track, team, role, source, x_m, y_m, sigma_m, *box = row
    known_as = POSITION_SOURCES[source]
    is_seen = known_as != "not_seen" and x_m is not None and y_m is not None
    return Spot(
        time_ms, frame, track, TEAMS[team] if team >= 0 else "", _ROLE_WORDS[role] if role >= 0 else "",
        known_as, (x_m, y_m) if is_seen else None, sigma_m if is_seen else None, period, period_ms,
        None if box[0] is None else (box[0], box[1], box[2], box[3]),
    )  # fmt: skip


def _posters(user: Any, match: Match) -> Iterator[bytes]:
    for video in (
        Video.objects.for_user(user)
        .filter(match=match, has_poster=True)
        .select_related("match__team")
    ):
        with suppress(FileNotFoundError):
            yield b"".join(stored.media().blocks(f"{video.folder}/poster.jpg"))


def _tracks(match: Match, run: AnalysisRun) -> list[tuple[int, str, str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT track_id, team, max(role), count(*) FROM analytics_playerposition "
            "WHERE match_id = %s AND run_id = %s AND source <> 2 GROUP BY 1, 2 ORDER BY 4 DESC, 1",
            [match.pk, run.pk],
        )
        return [
            (track, TEAMS[team] if team >= 0 else "", _ROLE_WORDS[role] if role >= 0 else "", count)
            for track, team, role, count in cursor.fetchall()
        ]
