"""SoccerNet's ``Labels-v2.json`` and ``results_spotting.json``: moments since the kick-off of a half."""

import json
import re
from typing import Any

from analysis.core.problems import InputProblem
from webapp.exports.clips import MAX_EVENTS, Clip, decoded

TITLE = "SoccerNet labels"
WORDS = (
    "Labels-v2.json or results_spotting.json; times count from the kick-offs of this match (.json)."
)
_GAME_TIME = re.compile(r"^\s*([1-5])\s*-\s*(\d{1,3}):(\d{2})\s*$")


def looks_like(name: str, text: str) -> bool:
    """Whether a file is of this kind."""
    return text.lstrip("\ufeff \r\n\t").startswith("{")


def read(data: bytes) -> list[Clip]:
    """The annotations or predictions of a file.

    Raises:
        InputProblem: ``json_broken``, ``json_not_soccernet``, ``json_entry`` with its number, ``file_too_many``.
    """
    try:
        found = json.loads(decoded(data))
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputProblem(
            "json_broken", "This JSON does not read; export it again from the other tool."
        ) from error
    rows = found.get("annotations", found.get("predictions")) if isinstance(found, dict) else None
    if not isinstance(rows, list):
        raise InputProblem(
            "json_not_soccernet",
            "This JSON has neither annotations nor predictions of SoccerNet; choose another file.",
        )
    if len(rows) > MAX_EVENTS:
        raise InputProblem(
            "file_too_many", f"This file has over {MAX_EVENTS} entries; bring it in parts."
        )
    return [_clip(row, number) for number, row in enumerate(rows, start=1)]


def _clip(row: Any, number: int) -> Clip:
    try:
        found = _GAME_TIME.match(row["gameTime"])
        half, minutes, seconds = (int(part) for part in found.groups()) if found else (0, 0, 0)
        if not half:
            raise ValueError(row["gameTime"])
        since_ms = int(row["position"]) if row.get("position") else (minutes * 60 + seconds) * 1000
        label = str(row["label"])
        team = str(row.get("team", ""))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputProblem(
            "json_entry",
            f"Entry {number} has no gameTime like '1 - 12:34' or no label; correct it first.",
        ) from error
    return Clip(
        label, half=half, half_ms=max(0, since_ms), team=team if team in ("home", "away") else ""
    )
