"""Events with their places in another provider's coordinates; ``coordinates.py`` has the rules."""

from collections.abc import Iterator
from typing import Any

from analysis.core.tables import Table, csv_text
from webapp.exports.coordinates import SYSTEMS, to_system
from webapp.exports.sheet import Options, Sheet

TITLE = "Events in another provider's coordinates"
WORDS = "StatsBomb, Opta, Wyscout, Metrica, Tracab, SPADL and others: for models and charts made for them."
EXTENSION = "csv"
CONTENT_TYPE = "text/csv; charset=utf-8"
ASKS = ("dialect", "system")
DROPS = ("Events without a place, clips, notes and review marks are left out.",)
NO_PLACE = "events without a place"
NO_DIRECTION = "events of a team or period whose direction of attack is unknown"
TABLE = Table(
    "coordinates",
    (
        ("event_id", "text"), ("period", "whole"), ("period_time_s", "seconds"), ("label", "text"), ("team", "text"),
        ("system", "text"), ("units", "text"), ("x", "exact"), ("y", "exact"), ("confidence", "share"),
    ),
    has_bom=True,
    newline="\r\n",
)  # fmt: skip


def pieces(sheet: Sheet, options: Options) -> Iterator[bytes]:
    """The file's bytes."""
    text = csv_text(
        TABLE, _rows(sheet, options.system), separator=options.separator, decimal_comma=options.decimal_comma
    )  # fmt: skip
    return (piece.encode() for piece in text)


def _rows(sheet: Sheet, name: str) -> Iterator[tuple[Any, ...]]:
    system = SYSTEMS[name]
    for event in sheet.events():
        if event.xy_m is None:
            sheet.dropped[NO_PLACE] += 1
            continue
        side = "home" if name == "spadl" else event.team
        attacks_right = sheet.facts.attacks_right(event.period, side)
        if system.turns and attacks_right is None:
            sheet.dropped[NO_DIRECTION] += 1
            continue
        x, y = to_system(
            name, event.xy_m, sheet.facts.pitch_m, attacks_right=attacks_right is not False
        )
        yield (
            event.event_id, event.period, event.period_ms / 1000, event.label, event.team, name, system.units,
            round(x, system.places), round(y, system.places), event.confidence,
        )  # fmt: skip
