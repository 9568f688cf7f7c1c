"""LongoMatch's CSV: a block for each class. Their writer quotes nothing, so our texts lose ``;`` and line breaks.

Times are ``[H:]MM:SS,mmm`` since the video's first picture, the first part without padding.
"""

from collections.abc import Iterator

from analysis.core.tables import defused
from webapp.exports.sheet import Event, Options, Sheet
from webapp.exports.writing import chunks, one_line

TITLE = "LongoMatch CSV"
WORDS = "For spreadsheets that expect LongoMatch's blocks: one block a class, review state as tags."
EXTENSION = "csv"
CONTENT_TYPE = "text/csv; charset=utf-8"
ASKS = ("clips", "offset", "per_half", "ascii")
BY_VIDEO_TIME = True
DROPS = (
    "Periods, places on the pitch, confidence and notes are left out.",
    "The format has no quotes: ; in names becomes a comma.",
)
TAGS = ("auto", "confirmed", "corrected")


def pieces(sheet: Sheet, options: Options) -> Iterator[bytes]:
    """The file's bytes."""
    return chunks(_text(sheet), "ascii" if options.ascii_only else "utf-8")


def _text(sheet: Sheet) -> Iterator[str]:
    for label, statuses in sheet.classes().items():
        tags = (*TAGS, "added") if "added" in statuses else TAGS
        name = cell(label)
        number = 0
        for number, event in enumerate(sheet.events(label), start=1):
            if number == 1:
                yield f"CATEGORY: {name}\nName;Time;Start;Stop;Team;Player;{';'.join(tags)}\n"
            yield _row(name, number, event, tags)
        if number:
            yield "\n"


def _row(name: str, number: int, event: Event, tags: tuple[str, ...]) -> str:
    times = (event.video_ms, event.begin_ms, max(event.end_ms, event.begin_ms + 1))
    cells = [f"{name} {number}", *map(clock, times), event.team, cell(event.player or event.jersey)]
    return ";".join([*cells, *(str(int(event.status == tag)) for tag in tags)]) + "\n"


def clock(time_ms: int) -> str:
    """``1:07:01,960``; ``5:12,480`` below an hour."""
    time_ms = max(0, time_ms)
    hours, rest = divmod(time_ms, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    tail = f"{rest // 1000:02d},{rest % 1000:03d}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


def cell(text: str) -> str:
    """A text that stays in its cell and is no formula."""
    return defused(one_line(text).replace(";", ","))
