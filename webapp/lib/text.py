"""Text that people or their files bring in, made fit to keep and to show."""

import unicodedata

MAX_FILE_NAME = 200
UNITS = ("bytes", "KB", "MB", "GB", "TB")


def plain_file_name(name: str) -> str:
    """A user's file name as text to show: no folders, no control or direction marks, not too long, never empty.

    It is never used as a path; files on disk have names made by the server.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(char for char in last if unicodedata.category(char)[0] != "C").strip()
    if len(kept) > MAX_FILE_NAME:
        kept = f"{kept[: MAX_FILE_NAME - 13]}…{kept[-12:]}"
    return kept or "unnamed"


def bytes_in_words(n_bytes: int) -> str:
    """``1536`` as ``1.5 KB``: three figures at most, units of 1024."""
    value = float(n_bytes)
    for unit in UNITS:
        if value < 1024 or unit == UNITS[-1]:
            break
        value /= 1024
    return f"{value:.0f} {unit}" if unit == "bytes" or value >= 100 else f"{value:.1f} {unit}"
