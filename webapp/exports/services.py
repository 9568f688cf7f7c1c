"""Files for other tools: formats are found by file name, rows come from selectors for a user, bytes stream.

A format is a module in ``webapp/exports/formats/`` with ``TITLE``, ``EXTENSION``, ``CONTENT_TYPE`` and
``pieces(user, match, run, options)``, a generator of bytes. Its name in addresses is the module's name.
"""

import importlib
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
from webapp.exports import formats
from webapp.matches.models import Match


@dataclass(frozen=True, slots=True)
class Options:
    """What the person chose.

    Args:
        separator: ``,`` or ``;``.
        decimal_comma: write numbers with a comma.
        reviewed_only: leave out events that nobody looked at.
        least_confidence: leave out events below; 0 keeps all.
    """

    separator: str = ","
    decimal_comma: bool = False
    reviewed_only: bool = False
    least_confidence: float = 0.0


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


def pieces(
    user: Any, match: Match, run: AnalysisRun, format_name: str, options: Options
) -> Iterator[bytes]:
    """The file as pieces of bytes, made while they are read."""
    found: Iterator[bytes] = format_module(format_name).pieces(user, match, run, options)
    return found


def file_name(match: Match, format_name: str, now: datetime | None = None) -> str:
    """``<match>_<format>_<yyyymmdd-hhmm>.<ext>`` in ASCII; letters with accents lose them, the rest becomes ``-``."""
    letters = unicodedata.normalize("NFKD", match.title)
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    title = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:80] or f"match-{match.pk}"
    moment = timezone.localtime(now or timezone.now()).strftime("%Y%m%d-%H%M")
    return f"{title}_{format_name}_{moment}.{format_module(format_name).EXTENSION}"
