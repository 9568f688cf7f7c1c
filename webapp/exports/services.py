"""Files for other tools: formats are found by file name, rows come from selectors for a user, bytes stream.

A format is a module in ``webapp/exports/formats/`` with ``TITLE``, ``WORDS``, ``EXTENSION``, ``CONTENT_TYPE``,
``ASKS`` (the options it heeds), ``DROPS`` (sentences on what it cannot keep) and ``pieces(sheet, options)``, a
generator of bytes, or ``files(sheet, options)`` when it is more than one file. ``BY_VIDEO_TIME`` marks formats whose
only clock is the video's: a match of two videos becomes two files. Its name in addresses is the module's name.
"""

import importlib
import json
import pkgutil
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import Any

from django.utils import timezone

from webapp.analytics.models import AnalysisRun
from webapp.exports import formats, selectors
from webapp.exports.sheet import Options, Sheet, parts_of
from webapp.exports.writing import counted, zipped
from webapp.matches.models import Match

__all__ = ["Options"]


@dataclass(frozen=True, slots=True)
class Download:
    """A file about to be sent."""

    name: str
    content_type: str
    pieces: Iterator[bytes]


class UnknownFormat(LookupError):
    """No module of that name."""


def format_names() -> list[str]:
    """Names of every format, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(formats.__path__))


def format_module(name: str) -> ModuleType:
    """The module of a format. Raises: UnknownFormat."""
    if name not in format_names():
        raise UnknownFormat(name)
    return importlib.import_module(f"{formats.__name__}.{name}")


def download(
    user: Any, match: Match, run: AnalysisRun, format_name: str, options: Options
) -> Download:
    """One format of a match: the file itself, or a ZIP of several; bytes are made while they are read."""
    form = format_module(format_name)
    sheet = selectors.sheet_of(user, match, run, options)
    files = list(_files(form, sheet, options))
    name = file_name(match, format_name)
    if len(files) == 1 and not options.with_manifest and not hasattr(form, "files"):
        return Download(name, form.CONTENT_TYPE, files[0][1])
    packed = zipped(_with_manifest(files, sheet, format_name, options))
    return Download(f"{name.split('.')[0]}.zip", "application/zip", packed)


def _files(
    form: ModuleType, sheet: Sheet, options: Options
) -> Iterator[tuple[str, Iterator[bytes]]]:
    parts = parts_of(
        sheet.facts,
        per_half=options.per_half and "per_half" in form.ASKS,
        by_video_time=getattr(form, "BY_VIDEO_TIME", False),
    )
    stem = form.__name__.rsplit(".", 1)[-1]
    for part in parts:
        piece = sheet.of(part) if part.suffix else sheet
        if hasattr(form, "files"):
            yield from form.files(piece, options)
        else:
            tail = f"_{part.suffix}" if part.suffix else ""
            yield f"{stem}{tail}.{form.EXTENSION}", form.pieces(piece, options)


def _with_manifest(
    files: list[tuple[str, Iterator[bytes]]], sheet: Sheet, name: str, options: Options
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The files, then the manifest: what was dropped is known at the end."""
    yield from files
    text = json.dumps(manifest(sheet, name, options), indent=1, ensure_ascii=False)
    yield "manifest.json", iter([text.encode() + b"\n"])


def manifest(sheet: Sheet, format_name: str, options: Options) -> dict[str, Any]:
    """What a file cannot say itself: versions, choices, clocks, directions, sources, and what was left out."""
    facts, form = sheet.facts, format_module(format_name)
    return {
        "format": format_name,
        "match": {
            "id": facts.match_id, "title": facts.title, "home": facts.home, "away": facts.away, "day": facts.day,
            "pitch_m": list(facts.pitch_m),
        },
        "touchline": facts.app_version,
        "models": dict(sorted(facts.versions.items())),
        "chosen": {
            "reviewed_only": options.reviewed_only,
            "least_confidence": options.least_confidence,
            "lead_s": options.lead_ms / 1000,
            "lag_s": options.lag_ms / 1000,
            "video_offset_s": options.offset_ms / 1000,
            "rate_hz": options.rate_hz or None,
        },
        "periods": [
            {
                "number": half.number, "video": half.video, "kickoff_s": half.kickoff_ms / 1000,
                "home_attacks": {True: "right", False: "left", None: None}[half.home_attacks_right],
                "direction_is": "guessed from positions" if half.is_guessed else "set by a person",
            }
            for half in facts.halves
        ],
        "videos": [
            {
                "id": film.number, "half": film.half, "fps": film.fps, "is_constant_rate": film.is_constant_rate,
                "first_pts_s": film.begin_ms / 1000, "duration_s": film.duration_ms / 1000, "sha256": film.sha256,
            }
            for film in facts.films
        ],
        "the_format_drops": list(form.DROPS),
        "dropped": counted(sheet.dropped),
    }  # fmt: skip


def file_name(match: Match, format_name: str, now: datetime | None = None) -> str:
    """``<match>_<format>_<yyyymmdd-hhmm>.<ext>`` in ASCII; letters with accents lose them, the rest becomes ``-``."""
    letters = unicodedata.normalize("NFKD", match.title)
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    title = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:80] or f"match-{match.pk}"
    moment = timezone.localtime(now or timezone.now()).strftime("%Y%m%d-%H%M")
    return f"{title}_{format_name}_{moment}.{format_module(format_name).EXTENSION}"
