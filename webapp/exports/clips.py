"""What readers of other tools' files give: clips and moments, before they become events; texts become classes."""

import re
from dataclasses import dataclass

from analysis.core.problems import InputProblem
from analysis.core.vocabulary import SOCCERNET_V2

MAX_BYTES = 20 * 1024**2
MAX_EVENTS = 5_000
_TEAMS = re.compile(r"^(home|away)\s+(?=\S)", re.IGNORECASE)
# Spellings that mean one class beyond doubt; a plain "Shot" does not say whether it was on target.
ALIASES = {
    "kick off": "Kick-off", "kickoff": "Kick-off", "goals": "Goal", "corners": "Corner", "corner kick": "Corner",
    "throw in": "Throw-in", "throwin": "Throw-in", "free kick": "Direct free-kick", "freekick": "Direct free-kick",
    "direct free kick": "Direct free-kick", "indirect free kick": "Indirect free-kick", "fouls": "Foul",
    "shot on target": "Shots on target", "shot off target": "Shots off target", "penalties": "Penalty",
    "penalty kick": "Penalty", "yellow": "Yellow card", "red": "Red card", "sub": "Substitution",
    "offsides": "Offside", "ball out": "Ball out of play", "out": "Ball out of play", "clearances": "Clearance",
}  # fmt: skip
_KNOWN = {label.casefold(): label for label in SOCCERNET_V2.labels}


@dataclass(frozen=True, slots=True)
class Clip:
    """One line of a file.

    Args:
        code: what the file calls it.
        start_ms: beginning, since the video's first picture; None when the file counts from kick-offs.
        end_ms: end of the clip; None for a moment.
        at_ms: the moment itself where the file says it.
        half, half_ms: since the kick-off of a half, where the file counts so.
        team, player, note: as the file says.
    """

    code: str
    start_ms: int | None = None
    end_ms: int | None = None
    at_ms: int | None = None
    half: int = 0
    half_ms: int = 0
    team: str = ""
    player: str = ""
    note: str = ""


def class_of(code: str) -> tuple[str | None, str]:
    """(class, team) of a code: ``Home Corner`` is a corner of the home team; no class of ours is None."""
    words = " ".join(code.split())
    team = ""
    if found := _TEAMS.match(words):
        team, words = found.group(1).lower(), words[found.end() :]
    plain = words.casefold()
    return _KNOWN.get(plain) or ALIASES.get(plain.replace("-", " ")), team


def decoded(data: bytes) -> str:
    """Text of a file in UTF-8 or UTF-16, with or without a mark.

    Raises:
        InputProblem: ``file_too_large``, ``file_not_text``.
    """
    if len(data) > MAX_BYTES:
        raise InputProblem(
            "file_too_large",
            "This file is over 20 MB; lists of events are smaller. Choose another.",
        )
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    if "\x00" in text:
        raise InputProblem(
            "file_not_text", "This is not a list of events: it is not a text. Choose another file."
        )
    return text
