"""Names that attack spreadsheets, parsers and readers, through every format; strange matches too."""

import csv
import gzip
import io
import json
import xml.etree.ElementTree as ElementTree
import zlib
from dataclasses import replace

import pytest

from tests.webapp.exports.sheets import FACTS, HOSTILE, SPOTS, event, sheet
from webapp.exports import services
from webapp.exports.formats import sportscode_xml
from webapp.exports.sheet import Half, Options

ALL = services.format_names()
LABELS = ("Corner", "Goal", "Foul", "=cmd|' /C calc'!A0")


def hostile_sheet():
    events = [
        event(i, 400_000 + 1000 * i, LABELS[i % 4], team=("home", "away", "")[i % 3], player=name, jersey=name,
              note=name, xy_m=(1.0, 2.0), status=("auto", "added")[i % 2])
        for i, name in enumerate(HOSTILE)
    ]  # fmt: skip
    facts = replace(
        FACTS, home=HOSTILE[0], away=HOSTILE[1], title="".join(HOSTILE), team="../../etc"
    )
    return sheet(events, SPOTS, facts)


def files(name: str, made, **options) -> list[bytes]:
    """The files of a format, unpacked where they are packed."""
    form, options = services.format_module(name), replace(Options(), **options)
    packed = [b"".join(p) for _, p in form.files(made, options)] if hasattr(form, "files") else []
    whole = packed or [b"".join(form.pieces(made, options))]
    return [gzip.decompress(each) if each[:2] == b"\x1f\x8b" else each for each in whole]


def cells(data: bytes) -> list[str]:
    text = data.decode("utf-8-sig")
    separator = ";" if text.startswith("CATEGORY") else ","
    return [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in row]  # fmt: skip


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("name", ALL)
def test_every_format_survives_hostile_names(name):
    form = services.format_module(name)
    for data in files(name, hostile_sheet()):
        text = data.decode("utf-8")
        assert "\u202e" not in text or name == "events_csv", "our own file keeps texts as they are"
        if form.EXTENSION.startswith("csv"):
            assert not [c for c in cells(data) if c[:1] in tuple("=+-@\t\r\n") and not is_number(c)]
        elif "json" in form.EXTENSION or form.EXTENSION == "SCTimeline":
            lines = text.splitlines() if "jsonl" in form.EXTENSION else [text]
            for line in lines:
                json.loads(line)
        elif text.startswith("<?xml"):
            ElementTree.fromstring(text)
        elif form.EXTENSION == "html":
            assert "<Lee>" not in text and "<script" not in text


def test_sportscode_needs_no_entity_and_no_escape():
    (data,) = files("sportscode_xml", hostile_sheet())
    text = data.decode()
    assert "&" not in text and "<!" not in text
    names = [label.findtext("text") for label in ElementTree.fromstring(text).iter("label")]
    assert "B and C (Lee)" in names and "x" * 300 in names and "Ünïcødé Ñandú 選手 ⚽👩‍⚽" in names
    plain = files("sportscode_xml", hostile_sheet(), ascii_only=True)[0]
    assert plain.isascii() and ElementTree.fromstring(plain) is not None


@pytest.mark.parametrize("name", ALL)
def test_a_match_without_events_or_positions(name):
    for data in files(name, sheet([], [])):
        text = data.decode("utf-8-sig")
        assert "None" not in text and "nan" not in text
        if text.startswith("<?xml"):
            ElementTree.fromstring(text)


@pytest.mark.parametrize("name", ALL)
def test_first_and_last_picture_before_the_kickoff_and_extra_time(name):
    facts = replace(FACTS, halves=(*FACTS.halves, Half(3, 7, 5_000_000, None, None)))
    odd = [
        event(1, 0, "Foul", begin_ms=0, end_ms=5000),
        event(2, 100_000, "Corner", team="home", xy_m=(1, 1)),
        event(3, 5_100_000, "Goal", period=3, period_ms=100_000, team="away", xy_m=(1, 1)),
        event(4, 6_000_000, "Corner", period=3, period_ms=1_000_000, begin_ms=5_993_000, end_ms=6_000_000),
        event(5, 6_000_000, "Offside", period=9, period_ms=1, begin_ms=6_000_000, end_ms=6_000_000),
    ]  # fmt: skip
    for data in files(name, sheet(odd, [], facts)):
        data.decode()
    if name == "sportscode_xml":
        found = ElementTree.fromstring(data)
        ids = [int(each.findtext("ID")) for each in found.iter("instance")]
        spans = [
            (float(e.findtext("start")), float(e.findtext("end"))) for e in found.iter("instance")
        ]
        assert ids == list(range(1, len(ids) + 1))
        assert all(0 <= start < end for start, end in spans)


@pytest.mark.parametrize("fps", [29.97, 50.0, 59.94, None])
def test_frames_only_where_the_rate_is_constant(fps):
    film = replace(FACTS.films[0], fps=fps, is_constant_rate=fps is not None)
    odd = [event(1, 400_000, "Corner", frame=None if fps is None else round(400 * fps))]
    for name in ALL:
        for data in files(name, sheet(odd, SPOTS, replace(FACTS, films=(film,)))):
            if name == "tracking_csv":
                frame = data.decode().split("\n")[1].split(",")[2]
                assert frame == ("" if fps is None else "7812")


def test_numbers_stay_numbers():
    (data,) = files("events_csv", sheet([event(1, 400_000, "Corner", xy_m=(-52.5, -34.0))]))
    assert "-52.50,-34.00" in data.decode() and "'-52" not in data.decode()


def test_marks_of_kickoffs_are_as_long_as_they_say():
    found = ElementTree.fromstring(files("sportscode_xml", sheet([]))[0])
    marks = [(i.findtext("code"), i.findtext("start")) for i in found.iter("instance")]
    assert marks == [("Start 1H", "312.480"), ("Start 2H", "3652.120")]
    assert sportscode_xml.seconds(5, 5, whole=False) == ("0.005", "0.006")


def test_gzip_is_a_whole_stream():
    packed = b"".join(services.format_module("tracking_csv").pieces(sheet(spots=SPOTS), Options()))
    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    reader.decompress(packed)
    assert reader.eof
