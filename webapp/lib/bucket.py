"""Files in a bucket, through django-storages; local copies while somebody works on them.

A copy lies below ``root`` under its stored name and is held by a shared lock (``flock``) for as long as the process
works on it, so that neither another worker of the machine nor the next download's need for room takes it away; a worker
that is killed lets go by dying. Whatever lies in the bucket can be fetched again.
"""

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from analysis.core.problems import Transient
from webapp.lib.disk import free_bytes
from webapp.lib.stored import BLOCK_BYTES, HALF_MADE, Facts, remove_local

# Copies that nobody worked on for this long make room.
COPIES_KEPT_S = 6 * 3600
# Few enough connections that a large file in pieces of 8 MB stays a small one in memory.
_TRANSFER = TransferConfig(max_concurrency=4)
_held: dict[Path, int] = {}


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if _is_missing(error):
            raise FileNotFoundError(str(error)) from error
        sentence = "The storage of files refuses us; check S3_BUCKET and its keys, then try again."
        raise Transient("storage_refuses", sentence) from error
    except (BotoCoreError, Boto3Error) as error:
        sentence = "The storage of files does not answer; try again in a minute."
        raise Transient("storage_away", sentence) from error


def _is_missing(error: ClientError) -> bool:
    return error.response.get("Error", {}).get("Code") in {"404", "NoSuchKey", "NotFound"}


class InBucket:
    """Files below a prefix of a bucket.

    Args:
        storage: the S3 storage of django-storages.
        root: where local copies lie.
    """

    def __init__(self, storage: Any, root: Path) -> None:
        self.storage, self.root = storage, root
        self._prefix = f"{storage.location.strip('/')}/" if storage.location else ""

    def _object(self, name: str) -> Any:
        return self.storage.bucket.Object(self._prefix + name)

    def facts(self, name: str) -> Facts | None:
        """As ``Stored``."""
        try:
            with _asking():
                found = self._object(name)
                found.load()
        except FileNotFoundError:
            return None
        return Facts(found.content_length, found.last_modified.timestamp(), found.e_tag.strip('"'))

    def blocks(self, name: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """As ``Stored``."""
        if stop is not None and stop <= start:
            return
        last = "" if stop is None else stop - 1
        with _asking():
            wanted = {} if (start, stop) == (0, None) else {"Range": f"bytes={start}-{last}"}
            yield from self._object(name).get(**wanted)["Body"].iter_chunks(BLOCK_BYTES)

    def at_hand(self, name: str) -> Path:
        """As ``Stored``; downloaded unless a copy is here."""
        path = self.root / name
        while not _hold(path):
            with _asking():
                found = self._object(name)
                found.load()
                self._make_room(found.content_length)
                path.parent.mkdir(parents=True, exist_ok=True)
                with tempfile.NamedTemporaryFile(
                    dir=path.parent, prefix=f"{HALF_MADE}-", delete=False
                ) as part:
                    try:
                        found.download_fileobj(part, Config=_TRANSFER)
                    except BaseException:
                        Path(part.name).unlink(missing_ok=True)
                        raise
            Path(part.name).replace(path)
        return path

    def put(self, local: Path, name: str) -> None:
        """As ``Stored``; the object appears whole or not at all."""
        with _asking():
            self._object(name).upload_file(str(local), Config=_TRANSFER)
        if local != self.root / name:
            local.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        """As ``Stored``; the local copies too."""
        with _asking():
            bucket = self.storage.bucket
            bucket.objects.filter(Prefix=f"{self._prefix}{name}/").delete()
            self._object(name).delete()
        remove_local(self.root / name)

    def _listed(self) -> Iterator[tuple[str, float]]:
        with _asking():
            for found in self.storage.bucket.objects.filter(Prefix=self._prefix):
                yield found.key.removeprefix(self._prefix), found.last_modified.timestamp()

    def names(self) -> Iterator[str]:
        """As ``Stored``."""
        yield from sorted(name for name, _ in self._listed())

    def folders(self) -> dict[str, float]:
        """As ``Stored``."""
        found: dict[str, float] = {}
        for name, changed_s in self._listed():
            top = name.split("/")[0]
            found[top] = max(changed_s, found.get(top, 0.0))
        return found

    def inside_address(self, name: str, method: str) -> str:
        """As ``Stored``: a signed address of the bucket that ends in minutes, which only nginx sees and asks."""
        if not settings.X_ACCEL_OBJECTS:
            return ""
        signed = urlsplit(self.storage.url(name, http_method=method))
        return f"{settings.X_ACCEL_OBJECTS.rstrip('/')}{signed.path}?{signed.query}"

    def is_there(self) -> bool:
        """As ``Stored``."""
        try:
            with _asking():
                self.storage.connection.meta.client.head_bucket(Bucket=self.storage.bucket_name)
        except (Transient, FileNotFoundError):
            return False
        return True

    def make(self) -> bool:
        """Make the bucket; False when it was there. Raises: Transient."""
        if self.is_there():
            return False
        with _asking():
            self.storage.connection.meta.client.create_bucket(Bucket=self.storage.bucket_name)
        return True

    def _make_room(self, n_bytes: int) -> None:
        """Let old copies go until a file fits. Raises: Transient ``disk_full`` when it does not."""
        for path in sorted(self._copies(), key=lambda p: p.stat().st_mtime):
            if free_bytes(self.root) >= n_bytes:
                return
            _forget(path)
        if free_bytes(self.root) < n_bytes:
            raise Transient("disk_full", "The disk is full; free some space, then start again.")

    def forget_copies(self, before_s: float) -> None:
        """Let the copies go that nobody worked on since a time (seconds since 1970)."""
        for path in self._copies():
            if path.stat().st_mtime < before_s:
                _forget(path)

    def _copies(self) -> list[Path]:
        """Local copies; unfinished uploads and what is half-made are none."""
        found = self.root.rglob("*") if self.root.is_dir() else iter(())
        return [
            path
            for path in found
            if path.is_file() and path.parent.name != "uploads" and HALF_MADE not in str(path)
        ]


def _hold(path: Path) -> bool:
    """Take a shared lock on a local copy; False when there is none."""
    if path in _held and path.exists():
        return True
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    try:
        is_same = os.fstat(descriptor).st_ino == path.stat().st_ino
    except FileNotFoundError:
        is_same = False
    if not is_same:
        # Taken away between opening and locking.
        os.close(descriptor)
        return False
    os.utime(path)
    if path in _held:
        os.close(_held.pop(path))
    _held[path] = descriptor
    return True


def _forget(path: Path) -> None:
    """Remove a copy unless somebody holds it."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
    except BlockingIOError:
        pass  # somebody works on it
    finally:
        os.close(descriptor)


def let_go() -> None:
    """Release what this process held, and let copies go that are old."""
    from webapp.lib import stored

    while _held:
        os.close(_held.popitem()[1])
    before_s = time.time() - COPIES_KEPT_S
    for place in (stored.media(), stored.worked_out()):
        if isinstance(place, InBucket):
            place.forget_copies(before_s)
