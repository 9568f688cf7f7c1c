"""sha256 of big files, remembered beside the artifacts so that no file is hashed twice."""

import hashlib
import json
import os
from pathlib import Path


def sha256_of(path: Path, cache: Path | None = None) -> str:
    """Hexadecimal sha256 of a file.

    Args:
        path: the file.
        cache: folder of remembered digests, created when needed. A digest counts while the file's place, size, inode
            and time of change stay the same; without a folder the file is always read.
    """
    note = None if cache is None else cache / f"{_name(path)}.json"
    stamp = _stamp(path)
    if note is not None and (known := _known(note, stamp)):
        return known
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    if note is not None and _stamp(path) == stamp:
        note.parent.mkdir(parents=True, exist_ok=True)
        part = note.with_suffix(f".part-{os.getpid()}")
        part.write_text(json.dumps({"stamp": stamp, "sha256": digest}), encoding="utf-8")
        part.replace(note)
    return digest


def _name(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def _known(note: Path, stamp: list[int]) -> str | None:
    try:
        known = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return str(known["sha256"]) if known.get("stamp") == stamp else None
