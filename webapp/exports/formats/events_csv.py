"""``events.csv``, the canonical list: 23 columns, UTF-8 with a mark for Excel, CRLF, formulas defused.

``x_m``, ``y_m`` are metres in the frame of ``analysis.core.pitch``; ``period_time_s`` counts from the period's kick-off
where one is known, else from the beginning of the video (then ``period`` is the video's half, or 1).
"""

from collections.abc import Iterator
from typing import Any

from analysis.core.clock import clock_text, timecode
from analysis.core.tables import EVENTS, csv_text
from webapp.exports.sheet import Event, Options, Sheet

TITLE = "Events"
WORDS = "Every event with everything we know about it. For Excel, R, Python, and for coming back to Touchline."
EXTENSION = "csv"
CONTENT_TYPE = "text/csv; charset=utf-8"
ASKS = ("dialect", "clips", "offset")
DROPS = ()


def pieces(sheet: Sheet, options: Options) -> Iterator[bytes]:
    """The file's bytes."""
    rows = (row_of(event, sheet, options) for event in sheet.events())
    text = csv_text(EVENTS, rows, separator=options.separator, decimal_comma=options.decimal_comma)
    return (piece.encode() for piece in text)


def row_of(event: Event, sheet: Sheet, options: Options) -> tuple[Any, ...]:
    """Cells in the order of the columns. Video times are time stamps of the file, moved by the offset."""
    at_ms = event.pts_ms + options.offset_ms
    shift_ms = at_ms - event.video_ms
    x_m, y_m = event.xy_m or (None, None)
    return (
        event.event_id, sheet.facts.match_id, event.period, clock_text(event.period_ms), event.period_ms / 1000,
        at_ms / 1000, timecode(at_ms), event.frame, event.label, event.team, event.jersey, event.player, x_m, y_m,
        event.confidence, event.confidence_kind, event.status, event.source, event.model_version,
        (event.begin_ms + shift_ms) / 1000, (event.end_ms + shift_ms) / 1000, event.replay_of, event.note,
    )  # fmt: skip
