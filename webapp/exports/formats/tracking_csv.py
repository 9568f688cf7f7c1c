"""``tracking.csv``, gzipped while it streams: one row for each person and sample, the ball as track 0.

Rows that were not seen have empty coordinates, never zeros. ``calib_ok`` is 1 where the camera was known well.
"""

import zlib
from collections.abc import Iterator
from typing import Any

from analysis.core.tables import TRACKING, csv_text
from analysis.core.vocabulary import POSITION_SOURCES, ROLES, TEAMS
from webapp.analytics.models import AnalysisRun
from webapp.exports import selectors
from webapp.exports.services import Options
from webapp.matches.models import Match, Video

TITLE = "Positions"
EXTENSION = "csv.gz"
CONTENT_TYPE = "application/gzip"
_ROLE_WORDS = (*ROLES, "ball")
_GZIP = 16 + zlib.MAX_WBITS


def pieces(user: Any, match: Match, run: AnalysisRun, options: Options) -> Iterator[bytes]:
    """The compressed file's bytes; equal data give equal bytes, since the gzip header carries no time."""
    text = csv_text(
        TRACKING,
        _rows(user, match, run),
        separator=options.separator,
        decimal_comma=options.decimal_comma,
    )
    packer = zlib.compressobj(level=6, wbits=_GZIP)
    for piece in text:
        if packed := packer.compress(piece.encode()):
            yield packed
    yield packer.flush()


def _rows(user: Any, match: Match, run: AnalysisRun) -> Iterator[tuple[Any, ...]]:
    clock = selectors.PeriodClock.of(user, match)
    for video in selectors.videos(user, match):
        states = selectors.camera_states(user, run, video)
        for position in selectors.positions(user, match, run, video):
            yield _row(position, match, video, clock, states)


def _row(
    position: tuple[Any, ...],
    match: Match,
    video: Video,
    clock: selectors.PeriodClock,
    states: dict[int, str],
) -> tuple[Any, ...]:
    time_ms, frame, track_id, team, role, source, x_m, y_m, sigma_m = position
    period, period_ms = clock.at(video.pk, time_ms)
    is_seen = POSITION_SOURCES[source] != "not_seen"
    return (
        f"m-{match.pk}",
        period,
        frame if video.is_constant_rate else None,
        time_ms / 1000,
        period_ms / 1000,
        track_id,
        TEAMS[team] if team >= 0 else "",
        _ROLE_WORDS[role] if role >= 0 else "",
        "",
        x_m if is_seen else None,
        y_m if is_seen else None,
        sigma_m if is_seen else None,
        POSITION_SOURCES[source],
        states.get(time_ms) == "ok",
        None,
    )
