"""Stored files by name: on a disk, or in a bucket of an S3-compatible server where ``S3_BUCKET`` names one.

There are two places: ``media()`` (uploads, copies for the browser, pictures, films) and ``worked_out()`` (what analyses
keep so that a second one resumes). A name is a relative path such as ``<team>/<video>/play.mp4``. Whoever decodes or
encodes needs a seekable local file: ``at_hand`` gives one, and ``put`` stores one that was made here.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages

BLOCK_BYTES = 256 * 1024
HALF_MADE = ".part"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a stored file without reading it.

    Attributes:
        size_bytes: its length.
        changed_s: when it was written, seconds since 1970.
        tag: changes when the content does.
    """

    size_bytes: int
    changed_s: float
    tag: str


class Stored(Protocol):
    """One place for files. Every call may raise ``Transient`` (``storage_away``) where the place is another machine."""

    root: Path

    def facts(self, name: str) -> Facts | None:
        """Facts of a file; None when there is none."""

    def blocks(self, name: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes ``start <= i < stop`` in blocks. Raises: FileNotFoundError."""

    def at_hand(self, name: str) -> Path:
        """The file as a local one, until ``let_go``. Raises: FileNotFoundError."""

    def put(self, local: Path, name: str) -> None:
        """Store a local file, which is gone from where it was unless that is its own place below ``root``."""

    def remove(self, name: str) -> None:
        """Remove a file, or a folder with everything in it; nothing happens when there is none."""

    def names(self) -> Iterator[str]:
        """Every stored file in order, without what is half-made."""

    def folders(self) -> dict[str, float]:
        """Folders at the top and when something in them changed last, seconds since 1970."""

    def inside_address(self, name: str, method: str) -> str:
        """What nginx is told to answer with (``X-Accel-Redirect``); nothing where there is no nginx."""

    def is_there(self) -> bool:
        """Whether the place answers."""

    def make(self) -> bool:
        """Make the place; False when it was there."""


class OnDisk:
    """Files below a folder, which every machine of the installation sees.

    Args:
        root: the folder; made when needed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def facts(self, name: str) -> Facts | None:
        """As ``Stored``."""
        try:
            status = (self.root / name).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        tag = f"{status.st_mtime_ns:x}-{status.st_size:x}"
        return Facts(status.st_size, status.st_mtime, tag)

    def blocks(self, name: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """As ``Stored``."""
        with (self.root / name).open("rb") as file:
            file.seek(start)
            left = -1 if stop is None else stop - start
            while left and (
                block := file.read(min(BLOCK_BYTES, left) if left > 0 else BLOCK_BYTES)
            ):
                left -= len(block) if left > 0 else 0
                yield block

    def at_hand(self, name: str) -> Path:
        """As ``Stored``."""
        path = self.root / name
        if not path.is_file():
            raise FileNotFoundError(name)
        return path

    def put(self, local: Path, name: str) -> None:
        """As ``Stored``; by one rename."""
        target = self.root / name
        if local != target:
            target.parent.mkdir(parents=True, exist_ok=True)
            local.replace(target)

    def remove(self, name: str) -> None:
        """As ``Stored``."""
        remove_local(self.root / name)

    def names(self) -> Iterator[str]:
        """As ``Stored``."""
        if self.root.is_dir():
            found = (p for p in self.root.rglob("*") if p.is_file() and not p.is_symlink())
            names = (path.relative_to(self.root).as_posix() for path in found)
            yield from sorted(name for name in names if HALF_MADE not in Path(name).name)

    def folders(self) -> dict[str, float]:
        """As ``Stored``."""
        found = self.root.iterdir() if self.root.is_dir() else iter(())
        return {path.name: path.stat().st_mtime for path in found if path.is_dir()}

    def inside_address(self, name: str, method: str) -> str:
        """As ``Stored``; nginx serves the folder itself."""
        if not settings.X_ACCEL_LOCATION:
            return ""
        return f"{settings.X_ACCEL_LOCATION.rstrip('/')}/{quote(name)}"

    def is_there(self) -> bool:
        """As ``Stored``."""
        return True

    def make(self) -> bool:
        """As ``Stored``; folders are made when something is put there."""
        return False


def remove_local(path: Path) -> None:
    """Remove a file, or a folder with everything in it, of this machine's disk."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def media() -> Stored:
    """Uploads, their copies and pictures, films."""
    return _place("default", Path(settings.MEDIA_ROOT))


def worked_out() -> Stored:
    """What analyses keep."""
    return _place("artifacts", Path(settings.ARTIFACT_ROOT))


def _place(alias: str, root: Path) -> Stored:
    storage = storages[alias]
    if isinstance(storage, FileSystemStorage):
        return OnDisk(root)
    # boto3 is loaded only where a bucket is used.
    from webapp.lib.bucket import InBucket

    return cast(Stored, InBucket(storage, root))


def let_go() -> None:
    """Whatever this process had at hand may be removed from now on."""
    if not isinstance(storages["default"], FileSystemStorage):
        from webapp.lib import bucket

        bucket.let_go()
