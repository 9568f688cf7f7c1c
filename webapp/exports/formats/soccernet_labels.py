"""SoccerNet's ``Labels-v2.json``: events that a person has looked at, as ground truth."""

from collections.abc import Iterator
from typing import Any

from analysis.core.clock import game_time
from webapp.exports.formats.soccernet_spotting import in_halves, url_local
from webapp.exports.sheet import REVIEWED, Event, Options, Sheet
from webapp.exports.writing import as_json, chunks, json_list

TITLE = "SoccerNet labels"
WORDS = "Labels-v2.json from the events you reviewed: ground truth for training and evaluation."
EXTENSION = "json"
CONTENT_TYPE = "application/json"
ASKS = ()
DROPS = (
    "Players, places, confidence and notes are left out; so are extra time and what happened before a kick-off.",
    "Events that nobody reviewed are no ground truth and are left out.",
)
UNREVIEWED = "events that nobody reviewed"


def pieces(sheet: Sheet, options: Options) -> Iterator[bytes]:
    """The file's bytes."""
    return chunks(_text(sheet))


def _text(sheet: Sheet) -> Iterator[str]:
    yield f'{{\n "UrlLocal": {as_json(url_local(sheet))},\n "UrlYoutube": "",\n "annotations": '
    yield from json_list(_annotations(sheet), " ")
    yield "\n}\n"


def _annotations(sheet: Sheet) -> Iterator[dict[str, Any]]:
    for event in in_halves(sheet):
        if event.status in REVIEWED:
            yield _annotation(event)
        else:
            sheet.dropped[UNREVIEWED] += 1


def _annotation(event: Event) -> dict[str, Any]:
    return {
        "gameTime": game_time(event.period, event.period_ms),
        "label": event.label,
        "position": str(event.period_ms),
        "team": event.team or "not applicable",
        "visibility": "visible",
    }
