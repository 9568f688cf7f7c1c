"""Opens a video file for PyAV with one forced demuxer, and sees by the file's own lengths whether it was cut short."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

import av
from av.container import InputContainer

from analysis.core.containers import HEAD_BYTES, container_of
from analysis.core.problems import InputProblem
from analysis.video.limits import (
    DEFAULT_LIMITS,
    DEMUXERS,
    FORMAT_WHITELIST,
    PROTOCOL_WHITELIST,
    Limits,
)

av.logging.set_level(None)

# Top-level boxes; other bytes behind them are left-overs of editing programs, not a sign of a missing end.
_MOV_BOXES = frozenset(
    b"ftyp moov mdat moof mfra free skip wide sidx styp udta meta uuid pnot beam emsg".split()
)
_CUT_SHORT = (
    "The file is cut short: its end is missing. Copy or upload it again, from the beginning."
)


def checked_container(path: Path, limits: Limits = DEFAULT_LIMITS) -> str:
    """Container of a file by its first bytes, after the checks that need no demuxer.

    Raises:
        InputProblem: missing, not a regular file, empty, too big, no container that we read, or cut short.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise InputProblem(
            "video_missing", f"There is no file {path.name!r}; check the name and the folder."
        ) from error
    if not stat.S_ISREG(status.st_mode):
        raise InputProblem("video_not_a_file", f"{path.name!r} is not a file; name a video file.")
    if status.st_size == 0:
        raise InputProblem("video_empty", f"{path.name!r} is empty; choose the real video file.")
    if status.st_size > limits.max_bytes:
        raise InputProblem(
            "video_too_big",
            f"{path.name!r} is larger than {limits.max_bytes / 1024**3:.0f} GB; export it with a lower bit rate.",
        )
    with path.open("rb") as opened:
        container = container_of(opened.read(HEAD_BYTES))
        if container is None:
            raise InputProblem(
                "video_not_a_container",
                f"{path.name!r} is not a video that can be read; use an MP4, MOV, MKV, WebM, AVI or TS file.",
            )
        if _ends_early(opened, container, status.st_size):
            raise InputProblem("video_truncated", _CUT_SHORT)
    return container


def open_video(path: Path, container: str, limits: Limits = DEFAULT_LIMITS) -> InputContainer:
    """The demuxer of ``container`` on a local file; no other demuxer and no other protocol can come into play.

    Raises:
        InputProblem: ``video_unreadable`` when the demuxer gives up.
    """
    # The prefix keeps names such as "concat:a|b" or "-" from being read as anything but a file.
    address = "file:" + os.fspath(path.resolve())
    options = {"format_whitelist": FORMAT_WHITELIST, "protocol_whitelist": PROTOCOL_WHITELIST}
    try:
        return av.open(
            address,
            format=DEMUXERS[container],
            options=options,
            timeout=(limits.open_timeout_s, limits.open_timeout_s),
            metadata_errors="replace",
        )
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise InputProblem(
            "video_unreadable",
            f"{path.name!r} is damaged or incomplete: its index cannot be read. Export or upload it again.",
        ) from error


def _ends_early(opened: BinaryIO, container: str, size_bytes: int) -> bool:
    """Whether the container's own lengths reach beyond the file's end."""
    if container == "mov":
        return _mov_ends_early(opened, size_bytes)
    opened.seek(0)
    head = opened.read(64)
    if container == "avi":
        return int.from_bytes(head[4:8], "little") > size_bytes
    if container == "matroska":
        return _matroska_ends_early(head, size_bytes)
    return False


def _mov_ends_early(opened: BinaryIO, size_bytes: int) -> bool:
    position = 0
    while position + 8 <= size_bytes:
        opened.seek(position)
        head = opened.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if head[4:8] not in _MOV_BOXES or length == 0:
            return (
                False  # bytes after the last box harm nobody, and a length of 0 means "to the end"
            )
        if length < 8:
            return False
        position += length
    return position > size_bytes


def _matroska_ends_early(head: bytes, size_bytes: int) -> bool:
    header = _ebml_length(head, 4)
    if header is None:
        return False
    start = sum(header)
    if head[start : start + 4] != b"\x18\x53\x80\x67":
        return False
    segment = _ebml_length(head, start + 4)
    return segment is not None and sum(segment) > size_bytes


def _ebml_length(head: bytes, offset: int) -> tuple[int, int] | None:
    """(offset of the content, its length) of the EBML element whose length field is at ``offset``; None if unknown."""
    if offset >= len(head) or head[offset] == 0:
        return None
    n_bytes = 9 - head[offset].bit_length()
    value = int.from_bytes(head[offset : offset + n_bytes], "big")
    bits = 7 * n_bytes
    value &= (1 << bits) - 1
    return None if value == (1 << bits) - 1 else (offset + n_bytes, value)
