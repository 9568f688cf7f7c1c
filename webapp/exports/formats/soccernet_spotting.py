"""SoccerNet's ``results_spotting.json``: predictions, positions in milliseconds since the half's kick-off, as texts."""

from collections.abc import Iterator
from typing import Any

from analysis.core.clock import game_time
from analysis.core.vocabulary import SOCCERNET_V2
from webapp.exports.sheet import Event, Options, Sheet
from webapp.exports.writing import as_json, chunks, json_list, one_line

TITLE = "SoccerNet predictions"
WORDS = "results_spotting.json, as SoccerNet's evaluation reads it."
EXTENSION = "json"
CONTENT_TYPE = "application/json"
ASKS = ()
DROPS = (
    "Teams, players, places and notes are left out; so are extra time and what happened before a kick-off.",
)
BEFORE = "events before their half's kick-off"
BEYOND = "events of extra time or a shoot-out"
UNKNOWN = "events of classes that SoccerNet does not have"


def pieces(sheet: Sheet, options: Options) -> Iterator[bytes]:
    """The file's bytes."""
    return chunks(_text(sheet))


def _text(sheet: Sheet) -> Iterator[str]:
    yield f'{{\n "UrlLocal": {as_json(url_local(sheet))},\n "predictions": '
    yield from json_list(map(_prediction, in_halves(sheet)), " ")
    yield "\n}\n"


def url_local(sheet: Sheet) -> str:
    """``<team>/<season>/<day> - <home> - <away>``; seasons begin in July."""
    facts = sheet.facts
    season = "unknown"
    if facts.day:
        year = int(facts.day[:4]) - (int(facts.day[5:7]) < 7)
        season = f"{year}-{year + 1}"
    parts = (
        facts.team or "club",
        season,
        f"{facts.day or 'unknown'} - {facts.home} - {facts.away}",
    )
    return "/".join(one_line(part).replace("/", "-") for part in parts)


def in_halves(sheet: Sheet) -> Iterator[Event]:
    """Events that SoccerNet has a place for; the others are counted."""
    for event in sheet.events():
        if event.label not in SOCCERNET_V2:
            sheet.dropped[UNKNOWN] += 1
        elif event.period not in (1, 2):
            sheet.dropped[BEYOND] += 1
        elif event.period_ms < 0:
            sheet.dropped[BEFORE] += 1
        else:
            yield event


def _prediction(event: Event) -> dict[str, Any]:
    return {
        "gameTime": game_time(event.period, event.period_ms),
        "label": event.label,
        "position": str(event.period_ms),
        "half": str(event.period),
        "confidence": str(round(event.confidence, 3)),
    }
