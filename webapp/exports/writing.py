"""Small tools of the writers: pieces become chunks, texts lose what a format cannot carry."""

import json
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

CHUNK = 32_768
# Characters that XML 1.0 cannot hold in any spelling, the halves of broken pairs among them.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN = str.maketrans({"ß": "ss", "Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "Đ": "D", "đ": "d", "Ł": "L", "ł": "l",
                        "Þ": "Th", "þ": "th", "ı": "i", "Œ": "OE", "œ": "oe", "–": "-", "—": "-", "’": "'", "‘": "'",
                        "“": '"', "”": '"', "…": "..."})  # fmt: skip


def chunks(texts: Iterable[str], encoding: str = "utf-8") -> Iterator[bytes]:
    """Join small texts into pieces of some 32 KB."""
    held: list[str] = []
    size = 0
    for text in texts:
        held.append(text)
        size += len(text)
        if size >= CHUNK:
            yield "".join(held).encode(encoding, "replace")
            held, size = [], 0
    if held:
        yield "".join(held).encode(encoding, "replace")


def one_line(text: str) -> str:
    """Without line breaks, tabs, control marks and marks that turn the direction of writing; blanks joined."""
    kept = "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"} or char == "\u200d"
    )  # fmt: skip
    return " ".join(kept.split())


def ascii_text(text: str) -> str:
    """The nearest text in ASCII: accents fall, what has no likeness becomes ``?``."""
    parts = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return (
        "".join(c for c in parts if not unicodedata.combining(c))
        .encode("ascii", "replace")
        .decode()
    )


def xml_text(text: str) -> str:
    """Text for strict XML: escaped, without what XML cannot hold."""
    kept = _NOT_XML.sub("", one_line(text))
    return (
        kept.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )


def as_json(value: Any) -> str:
    """One value on one line; not-a-number is refused rather than written."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def json_list(items: Iterable[Any], indent: str) -> Iterator[str]:
    """``[`` to ``]`` with an item a line, made while it is read."""
    yield "["
    is_first = True
    for item in items:
        yield ("\n" if is_first else ",\n") + indent + " " + as_json(item)
        is_first = False
    yield "]" if is_first else f"\n{indent}]"


class _Pipe:
    """What ``zipfile`` writes to: a place that cannot be sought, emptied after every piece."""

    def __init__(self) -> None:
        self.held: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self.held.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits here."""

    def taken(self) -> bytes:
        whole = b"".join(self.held)
        self.held.clear()
        return whole


def zipped(files: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
    """A ZIP that is made while it is read; equal files give equal bytes, since no time is written."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name, pieces in files:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with archive.open(entry, "w", force_zip64=True) as place:
                for piece in pieces:
                    place.write(piece)
                    if held := pipe.taken():
                        yield held
    if held := pipe.taken():
        yield held


def counted(dropped: Mapping[str, int]) -> dict[str, int]:
    """What was dropped, in a stable order."""
    return dict(sorted(dropped.items()))
