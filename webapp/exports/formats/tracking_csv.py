"""``tracking.csv``, gzipped while it streams: one row for each person and sample, the ball as track 0.

Rows that were not seen have empty coordinates, never zeros. ``calib_ok`` is 1 where the camera was known well.
"""

import zlib
from collections.abc import Iterator
from typing import Any

from analysis.core.tables import TRACKING, csv_text
from webapp.exports.sheet import Film, Options, Sheet, Spot

TITLE = "Positions"
WORDS = "Every player and the ball, sample by sample, in metres, with how each position is known."
EXTENSION = "csv.gz"
CONTENT_TYPE = "application/gzip"
ASKS = ("dialect", "rate")
DROPS = ()
_GZIP = 16 + zlib.MAX_WBITS


def pieces(sheet: Sheet, options: Options) -> Iterator[bytes]:
    """The compressed file's bytes; equal data give equal bytes, since the gzip header carries no time."""
    text = csv_text(
        TRACKING, _rows(sheet), separator=options.separator, decimal_comma=options.decimal_comma
    )
    return gzipped(piece.encode() for piece in text)


def gzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pack while it is read."""
    packer = zlib.compressobj(level=6, wbits=_GZIP)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()


def _rows(sheet: Sheet) -> Iterator[tuple[Any, ...]]:
    states = {film.number: sheet.states(film.number) for film in sheet.facts.films}
    for film, spot in sheet.positions():
        state = states[film.number].get(spot.time_ms)
        yield _row(sheet.facts.match_id, film, spot, state)


def _row(match_id: str, film: Film, spot: Spot, state: str | None) -> tuple[Any, ...]:
    x_m, y_m = spot.xy_m or (None, None)
    return (
        match_id, spot.period, spot.frame if film.is_constant_rate else None, spot.time_ms / 1000,
        spot.period_ms / 1000, spot.track, spot.team, spot.role, "", x_m, y_m, spot.sigma_m, spot.source, state == "ok",
        None,
    )  # fmt: skip
