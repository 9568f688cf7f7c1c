"""Do files and rows still belong together? ``python manage.py sanity``, and once a day by the sweeper.

Every room says which files its rows want (``wanted_by``); what is missing, has another length or another content, and
what no row wants is named. Nothing is changed or removed.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from webapp.lib import stored
from webapp.matches.models import Upload, Video, VideoState

NOTE = "last_sanity.json"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that a row speaks of.

    Attributes:
        name: of the file in ``stored.media()``.
        size_bytes: its length; None when the row does not say.
        sha256: its digest; empty when the row does not say.
    """

    name: str
    size_bytes: int | None = None
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What was found.

    Attributes:
        n_files: stored files.
        missing: names that a row wants and nobody stored.
        changed: names with another length or content than their row says.
        orphaned: names that no row wants.
    """

    n_files: int
    missing: list[str]
    changed: list[str]
    orphaned: list[str]

    @property
    def is_sane(self) -> bool:
        """Everything belongs together."""
        return not (self.missing or self.changed or self.orphaned)


_wanting: list[Callable[[], Iterator[Wanted]]] = []


def wanted_by(rows: Callable[[], Iterator[Wanted]]) -> Callable[[], Iterator[Wanted]]:
    """Let a room's rows be asked as well."""
    _wanting.append(rows)
    return rows


@wanted_by
def _of_videos() -> Iterator[Wanted]:
    videos = Video.objects.exclude(state=VideoState.REFUSED).select_related("match__team")
    for video in videos.iterator():
        yield Wanted(video.source_name, video.size_bytes, video.sha256)
        if video.has_playback:
            yield Wanted(f"{video.folder}/play.mp4")
        if video.has_poster:
            yield Wanted(f"{video.folder}/poster.jpg")
        if video.storyboard:
            yield Wanted(f"{video.folder}/frames.bin")
            for number in range(1, video.storyboard["n_sheets"] + 1):
                yield Wanted(f"{video.folder}/sheets/sheet-{number:03d}.jpg")
        if video.has_stream:
            for name in ("index.m3u8", "video.m3u8", "video.mp4"):
                yield Wanted(f"{video.folder}/stream/{name}")


def look(*, with_content: bool = False) -> Standing:
    """Compare files and rows.

    Args:
        with_content: read every file whose row knows a digest; as long as reading all uploads takes.
    """
    place = stored.media()
    there = set(place.names())
    known, missing, changed = set[str](), [], []
    for rows in _wanting:
        for wanted in rows():
            known.add(wanted.name)
            if wanted.name not in there:
                missing.append(wanted.name)
            elif not _is_as_said(place, wanted, with_content=with_content):
                changed.append(wanted.name)
    unfinished = {str(uuid) for uuid in Upload.objects.values_list("uuid", flat=True)}
    orphaned = [n for n in there - known if not (_is_part(n) and Path(n).name in unfinished)]
    # Made beside a video on the way: the decoder's note of a digest.
    orphaned = [name for name in orphaned if not Path(name).name.startswith(".")]
    return Standing(len(there), sorted(missing), sorted(changed), sorted(orphaned))


def _is_part(name: str) -> bool:
    return Path(name).parent.name == "uploads"


def _is_as_said(place: stored.Stored, wanted: Wanted, *, with_content: bool) -> bool:
    if wanted.size_bytes is not None:
        facts = place.facts(wanted.name)
        if facts is None or facts.size_bytes != wanted.size_bytes:
            return False
    if not (with_content and wanted.sha256):
        return True
    digest = hashlib.sha256()
    for block in place.blocks(wanted.name):
        digest.update(block)
    return digest.hexdigest() == wanted.sha256


def note(standing: Standing) -> None:
    """Keep the outcome for the status page."""
    told = {
        "looked_at": timezone.now().isoformat(),
        "files": standing.n_files,
        "missing": len(standing.missing),
        "changed": len(standing.changed),
        "orphaned": len(standing.orphaned),
    }
    with suppress(OSError):
        (Path(settings.DATA_DIR) / NOTE).write_text(json.dumps(told), encoding="utf-8")


def last_looked() -> dict[str, Any] | None:
    """What ``note`` kept last; None when nobody looked yet."""
    try:
        told: dict[str, Any] = json.loads((Path(settings.DATA_DIR) / NOTE).read_text())
    except (OSError, ValueError):
        return None
    return told
