"""How classes, states and stages look and read on a page. Marks differ by shape and letters, never by colour alone.

Colours are picked to keep 3:1 against both the light and the dark surface; a label without an entry still gets a look.
"""

import colorsys
import re
from dataclasses import dataclass

from analysis.core.vocabulary import SOCCERNET_V2


@dataclass(frozen=True, slots=True)
class Look:
    """A class's mark: ``shape`` is a name that ``static/room/marks.js`` can draw, ``letters`` one or two characters."""

    colour: str
    shape: str
    letters: str
    words: str


LOOKS: dict[str, Look] = {
    "Kick-off": Look("#3d7dd8", "circle", "KO", "Kick-off"),
    "Goal": Look("#17934f", "star", "G", "Goal"),
    "Shots on target": Look("#c2570c", "triangle", "S", "Shot on target"),
    "Shots off target": Look("#a8741a", "triangle-down", "s", "Shot off target"),
    "Penalty": Look("#bf3aa6", "diamond", "P", "Penalty"),
    "Corner": Look("#7a5cd6", "flag", "C", "Corner"),
    "Throw-in": Look("#1585a3", "chevron", "T", "Throw-in"),
    "Direct free-kick": Look("#0e8f83", "square", "F", "Direct free kick"),
    "Indirect free-kick": Look("#5f8a1f", "square", "f", "Indirect free kick"),
    "Foul": Look("#cf3f3f", "cross", "X", "Foul"),
    "Offside": Look("#9a6bc4", "bar", "O", "Offside"),
    "Ball out of play": Look("#6d7b88", "ring", "B", "Ball out of play"),
    "Clearance": Look("#7d7f3a", "hexagon", "L", "Clearance"),
    "Substitution": Look("#3f7f9f", "swap", "U", "Substitution"),
    "Yellow card": Look("#a57f00", "card", "Y", "Yellow card"),
    "Red card": Look("#d1323c", "card", "R", "Red card"),
    "Yellow->red card": Look("#c0561c", "card", "YR", "2nd yellow card"),
}

CALIBRATION_WORDS = {
    "ok": "camera known",
    "weak": "camera uncertain",
    "refused": "no pitch view",
}

STAGE_WORDS = {
    "probe": "Reading the video",
    "shots": "Finding camera cuts",
    "calibrate": "Finding the pitch",
    "calibration": "Finding the pitch",
    "locate": "Locating players",
    "localization": "Locating players",
    "track": "Following players",
    "teams": "Telling the teams apart",
    "represent": "Drawing the match from above",
    "representations": "Drawing the match from above",
    "spot": "Spotting events",
    "spotting": "Spotting events",
    "replays": "Linking replays",
    "store": "Saving the results",
    "ingest": "Saving the results",
}


def look(label: str) -> Look:
    """The mark of a label; unknown ones get a plain one with their first letters."""
    return LOOKS.get(label) or Look("#6d7b88", "circle", label[:2].upper() or "?", label or "Event")


def lane_order(labels: set[str]) -> list[str]:
    """Labels from top lane to bottom: the order of LOOKS (what coaches look for first), then others by name."""
    known = [*LOOKS, *SOCCERNET_V2.labels]
    return sorted(labels, key=lambda label: (known.index(label) if label in known else 99, label))


def kit_colour(measured: str) -> str:
    """A kit colour fit for a small mark on grass, from a measured mean colour ``#rrggbb``; empty when there is none.

    Means over a person's picture are dull, since shade and grass are in them: pale ones are taken for white, others
    get their strength back.
    """
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", measured):
        return ""
    red, green, blue = (int(measured[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, strength, light = colorsys.rgb_to_hsv(red, green, blue)
    if strength < 0.28 and light > 0.5:
        strength, light = strength * 0.2, max(light, 0.95)
    elif strength >= 0.28:
        strength, light = min(1.0, strength * 1.45), min(1.0, max(light, 0.3) * 1.25)
    parts = colorsys.hsv_to_rgb(hue, strength, light)
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)


def stage_words(stage: str) -> str:
    """A stage's name in words a coach understands."""
    return STAGE_WORDS.get(stage) or (stage.replace("_", " ").capitalize() if stage else "Starting")


def duration_words(seconds: float) -> str:
    """A rough time span in words: nobody needs the seconds of an hour."""
    if seconds < 10:
        return "a few seconds"
    if seconds < 90:
        return f"{round(seconds / 10) * 10} seconds"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} minutes"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def clock_words(position_ms: int) -> str:
    """``12:34`` or ``1:02:03`` of the video."""
    seconds = max(0, position_ms) // 1000
    hours, rest = divmod(seconds, 3600)
    head = f"{hours}:" if hours else ""
    return f"{head}{rest // 60:02d}:{rest % 60:02d}"
