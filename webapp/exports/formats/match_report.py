"""The match on a page: one HTML file with its pictures inside, for a screen or for paper (print it to get a PDF).

Nothing in it is fetched from anywhere and nothing runs: no script, no font, no picture from outside.
"""

import base64
from collections import Counter
from collections.abc import Iterator
from html import escape

import numpy as np
from numpy.typing import NDArray

from analysis.core.clock import clock_text
from webapp.analytics.presentation import lane_order, look
from webapp.exports import drawing
from webapp.exports.sheet import REVIEWED, Event, Options, Sheet
from webapp.exports.writing import chunks, one_line

TITLE = "Match report"
WORDS = "The match on a page with pictures: events, where they happened, where the teams were, what we could see."
EXTENSION = "html"
CONTENT_TYPE = "text/html; charset=utf-8"
ASKS = ()
DROPS = (
    "A report is for reading: it cannot be brought back.",
    "Lists longer than 400 events are cut.",
)
MOST_ROWS = 400
CUT = "events beyond the first 400 of the list"
ZONES = (14, 21)
PERIODS = {
    1: "1st half",
    2: "2nd half",
    3: "Extra time, 1st half",
    4: "Extra time, 2nd half",
    5: "Shoot-out",
}
STYLE = """
:root{color-scheme:light;font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:#14201a}
body{max-width:60rem;margin:0 auto;padding:1.5rem;background:#fff}h1{margin:0}h2{margin:2rem 0 .5rem}
.muted{color:#48564d}svg{width:100%;height:auto;display:block}.grass{fill:#eef2ed}
.marks path{fill:none;stroke:#48564d;stroke-width:.18}.heat{fill:#0b6b3a}.event text{font-size:1.9px;fill:#fff;
text-anchor:middle;font-weight:700}.lane,.tick{font-size:14px;fill:#14201a}.rule{stroke:#d5ddd4}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:.25rem .5rem;
border-bottom:1px solid #d5ddd4}td.n,th.n{text-align:right}figure{margin:0}.two{display:grid;grid-template-columns:1fr
1fr;gap:1rem}img{max-width:100%;border-radius:6px}@media(max-width:40rem){.two{grid-template-columns:1fr}}
@media print{body{padding:0;max-width:none}section{break-inside:avoid}@page{margin:14mm}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""


def pieces(sheet: Sheet, options: Options) -> Iterator[bytes]:
    """The file's bytes."""
    return chunks(_page(sheet))


def _page(sheet: Sheet) -> Iterator[str]:
    facts = sheet.facts
    title = escape(one_line(facts.title))
    yield f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<style>{STYLE}</style></head><body>\n<header><h1>{title}</h1>"
    line = [
        facts.home + " v " + facts.away,
        facts.day,
        f"pitch {facts.pitch_m[0]:g} x {facts.pitch_m[1]:g} m",
    ]
    yield f'<p class="muted">{escape(" · ".join(one_line(each) for each in line if each))}</p></header>\n'
    for picture in sheet.pictures():
        data = base64.b64encode(picture).decode()
        yield f'<figure><img alt="A picture of the video" src="data:image/jpeg;base64,{data}"></figure>\n'
    yield from _seen(sheet)
    events = list(sheet.events())
    yield from _counts(sheet, events)
    yield from _halves(sheet, events)
    yield from _heat(sheet)
    yield from _list(sheet, events)
    models = ", ".join(f"{escape(k)}: {escape(str(v))}" for k, v in sorted(facts.versions.items()))
    yield f'<footer><p class="muted">Touchline {escape(facts.app_version)}. {models}.</p></footer></body></html>\n'


def _seen(sheet: Sheet) -> Iterator[str]:
    states = Counter(s for film in sheet.facts.films for s in sheet.states(film.number).values())
    total = sum(states.values())
    if not total:
        yield "<p>The camera of this match was not measured; positions are unknown.</p>\n"
        return
    known, weak = round(100 * states["ok"] / total), round(100 * states["weak"] / total)
    yield (
        f"<p>Positions rest on the <b>{known} %</b> of the time in which the camera was known, and {weak} % in which "
        f"it was uncertain; the pitch was not in view for {max(0, 100 - known - weak)} %.</p>\n"
    )


