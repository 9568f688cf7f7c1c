"""The CSV files we write and read: their columns, how each kind of cell is written, and the way back.

One description serves the command line and the site's downloads: writers are generators of text, so that files of any
length stream. Empty means unknown; 0 is never written for "not seen". Coordinates are metres in the frame of
``core.pitch``, times are seconds of the video with three decimals.

Spreadsheets run text that begins like a formula. Such text cells get a leading apostrophe (``defused``), numbers never,
and ``fused`` takes exactly that apostrophe away again.
"""

import csv
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from analysis.core.problems import InputProblem

BOM = "\ufeff"
_ROWS_A_CHUNK = 512
# A text that already looks defused gets one apostrophe more: only so is the way back exact.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_NEEDS_QUOTES = re.compile(r'[",;\t\r\n]|^ | $')
_CLOCK = re.compile(r"-?\d{1,}(:\d\d){1,2}(\.\d{3})?")


@dataclass(frozen=True, slots=True)
class Table:
    """One file format.

    Args:
        name: file name without ending.
        columns: (name, kind) in order; kinds are the keys of ``KINDS``.
        has_bom: begins with a byte order mark, for Excel.
        newline: end of a row.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    has_bom: bool = False
    newline: str = "\n"

    @property
    def header(self) -> list[str]:
        """Column names."""
        return [name for name, _ in self.columns]


def defused(text: str) -> str:
    """The text with an apostrophe before it when a spreadsheet would take it for a formula."""
    return "'" + text if _FORMULA.match(text) else text


def fused(text: str) -> str:
    """The inverse of ``defused``: takes one apostrophe away where one was put."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text, 1) else text


def _decimal(value: Any, places: int) -> str:
    if value is None or not math.isfinite(value):
        return ""
    text = f"{value:.{places}f}"
    return text[1:] if text[0] == "-" and not text.strip("-0.") else text


def _exact(value: Any) -> str:
    return "" if value is None or not math.isfinite(value) else repr(float(value))


def _whole(value: Any) -> str:
    return "" if value is None else str(int(value))


def _words(value: Any) -> str:
    return "" if value is None else defused(str(value))


def _clock(value: Any) -> str:
    """Our own clock texts, which may begin with a minus and must stay readable; anything else is plain text."""
    return "" if value is None else value if _CLOCK.fullmatch(value) else defused(value)


def _read_number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _read_flag(text: str) -> bool:
    return {"0": False, "1": True}[text]


# kind -> (writer, reader). Decimals: metres 2 (a centimetre), seconds and shares 3, pixels 1.
KINDS: dict[str, tuple[Callable[[Any], str], Callable[[str], Any]]] = {
    "text": (_words, fused),
    "clock": (_clock, fused),
    "whole": (_whole, int),
    "flag": (_whole, _read_flag),
    "seconds": (partial(_decimal, places=3), _read_number),
    "share": (partial(_decimal, places=3), _read_number),
    "metres": (partial(_decimal, places=2), _read_number),
    "pixels": (partial(_decimal, places=1), _read_number),
    "exact": (_exact, _read_number),
}
_NUMBERS = {"whole", "flag", "seconds", "share", "metres", "pixels", "exact"}

EVENTS = Table(
    "events",
    (
        ("event_id", "text"),
        ("match_id", "text"),
        ("period", "whole"),
        ("match_clock", "clock"),
        ("period_time_s", "seconds"),
        ("video_time_s", "seconds"),
        ("video_time", "clock"),
        ("frame", "whole"),
        ("label", "text"),
        ("team", "text"),
        ("player_jersey", "text"),
        ("player_name", "text"),
        ("x_m", "metres"),
        ("y_m", "metres"),
        ("confidence", "share"),
        ("confidence_kind", "text"),
        ("status", "text"),
        ("source", "text"),
        ("model_version", "text"),
        ("clip_start_s", "seconds"),
        ("clip_end_s", "seconds"),
        ("replay_of_event_id", "text"),
        ("note", "text"),
    ),
    has_bom=True,
    newline="\r\n",
)

TRACKING = Table(
    "tracking",
    (
        ("match_id", "text"),
        ("period", "whole"),
        ("frame", "whole"),
        ("video_time_s", "seconds"),
        ("period_time_s", "seconds"),
        ("track_id", "whole"),
        ("team", "text"),
        ("role", "text"),
        ("jersey", "text"),
        ("x_m", "metres"),
        ("y_m", "metres"),
        ("pos_sigma_m", "metres"),
        ("source", "text"),
        ("calib_ok", "flag"),
        ("calib_reproj_px", "pixels"),
    ),
)

_MATRIX = tuple((f"h{row}{column}", "exact") for row in (1, 2, 3) for column in (1, 2, 3))

