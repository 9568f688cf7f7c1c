"""WebVTT chapters: jump marks for video players."""

from collections.abc import Iterator

from analysis.core.clock import clock_text, timecode
from webapp.exports.sheet import Options, Sheet
from webapp.exports.writing import chunks, one_line

TITLE = "Video chapters (WebVTT)"
WORDS = "Jump marks for video players: one chapter an event, with its match clock."
EXTENSION = "vtt"
CONTENT_TYPE = "text/vtt; charset=utf-8"
ASKS = ("clips", "offset", "per_half")
BY_VIDEO_TIME = True
DROPS = ("Only the class, the clock and the clip are kept.",)


def pieces(sheet: Sheet, options: Options) -> Iterator[bytes]:
    """The file's bytes."""
    return chunks(_text(sheet))


def _text(sheet: Sheet) -> Iterator[str]:
    yield "WEBVTT\n"
    for number, event in enumerate(sheet.events(), start=1):
        end_ms = max(event.end_ms, event.begin_ms + 1)
        words = (
            one_line(event.label).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        )
        yield f"\n{number}\n{timecode(event.begin_ms)} --> {timecode(end_ms)}\n"
        yield f"{words} {clock_text(event.period_ms)}\n"
