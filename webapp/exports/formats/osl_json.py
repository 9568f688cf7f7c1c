"""OpenSportsLab's JSON 2.0.

An event that a person looked at carries no ``confidence_score``: there a score *is* the mark of a machine's guess.
"""

from collections.abc import Iterator
from typing import Any

from webapp.exports.sheet import REVIEWED, Options, Sheet
from webapp.exports.writing import as_json, chunks, json_list, one_line

TITLE = "OpenSportsLab JSON"
WORDS = "For the OpenSportsLab annotation tool and its models."
EXTENSION = "json"
CONTENT_TYPE = "application/json"
ASKS = ("offset", "per_half")
BY_VIDEO_TIME = True
DROPS = (
    "Periods, teams, players, places and notes are left out; so are scores of reviewed events.",
)


def pieces(sheet: Sheet, options: Options) -> Iterator[bytes]:
    """The file's bytes."""
    return chunks(_text(sheet))


def _text(sheet: Sheet) -> Iterator[str]:
    facts = sheet.facts
    head = {
        "version": "2.0", "date": facts.day, "dataset_name": facts.match_id, "description": one_line(facts.title),
        "modalities": ["video"], "metadata": {},
        "labels": {"action": {"type": "single_label", "labels": sorted(sheet.classes())}},
    }  # fmt: skip
    wanted = sheet.part.video if sheet.part else None
    films = [film for film in facts.films if wanted in (None, film.number)]
    inputs = [
        {"type": "video", "path": one_line(film.name) or f"{facts.match_id}.mp4", "fps": film.fps or 0.0}
        for film in films
    ]  # fmt: skip
    yield as_json(head)[:-1] + ', "data": [\n'
    yield f' {{"id": {as_json(facts.match_id)}, "inputs": {as_json(inputs)}, "events": '
    yield from json_list(_events(sheet), " ")
    yield "}\n]}\n"


def _events(sheet: Sheet) -> Iterator[dict[str, Any]]:
    for event in sheet.events():
        found: dict[str, Any] = {
            "head": "action",
            "label": event.label,
            "position_ms": event.video_ms,
        }
        if event.status not in REVIEWED:
            found["confidence_score"] = round(event.confidence, 3)
        yield found