CALIBRATION = Table(
    "calibration",
    (
        ("video_time_s", "seconds"),
        ("frame", "whole"),
        ("width_px", "whole"),
        ("height_px", "whole"),
        *_MATRIX,
        ("confidence", "share"),
        ("status", "text"),
        ("method", "text"),
    ),
)
CAMERAS = Table("cameras", CALIBRATION.columns)

SHOTS = Table(
    "shots",
    (
        ("shot_id", "whole"),
        ("start_s", "seconds"),
        ("end_s", "seconds"),
        ("camera", "text"),
        ("transition", "text"),
        ("is_replay", "flag"),
        ("confidence", "share"),
    ),
)

REPLAYS = Table(
    "replays",
    (
        ("replay_id", "whole"),
        ("start_s", "seconds"),
        ("end_s", "seconds"),
        ("event_id", "text"),
        ("action_s", "seconds"),
        ("confidence", "share"),
    ),
)

BOXES = Table(
    "boxes",
    (
        ("video_time_s", "seconds"),
        ("frame", "whole"),
        ("player_id", "text"),
        ("team", "text"),
        ("role", "text"),
        ("x0", "pixels"),
        ("y0", "pixels"),
        ("x1", "pixels"),
        ("y1", "pixels"),
        ("visible_share", "share"),
    ),
)

TABLES = {t.name: t for t in (EVENTS, TRACKING, CALIBRATION, CAMERAS, SHOTS, REPLAYS, BOXES)}


def csv_text(
    table: Table,
    rows: Iterable[Sequence[Any]],
    *,
    separator: str = ",",
    decimal_comma: bool = False,
) -> Iterator[str]:
    """The file as pieces of text, header first, also when there are no rows.

    Args:
        table: which file.
        rows: values in column order; None and NaN become empty cells.
        separator: between cells; ``;`` for spreadsheets of countries that write decimal commas.
        decimal_comma: write numbers with a comma; needs another separator than a comma.

    Raises:
        ValueError: a row of the wrong length, or commas for both.
    """
    if decimal_comma and separator == ",":
        raise ValueError("decimal commas need another separator than a comma")
    writers = [
        _comma_writer(KINDS[kind][0]) if decimal_comma and kind in _NUMBERS else KINDS[kind][0]
        for _, kind in table.columns
    ]
    quoted = [kind not in _NUMBERS for _, kind in table.columns]
    n_columns = len(table.columns)
    pieces = [(BOM if table.has_bom else "") + separator.join(table.header)]
    for row in rows:
        if len(row) != n_columns:
            raise ValueError(f"a row of {table.name} has {n_columns} cells, got {len(row)}")
        cells = (
            _quoted(write(value)) if is_text else write(value)
            for write, value, is_text in zip(writers, row, quoted, strict=True)
        )
        pieces.append(separator.join(cells))
        if len(pieces) == _ROWS_A_CHUNK:
            yield table.newline.join(pieces) + table.newline
            pieces = []
    if pieces:
        yield table.newline.join(pieces) + table.newline


def _comma_writer(write: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda value: write(value).replace(".", ",")


def _quoted(text: str) -> str:
    # Semicolons and tabs too: a spreadsheet that splits at them must not find a formula behind one.
    if _NEEDS_QUOTES.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def read_csv(table: Table, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Rows of a file that ``csv_text`` wrote: column -> value, None for an empty cell.

    Args:
        table: which file.
        lines: an open text file (``newline=""``) or lines with their ends.

    Raises:
        InputProblem: ``csv_columns`` when the header differs, ``csv_cell`` when a cell does not read, with its place.
    """
    reader = csv.reader(_without_bom(lines))
    header = next(reader, [])
    if header != table.header:
        raise InputProblem(
            "csv_columns",
            f"This is not a {table.name}.csv: its first line must be {','.join(table.header)}.",
        )
    for number, cells in enumerate(reader, start=2):
        if len(cells) != len(header):
            raise InputProblem(
                "csv_cell",
                f"Row {number} of {table.name}.csv has {len(cells)} cells instead of {len(header)}.",
            )
        yield {
            name: _read_cell(table, name, kind, text, number)
            for (name, kind), text in zip(table.columns, cells, strict=True)
        }


def _without_bom(lines: Iterable[str]) -> Iterator[str]:
    for i, line in enumerate(lines):
        yield line.removeprefix(BOM) if i == 0 else line


def _read_cell(table: Table, name: str, kind: str, text: str, number: int) -> Any:
    if not text:
        return None
    try:
        return KINDS[kind][1](text)
    except (ValueError, KeyError) as error:
        raise InputProblem(
            "csv_cell", f"Row {number} of {table.name}.csv: {name} cannot be read from {text!r}."
        ) from error
