"""LongoMatch's CSV: blocks of ``CATEGORY: name``, a header, rows; ``;`` between cells and no quotes."""

import re

from analysis.core.problems import InputProblem
from analysis.core.tables import fused
from webapp.exports.clips import MAX_EVENTS, Clip, decoded

TITLE = "LongoMatch CSV"
WORDS = "Blocks of CATEGORY, as LongoMatch and this site write them (.csv)."
_TIME = re.compile(r"^(?:(\d{1,2}):)?(\d{1,3}):(\d{2})[,.](\d{3})$")


def looks_like(name: str, text: str) -> bool:
    """Whether a file is of this kind."""
    return text.lstrip("\ufeff").startswith("CATEGORY:")


def read(data: bytes) -> list[Clip]:
    """The rows of a file.

    Raises:
        InputProblem: ``csv_not_longomatch``, ``csv_cell`` with its line, ``file_too_many``.
    """
    clips: list[Clip] = []
    code = ""
    columns: dict[str, int] = {}
    for number, line in enumerate(decoded(data).splitlines(), start=1):
        if line.startswith("CATEGORY:"):
            code, columns = fused(line.removeprefix("CATEGORY:").strip()), {}
        elif code and not columns and line.strip():
            columns = {name.strip(): i for i, name in enumerate(line.split(";"))}
        elif code and line.strip():
            clips.append(_clip(code, columns, line.split(";"), number))
        if len(clips) > MAX_EVENTS:
            raise InputProblem(
                "file_too_many", f"This file has over {MAX_EVENTS} rows; bring it in parts."
            )
    if not code:
        raise InputProblem(
            "csv_not_longomatch",
            "This file has no CATEGORY line, so it is not LongoMatch's; choose another file.",
        )
    return clips


def _clip(code: str, columns: dict[str, int], cells: list[str], number: int) -> Clip:
    def cell(name: str) -> str:
        i = columns.get(name, len(cells))
        return cells[i].strip() if i < len(cells) else ""

    start, end = _ms(cell("Start")), _ms(cell("Stop"))
    at = _ms(cell("Time"))
    if start is None and at is None:
        raise InputProblem(
            "csv_cell", f"Line {number} has no time that reads like 18:25,200; correct it first."
        )
    team = cell("Team").casefold()
    return Clip(
        code, start if start is not None else at, end, at, team=team if team in ("home", "away") else "",
        player=fused(cell("Player"))[:80],
    )  # fmt: skip


def _ms(text: str) -> int | None:
    found = _TIME.match(text)
    if found is None:
        return None
    hours, minutes, seconds, ms = (int(part or 0) for part in found.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms
