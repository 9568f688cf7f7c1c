"""Metrica's ``RawEventsData.csv``: LF, ``NaN`` for missing, 0-1 from the top left, two decimals."""

from collections.abc import Iterator

from webapp.exports.coordinates import to_system
from webapp.exports.sheet import Event, Options, Sheet
from webapp.exports.writing import chunks, one_line

TITLE = "Metrica events"
WORDS = "RawEventsData.csv, as in Metrica's open sample data."
EXTENSION = "csv"
CONTENT_TYPE = "text/csv; charset=utf-8"
ASKS = ("offset", "per_half")
BY_VIDEO_TIME = True
DROPS = (
    "Confidence, review marks and notes are left out; places have two decimals; an event has no end.",
)
NO_TYPE = "events of classes that Metrica does not have"
HEADER = (
    "Team,Type,Subtype,Period,Start Frame,Start Time [s],End Frame,End Time [s],From,To,"
    "Start X,Start Y,End X,End Y"
)
TYPES = {
    "Kick-off": ("SET PIECE", "KICK OFF"),
    "Corner": ("SET PIECE", "CORNER KICK"),
    "Throw-in": ("SET PIECE", "THROW IN"),
    "Direct free-kick": ("SET PIECE", "FREE KICK"),
    "Indirect free-kick": ("SET PIECE", "FREE KICK"),
    "Penalty": ("SET PIECE", "PENALTY"),
    "Goal": ("SHOT", "ON TARGET-GOAL"),
    "Shots on target": ("SHOT", "ON TARGET"),
    "Shots off target": ("SHOT", "OFF TARGET"),
    "Ball out of play": ("BALL OUT", ""),
    "Clearance": ("BALL LOST", "CLEARANCE"),
    "Offside": ("BALL LOST", "OFFSIDE"),
    "Yellow card": ("CARD", "YELLOW"),
    "Yellow->red card": ("CARD", "RED"),
    "Red card": ("CARD", "RED"),
}


def pieces(sheet: Sheet, options: Options) -> Iterator[bytes]:
    """The file's bytes."""
    return chunks(_text(sheet))


def _text(sheet: Sheet) -> Iterator[str]:
    yield HEADER + "\n"
    for event in sheet.events():
        if event.label in TYPES:
            yield _row(event, sheet)
        else:
            sheet.dropped[NO_TYPE] += 1


def _row(event: Event, sheet: Sheet) -> str:
    kind, subtype = TYPES[event.label]
    place = ("NaN", "NaN")
    if event.xy_m is not None:
        x, y = to_system("metrica", event.xy_m, sheet.facts.pitch_m)
        place = (f"{x:.2f}", f"{y:.2f}")
    frame = "NaN" if event.frame is None else str(event.frame)
    at_s = f"{event.video_ms / 1000:.2f}"
    player = one_line(f"Player{event.jersey}").replace(",", " ") if event.jersey else ""
    cells = [event.team.capitalize(), kind, subtype, str(event.period), frame, at_s, frame, at_s]
    return ",".join([*cells, player, "", *place, "NaN", "NaN"]) + "\n"
