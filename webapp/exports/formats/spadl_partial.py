"""SPADL actions as far as spotted events tell them: home attacks right in both halves, 105 x 68 m, bottom left.

Spotting gives neither an end point nor a body part, and a result only where the class says it. Those cells stay
empty, and the file says "partial": VAEP or xT on invented results would be wrong.
"""

from collections.abc import Iterator
from typing import Any

from analysis.core.tables import Table, csv_text
from webapp.exports.coordinates import to_system
from webapp.exports.sheet import Options, Sheet

TITLE = "SPADL actions (partial)"
WORDS = "For socceraction and its friends. Ends, results and body parts stay empty where nobody knows them."
EXTENSION = "csv"
CONTENT_TYPE = "text/csv; charset=utf-8"
ASKS = ()
DROPS = (
    "Confidence, review marks and notes are left out; events without a place or a direction of attack too.",
)
NO_TYPE = "events of classes that SPADL does not have"
NO_PLACE = "events without a place or a team"
NO_DIRECTION = "events of a period whose direction of attack is unknown"
# type id, name, result id, name.
TYPES: dict[str, tuple[int, str, int | None, str]] = {
    "Corner": (5, "corner_crossed", None, ""),
    "Throw-in": (2, "throw_in", None, ""),
    "Direct free-kick": (4, "freekick_short", None, ""),
    "Indirect free-kick": (4, "freekick_short", None, ""),
    "Kick-off": (0, "pass", None, ""),
    "Foul": (8, "foul", 0, "fail"),
    "Yellow card": (8, "foul", 4, "yellow_card"),
    "Yellow->red card": (8, "foul", 5, "red_card"),
    "Red card": (8, "foul", 5, "red_card"),
    "Shots on target": (11, "shot", 0, "fail"),
    "Shots off target": (11, "shot", 0, "fail"),
    "Goal": (11, "shot", 1, "success"),
    "Penalty": (12, "shot_penalty", None, ""),
    "Clearance": (18, "clearance", None, ""),
}
TABLE = Table(
    "spadl_partial",
    (
        ("game_id", "text"), ("original_event_id", "text"), ("action_id", "whole"), ("period_id", "whole"),
        ("time_seconds", "seconds"), ("team_id", "text"), ("player_id", "text"), ("start_x", "metres"),
        ("start_y", "metres"), ("end_x", "metres"), ("end_y", "metres"), ("type_id", "whole"), ("type_name", "text"),
        ("result_id", "whole"), ("result_name", "text"), ("bodypart_id", "whole"), ("bodypart_name", "text"),
    ),
)  # fmt: skip


def pieces(sheet: Sheet, options: Options) -> Iterator[bytes]:
    """The file's bytes."""
    return (piece.encode() for piece in csv_text(TABLE, _rows(sheet)))


def _rows(sheet: Sheet) -> Iterator[tuple[Any, ...]]:
    number = 0
    for event in sheet.events():
        home_attacks_right = sheet.facts.attacks_right(event.period, "home")
        if event.label not in TYPES:
            sheet.dropped[NO_TYPE] += 1
        elif event.xy_m is None or not event.team:
            sheet.dropped[NO_PLACE] += 1
        elif home_attacks_right is None:
            sheet.dropped[NO_DIRECTION] += 1
        else:
            x, y = to_system(
                "spadl", event.xy_m, sheet.facts.pitch_m, attacks_right=home_attacks_right
            )
            kind, name, result, result_name = TYPES[event.label]
            player = f"{event.team}-{event.jersey}" if event.jersey else ""
            yield (
                sheet.facts.match_id, event.event_id, number, event.period, event.period_ms / 1000, event.team, player,
                x, y, None, None, kind, name, result, result_name, None, "",
            )  # fmt: skip
            number += 1
