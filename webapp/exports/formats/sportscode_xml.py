"""Sportscode's XML edit list: what Sportscode, Nacsport, LongoMatch Pro, Catapult and kloppy read.

Hudl's manual: the file "breaks strict XML standards". Its reader knows no entities, so texts contain none of ``& < >``
instead of escaping them. Instances are numbered from 1 in time order; times count from the video's first picture.
"""

import heapq
from collections.abc import Iterator
from math import ceil, floor

from webapp.exports.sheet import Event, Options, Sheet
from webapp.exports.writing import ascii_text, chunks, one_line, xml_text

TITLE = "Sportscode XML"
WORDS = "The edit list that Sportscode, Nacsport, LongoMatch Pro and Catapult import: a row for each class."
EXTENSION = "xml"
CONTENT_TYPE = "application/xml"
ASKS = ("clips", "offset", "per_half", "whole_seconds", "ascii", "code_by_team")
BY_VIDEO_TIME = True
DROPS = (
    "Places on the pitch and model versions are left out; confidence becomes a step of ten percent.",
    "Hudl's reader knows no special characters: & becomes 'and', < > become ( ).",
)
MARK_MS = 5_000
_HOSTILE = str.maketrans({"&": " and ", "<": "(", ">": ")"})
_TEAM = {"home": "Home", "away": "Away"}


def pieces(sheet: Sheet, options: Options) -> Iterator[bytes]:
    """The file's bytes."""
    return chunks(_text(sheet, options))


def _text(sheet: Sheet, options: Options) -> Iterator[str]:
    encoding = "us-ascii" if options.ascii_only else "UTF-8"
    yield f'<?xml version="1.0" encoding="{encoding}"?>\n<file>\n  <SORT_INFO>\n'
    yield "    <sort_type>sort order</sort_type>\n  </SORT_INFO>\n  <ALL_INSTANCES>\n"
    codes: dict[str, str] = {}
    ordered = heapq.merge(_clips(sheet, options), _marks(sheet, options), key=lambda c: c[0])
    for number, (_, begin_ms, end_ms, code, colour, labels, note) in enumerate(ordered, start=1):
        code = told(code, options)
        codes.setdefault(code, colour)
        yield f"    <instance>\n      <ID>{number}</ID>\n"
        begin, end = seconds(begin_ms, end_ms, whole=options.whole_seconds)
        yield f"      <start>{begin}</start>\n      <end>{end}</end>\n      <code>{code}</code>\n"
        for group, text in labels:
            if text := told(text, options):
                yield f"      <label>\n        <group>{group}</group>\n        <text>{text}</text>\n      </label>\n"
        if note := told(note, options):
            yield f"      <free_text>{note}</free_text>\n"
        yield "    </instance>\n"
    yield "  </ALL_INSTANCES>\n  <ROWS>\n"
    for code, colour in codes.items():
        red, green, blue = (int(colour[i : i + 2], 16) * 257 for i in (1, 3, 5))
        yield f"    <row>\n      <code>{code}</code>\n      <R>{red}</R>\n      <G>{green}</G>\n      <B>{blue}</B>\n"
        yield "    </row>\n"
    yield "  </ROWS>\n</file>\n"


Clip = tuple[int, int, int, str, str, list[tuple[str, str]], str]


def _clips(sheet: Sheet, options: Options) -> Iterator[Clip]:
    for event in sheet.events():
        code = event.label
        if options.code_by_team and event.team:
            code = f"{_TEAM[event.team]} {code}"
        colour = sheet.colour_of(event.label)
        yield (
            event.video_ms,
            event.begin_ms,
            event.end_ms,
            code,
            colour,
            labels_of(event),
            event.note,
        )


def labels_of(event: Event) -> list[tuple[str, str]]:
    """What a coach filters by: texts only, so the confidence is a step."""
    labels = [("Team", event.team), ("Player", event.player or event.jersey), ("Half", event.half)]
    labels += [("Status", event.status)]
    if event.confidence_kind != "human":
        labels += [("Confidence", bucket(event.confidence))]
    return labels


def bucket(confidence: float) -> str:
    """``80-90%``: the step that holds a confidence; 1 belongs to the last."""
    low = min(9, int(confidence * 10 + 1e-9)) * 10
    return f"{low}-{low + 10}%"


def _marks(sheet: Sheet, options: Options) -> Iterator[Clip]:
    """Kick-offs as instances of their own, to line a differently cut video up by hand."""
    for half in sorted(sheet.facts.halves, key=lambda each: (each.video, each.kickoff_ms)):
        if sheet.part is not None and not sheet.part.has(half.video, half.number):
            continue
        at_ms = half.kickoff_ms - sheet.facts.film(half.video).begin_ms + options.offset_ms
        if at_ms >= 0:
            name = Event("", half.video, half.number, 0, at_ms, at_ms, at_ms, at_ms, None, "").half
            yield at_ms, at_ms, at_ms + MARK_MS, f"Start {name}", "#808080", [], ""


def seconds(begin_ms: int, end_ms: int, *, whole: bool) -> tuple[str, str]:
    """Both ends as text; the second is always later, whole seconds never cut the clip shorter."""
    begin_ms = max(0, begin_ms)
    end_ms = max(end_ms, begin_ms + 1)
    if whole:
        begin = floor(begin_ms / 1000)
        return str(begin), str(max(begin + 1, ceil(end_ms / 1000)))
    return f"{begin_ms / 1000:.3f}", f"{end_ms / 1000:.3f}"


def told(text: str, options: Options) -> str:
    """A text that needs no escaping and no entity."""
    plain = xml_text(one_line(text).translate(_HOSTILE)).replace("&quot;", '"')
    return one_line(ascii_text(plain) if options.ascii_only else plain)
