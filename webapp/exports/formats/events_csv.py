"""``events.csv``, the canonical list: 23 columns, UTF-8 with a mark for Excel, CRLF, formulas defused.

``x_m``, ``y_m`` are metres in the frame of ``analysis.core.pitch``; ``period_time_s`` counts from the period's kick-off
where one is known, else from the beginning of the video (then ``period`` is the video's half, or 1).
"""

from collections.abc import Iterator
from typing import Any

from analysis.core.clock import clock_text, timecode
from analysis.core.tables import EVENTS, csv_text
from webapp.analytics.models import AnalysisRun, SpottedAction
from webapp.exports import selectors
from webapp.exports.services import Options
from webapp.matches.models import Match

TITLE = "Events"
EXTENSION = "csv"
CONTENT_TYPE = "text/csv; charset=utf-8"
LEAD_MS, LAG_MS = 7_000, 5_000
REVIEWED = frozenset({"confirmed", "corrected", "added"})


def pieces(user: Any, match: Match, run: AnalysisRun, options: Options) -> Iterator[bytes]:
    """The file's bytes."""
    clock = selectors.PeriodClock.of(user, match)
    rows = (
        _row(action, match, clock)
        for action in selectors.events(user, run)
        if (action.status in REVIEWED or not options.reviewed_only)
        and action.confidence >= options.least_confidence
    )
    text = csv_text(EVENTS, rows, separator=options.separator, decimal_comma=options.decimal_comma)
    return (piece.encode() for piece in text)


def _row(action: SpottedAction, match: Match, clock: selectors.PeriodClock) -> tuple[Any, ...]:
    video, at_ms = action.video, action.position_ms
    period, period_ms = clock.at(video.pk, at_ms)
    end_ms = video.start_ms + video.duration_ms if video.duration_ms else at_ms + LAG_MS
    return (
        str(action.pk),
        f"m-{match.pk}",
        period,
        clock_text(period_ms),
        period_ms / 1000,
        at_ms / 1000,
        timecode(at_ms),
        action.frame if video.is_constant_rate else None,
        action.label,
        action.team,
        "",
        "",
        action.x_m,
        action.y_m,
        action.confidence,
        action.confidence_kind,
        action.status,
        action.source,
        action.model_version,
        max(video.start_ms, at_ms - LEAD_MS) / 1000,
        min(end_ms, at_ms + LAG_MS) / 1000,
        "",
        "",
    )
