"""Metrica Play's "Patterns": JSON list of clips with a place, times in milliseconds of the video."""

from collections.abc import Iterator
from typing import Any

from webapp.exports.coordinates import to_system
from webapp.exports.sheet import Options, Sheet
from webapp.exports.writing import chunks, json_list, one_line

TITLE = "Metrica Play patterns"
WORDS = "Clips for Metrica Play: class, team, times and place."
EXTENSION = "json"
CONTENT_TYPE = "application/json"
ASKS = ("clips", "offset", "per_half")
BY_VIDEO_TIME = True
DROPS = ("Periods, confidence and notes are left out; players and review marks become tags.",)


def pieces(sheet: Sheet, options: Options) -> Iterator[bytes]:
    """The file's bytes."""
    return chunks(_text(sheet))


def _text(sheet: Sheet) -> Iterator[str]:
    yield from json_list(_patterns(sheet), "")
    yield "\n"


def _patterns(sheet: Sheet) -> Iterator[dict[str, Any]]:
    for event in sheet.events():
        places = []
        if event.xy_m is not None:
            x, y = to_system("metrica", event.xy_m, sheet.facts.pitch_m)
            places = [[round(x, 5), round(y, 5)]]
        tags = [one_line(tag) for tag in (event.player or event.jersey, event.status) if tag]
        yield {
            "pattern": event.label,
            "start_time": event.begin_ms,
            "event_time": event.video_ms,
            "end_time": max(event.end_ms, event.begin_ms + 1),
            "coordinates": places,
            "visualizations": [],
            "tags": tags,
            "team": event.team,
        }
