"""Pictures on disk: the one place that reads and writes them. RGB outside, whatever the file holds inside."""

from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.problems import InputProblem

IMAGE_ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"RIFF")
_MAX_BYTES = 256 * 1024**2
_MAX_PIXELS = 8192 * 8192


def image_paths(path: Path) -> list[Path]:
    """The picture itself, or the pictures in a folder (not below it) sorted by name.

    Raises:
        InputProblem: ``image_missing`` when there is nothing.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise InputProblem(
            "image_missing", f"There is no file or folder {path.name!r}; check the name."
        )
    found = sorted(p for p in path.iterdir() if p.suffix.lower() in IMAGE_ENDINGS and p.is_file())
    if not found:
        raise InputProblem(
            "image_missing",
            f"The folder {path.name!r} holds no pictures; name one with JPEG or PNG files.",
        )
    return found


def read_image(path: Path) -> NDArray[np.uint8]:
    """A picture as (H, W, 3) uint8 RGB, turned as its camera noted.

    Raises:
        InputProblem: ``image_missing``, or ``image_unreadable`` when it is no JPEG, PNG, BMP or WebP, or damaged.
    """
    if not path.is_file():
        raise InputProblem("image_missing", f"There is no picture {path.name!r}; check the name.")
    refusal = InputProblem(
        "image_unreadable", f"{path.name!r} cannot be read as a picture; use a JPEG or PNG file."
    )
    if path.stat().st_size > _MAX_BYTES:
        raise refusal
    raw = path.read_bytes()
    if not raw.startswith(_MAGIC):
        raise refusal
    size = declared_size(raw)
    if size is not None and size[0] * size[1] > _MAX_PIXELS:
        # Asked before a byte is unpacked: a few kilobytes can declare more pixels than there is memory.
        raise refusal
    try:
        image = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise refusal from error
    if image is None or image.shape[0] * image.shape[1] > _MAX_PIXELS:
        raise refusal
    return np.ascontiguousarray(image[:, :, ::-1])


def declared_size(raw: bytes) -> tuple[int, int] | None:
    """(width, height) that a JPEG, PNG, BMP or WebP says of itself in its first bytes; None when it does not say."""
    if raw.startswith(b"\x89PNG"):
        return (_number(raw, 16, 4), _number(raw, 20, 4)) if len(raw) >= 24 else None
    if raw.startswith(b"BM"):
        size = (_number(raw, 18, 4, "little"), _number(raw, 22, 4, "little"))
        return size[0], min(
            size[1], 2**32 - size[1]
        )  # a height below zero means that rows run downwards
    if raw.startswith(b"RIFF"):
        return _size_of_webp(raw)
    return _size_of_jpeg(raw)


def _number(raw: bytes, at: int, n_bytes: int, order: Literal["big", "little"] = "big") -> int:
    return int.from_bytes(raw[at : at + n_bytes], order)


def _size_of_webp(raw: bytes) -> tuple[int, int] | None:
    kind = raw[12:16]
    if kind == b"VP8X":
        return _number(raw, 24, 3, "little") + 1, _number(raw, 27, 3, "little") + 1
    if kind == b"VP8L":
        bits = _number(raw, 21, 4, "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return _number(raw, 26, 2, "little") & 0x3FFF, _number(raw, 28, 2, "little") & 0x3FFF
    return None


def _size_of_jpeg(raw: bytes) -> tuple[int, int] | None:
    """The largest frame that any start-of-frame segment declares."""
    at, largest = 2, None
    while at + 9 < len(raw) and raw[at] == 0xFF:
        marker = raw[at + 1]
        if marker in range(0xC0, 0xD0) and marker not in (0xC4, 0xC8, 0xCC):
            found = (_number(raw, at + 7, 2), _number(raw, at + 5, 2))
            largest = max(largest or found, found, key=lambda size: size[0] * size[1])
        if marker == 0xDA:
            break
        at += 1 if marker == 0xFF else 2 + _number(raw, at + 2, 2)
    return largest


def write_image(path: Path, image: NDArray[np.uint8], *, quality: int = 88) -> None:
    """Store (H, W, 3) uint8 RGB; the ending names the format. The file appears whole or not at all.

    Args:
        path: target.
        image: the picture.
        quality: of JPEG and WebP, 0 to 100.
    """
    options = {".jpg": cv2.IMWRITE_JPEG_QUALITY, ".jpeg": cv2.IMWRITE_JPEG_QUALITY}
    flag = options.get(path.suffix.lower())
    done, raw = cv2.imencode(path.suffix, image[:, :, ::-1], [flag, quality] if flag else [])
    if not done:
        raise ValueError(f"no picture format is called {path.suffix!r}")
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(raw.tobytes())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def recompressed(image: NDArray[np.uint8], *, quality: int) -> NDArray[np.uint8]:
    """An RGB picture (H, W, 3) as it looks after a round through JPEG; for training on worse pictures."""
    _, raw = cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(cv2.imdecode(raw, cv2.IMREAD_COLOR)[:, :, ::-1])
