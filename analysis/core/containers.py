"""Which container a file is, judged by its first bytes alone, before any demuxer sees it.

A playlist or a concat script with the name ``match.mp4`` would make a demuxer that guesses open *other* files; so the
first bytes decide, everything else is refused, and the demuxer is then forced (``analysis.video``).
"""

CONTAINERS = ("mov", "matroska", "avi", "mpegts")
HEAD_BYTES = 4096
_MOV_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
_TS_SYNC = 0x47
# (offset of the first sync byte, packet length): broadcast streams, and camcorders' time-stamped packets.
_TS_LAYOUTS = ((0, 188), (4, 192))


def container_of(head: bytes) -> str | None:
    """The container that a file's first ``HEAD_BYTES`` speak for, or None when it is none we read.

    Args:
        head: the beginning of the file; fewer bytes for shorter files.
    """
    if head[4:8] in _MOV_BOXES and _plausible_box(head):
        return "mov"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    if head[:4] == b"RIFF" and head[8:11] == b"AVI":
        return "avi"
    for offset, length in _TS_LAYOUTS:
        marks = [head[i : i + 1] for i in range(offset, offset + 3 * length, length)]
        if all(mark and mark[0] == _TS_SYNC for mark in marks):
            return "mpegts"
    return None


def _plausible_box(head: bytes) -> bool:
    """Whether the first box's length can be one: 0 (to the end), 1 (64-bit length follows) or at least 8."""
    length = int.from_bytes(head[:4], "big")
    return length in (0, 1) or length >= 8
