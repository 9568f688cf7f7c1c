"""Sportscode's ``.SCTimeline`` (JSON, inside ``.SCVideo`` packages).

Experimental: its shape was found by reading files, not published by Hudl. Unique names are made from the match's own
numbers, so equal data give equal bytes.
"""

import uuid
from collections.abc import Iterator
from typing import Any

from webapp.exports.sheet import Event, Options, Sheet
from webapp.exports.writing import as_json, chunks, json_list, one_line

TITLE = "Sportscode timeline (experimental)"
WORDS = "The timeline inside a Sportscode package. Try the XML first: this shape is not documented by Hudl."
EXTENSION = "SCTimeline"
CONTENT_TYPE = "application/json"
ASKS = ("clips", "offset", "per_half", "code_by_team")
BY_VIDEO_TIME = True
DROPS = ("Places on the pitch, confidence and model versions are left out.",)
_SPACE = uuid.UUID("6f1d5c0e-3f0a-4c6b-9d3a-7d1f5f1c2a10")


def pieces(sheet: Sheet, options: Options) -> Iterator[bytes]:
    """The file's bytes."""
    return chunks(_text(sheet, options))


def _text(sheet: Sheet, options: Options) -> Iterator[str]:
    match = sheet.facts.match_id
    yield f'{{"timeline": {{"packagePath": "", "uniqueId": {as_json(_name(match))}, '
    yield '"currentModifyCount": 1, "labels": [], "rows": ['
    number = 0
    for label in sheet.classes():
        for team in ("", "home", "away") if options.code_by_team else (None,):
            instances = _instances(sheet, label, team)
            first = next(instances, None)
            if first is None:
                continue
            number += 1
            row = label if not team else f"{team.capitalize()} {label}"
            head = {
                "rowNum": number, "modifyCount": 1, "name": row, "uniqueId": _name(match, "row", row),
                "color": sheet.colour_of(label),
            }  # fmt: skip
            yield ("" if number == 1 else ",") + "\n  " + as_json(head)[:-1] + ', "instances": '
            yield from json_list(_chain(first, instances), "  ")
            yield "}"
    yield ("\n " if number else "") + "]}}\n"


def _chain(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest


def _instances(sheet: Sheet, label: str, team: str | None) -> Iterator[dict[str, Any]]:
    chosen = (e for e in sheet.events(label) if team is None or e.team == team)
    for number, event in enumerate(chosen, start=1):
        yield {
            "uniqueId": _name(sheet.facts.match_id, event.event_id),
            "instanceNum": number,
            "modifyCount": 1,
            "startTime": event.begin_ms / 1000,
            "endTime": max(event.end_ms, event.begin_ms + 1) / 1000,
            "notes": one_line(event.note),
            "sharing": True,
            "labels": [
                {"name": one_line(name), "group": group} for group, name in _labels(event) if name
            ],
        }


def _labels(event: Event) -> list[tuple[str, str]]:
    return [
        ("Team", event.team), ("Player", event.player or event.jersey), ("Half", event.half),
        ("Status", event.status),
    ]  # fmt: skip


def _name(*parts: str) -> str:
    return str(uuid.uuid5(_SPACE, "/".join(parts)))
