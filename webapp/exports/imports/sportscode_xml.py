"""Sportscode's XML edit list as every tool writes it: entities or bare ``&``, commas, any order, UTF-16."""

import math
import re
import xml.etree.ElementTree as ElementTree

from analysis.core.problems import InputProblem
from webapp.exports.clips import MAX_EVENTS, Clip, decoded

TITLE = "Sportscode XML"
WORDS = "The edit list of Sportscode, Nacsport, LongoMatch Pro and others (.xml)."
_BARE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_MARK = re.compile(r"^start( \w+)?$|^\d ?h$", re.IGNORECASE)


def looks_like(name: str, text: str) -> bool:
    """Whether a file is of this kind."""
    return "<ALL_INSTANCES" in text or name.lower().endswith(".xml")


def read(data: bytes) -> list[Clip]:
    """The instances of a file.

    Raises:
        InputProblem: ``xml_with_dtd``, ``xml_broken``, ``xml_not_sportscode``, ``file_too_many``.
    """
    text = decoded(data)
    if re.search(r"<!(doctype|entity)", text, re.IGNORECASE):
        raise InputProblem(
            "xml_with_dtd", "This XML declares its own entities, which edit lists never do; choose another file."
        )  # fmt: skip
    text = _BARE.sub("&amp;", _CONTROL.sub("", _DECLARED.sub("", text)))
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        line = error.position[0]
        raise InputProblem(
            "xml_broken", f"This XML is broken at line {line}; export it again from the other tool."
        ) from error
    instances = root.findall(".//instance")
    if root.find(".//ALL_INSTANCES") is None and not instances:
        raise InputProblem(
            "xml_not_sportscode",
            "This XML has no instances, so it is no edit list of Sportscode; choose another file.",
        )
    if len(instances) > MAX_EVENTS:
        raise InputProblem(
            "file_too_many", f"This file has over {MAX_EVENTS} instances; bring it in parts."
        )
    clips = (_clip(each) for each in instances)
    return [clip for clip in clips if clip is not None]


def _clip(found: ElementTree.Element) -> Clip | None:
    code = (found.findtext("code") or "").strip()
    start, end = _seconds(found.findtext("start")), _seconds(found.findtext("end"))
    if not code or start is None or _MARK.match(code):
        return None
    end = start if end is None else end
    labels = {
        (label.findtext("group") or "").strip().casefold(): (label.findtext("text") or "").strip()
        for label in found.findall("label")
    }
    team = labels.get("team", "").casefold()
    return Clip(
        code, round(1000 * min(start, end)), round(1000 * max(start, end)),
        team=team if team in ("home", "away") else "", player=labels.get("player", "")[:80],
        note=(found.findtext("free_text") or "").strip()[:500],
    )  # fmt: skip


def _seconds(text: str | None) -> float | None:
    try:
        value = float((text or "").strip().replace(",", "."))
    except ValueError:
        return None
    return max(0.0, value) if math.isfinite(value) and value < 1e6 else None
