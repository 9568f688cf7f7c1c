"""Rows of a user's match for files, one at a time from the database's own cursor: memory stays flat."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from webapp.analytics.models import AnalysisRun, CalibrationSample, Period, SpottedAction
from webapp.matches.models import Match, Video

ROWS_A_FETCH = 2_000


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


def events(user: Any, run: AnalysisRun) -> Iterator[SpottedAction]:
    """Events in playing order, rejected ones left out."""
    rows = SpottedAction.objects.filter(
        run__in=AnalysisRun.objects.for_user(user).filter(pk=run.pk)
    )
    chosen = rows.exclude(status="rejected").select_related("video")
    return chosen.order_by("video__half", "video_id", "position_ms", "id").iterator(ROWS_A_FETCH)


def positions(user: Any, match: Match, run: AnalysisRun, video: Video) -> Iterator[tuple[Any, ...]]:
    """(time_ms, frame, track_id, team, role, source, x_m, y_m, sigma_m) of one video in time order.

    A server-side cursor, so it needs a transaction for as long as it is read.
    """
    if not AnalysisRun.objects.for_user(user).filter(pk=run.pk, match=match).exists():
        return
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT time_ms, frame, track_id, team, role, source, x_m, y_m, sigma_m "
            "FROM analytics_playerposition WHERE match_id = %s AND run_id = %s AND video_id = %s "
            "ORDER BY time_ms, track_id, id",
            [match.pk, run.pk, video.pk],
        )
        while rows := cursor.fetchmany(ROWS_A_FETCH):
            yield from rows


def camera_states(user: Any, run: AnalysisRun, video: Video) -> dict[int, str]:
    """Sample time -> ``ok``, ``weak`` or ``refused``: a few thousand short entries for a whole match."""
    rows = CalibrationSample.objects.filter(
        run__in=AnalysisRun.objects.for_user(user).filter(pk=run.pk), video=video
    )
    return dict(rows.values_list("time_ms", "status"))


def videos(user: Any, match: Match) -> list[Video]:
    """Videos of a match in playing order."""
    return list(Video.objects.for_user(user).filter(match=match).order_by("half", "id"))