def _counts(sheet: Sheet, events: list[Event]) -> Iterator[str]:
    if not events:
        yield "<p>No events.</p>\n"
        return
    n_reviewed = sum(event.status in REVIEWED for event in events)
    yield f"<section><h2>Events</h2><p>{len(events)} events, {n_reviewed} of them reviewed by a person.</p>"
    yield '<table><thead><tr><th>Event</th><th class="n">'
    yield f'{escape(sheet.facts.home)}</th><th class="n">{escape(sheet.facts.away)}</th><th class="n">No team</th>'
    yield '<th class="n">All</th></tr></thead><tbody>'
    counted = Counter((event.label, event.team) for event in events)
    for label in lane_order({event.label for event in events}):
        cells = [counted[label, team] for team in ("home", "away", "")]
        numbers = "".join(f'<td class="n">{n or ""}</td>' for n in (*cells, sum(cells)))
        yield f"<tr><td>{escape(look(label).words)}</td>{numbers}</tr>"
    yield "</tbody></table></section>\n"


def _halves(sheet: Sheet, events: list[Event]) -> Iterator[str]:
    for number in sorted({event.period for event in events}):
        chosen = [event for event in events if event.period == number]
        half = next((each for each in sheet.facts.halves if each.number == number), None)
        length_ms = half.end_ms - half.kickoff_ms if half and half.end_ms else 0
        yield f"<section><h2>{PERIODS.get(number, 'Period')}</h2>"
        yield drawing.lanes(chosen, length_ms)
        if any(event.xy_m for event in chosen):
            yield drawing.events_on_pitch(chosen, sheet.facts.pitch_m)
            yield '<p class="muted">Circles: home. Squares: away. The far touch-line is at the top. '
            yield f"{escape(_direction(sheet, number))}</p>"
        yield "</section>\n"


def _direction(sheet: Sheet, number: int) -> str:
    right = sheet.facts.attacks_right(number, "home")
    if right is None:
        return "Who attacks where is not known."
    half = next(each for each in sheet.facts.halves if each.number == number)
    guess = " (guessed from positions)" if half.is_guessed else ""
    return f"{sheet.facts.home} attacks to the {'right' if right else 'left'}{guess}."


def _heat(sheet: Sheet) -> Iterator[str]:
    found = heat(sheet)
    if not found:
        return
    yield "<section><h2>Where the teams were</h2>"
    for number in sorted({period for period, _ in found}):
        yield f'<h3>{PERIODS.get(number, "Period")}</h3><div class="two">'
        for team, name in (("home", sheet.facts.home), ("away", sheet.facts.away)):
            if (number, team) in found:
                picture = drawing.heat_on_pitch(
                    found[number, team], sheet.facts.pitch_m, f"Where {name} played"
                )
                yield f"<figure><figcaption>{escape(name)}</figcaption>{picture}</figure>"
        yield "</div>"
    yield "</section>\n"


def heat(sheet: Sheet) -> dict[tuple[int, str], NDArray[np.int64]]:
    """(period, team) -> (14, 21) positions of outfield players by zone, row 0 at the near touch-line."""
    found: dict[tuple[int, str], NDArray[np.int64]] = {}
    length, width = sheet.facts.pitch_m
    rows, columns = ZONES
    for _, spot in sheet.positions():
        if spot.xy_m is None or not spot.team or spot.role != "player":
            continue
        j = int((spot.xy_m[0] / length + 0.5) * columns)
        i = int((spot.xy_m[1] / width + 0.5) * rows)
        key = (spot.period, spot.team)
        if key not in found:
            found[key] = np.zeros(ZONES, np.int64)
        found[key][min(max(i, 0), rows - 1), min(max(j, 0), columns - 1)] += 1
    return found


def _list(sheet: Sheet, events: list[Event]) -> Iterator[str]:
    if not events:
        return
    yield "<h2>List of events</h2><table><thead><tr><th>Half</th><th>Clock</th><th>Event</th><th>Team</th>"
    yield '<th>Player</th><th class="n">Confidence</th><th>Review</th></tr></thead><tbody>'
    for event in events[:MOST_ROWS]:
        team = {"home": sheet.facts.home, "away": sheet.facts.away}.get(event.team, "")
        sure = "" if event.confidence_kind == "human" else f"{round(100 * event.confidence)} %"
        player = event.player or (f"#{event.jersey}" if event.jersey else "")
        cells = (event.half, clock_text(event.period_ms), look(event.label).words, team, player)
        texts = "".join(f"<td>{escape(one_line(cell))}</td>" for cell in cells)
        yield f'<tr>{texts}<td class="n">{sure}</td><td>{escape(event.status)}</td></tr>'
    yield "</tbody></table>\n"
    if len(events) > MOST_ROWS:
        sheet.dropped[CUT] += len(events) - MOST_ROWS
        yield f"<p class='muted'>The first {MOST_ROWS} of {len(events)} events; the CSV has all.</p>\n"
