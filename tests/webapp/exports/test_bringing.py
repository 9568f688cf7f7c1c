"""Other tools' lists: what we wrote comes back, what others write reads, what attacks is refused in a sentence."""

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from analysis.core.problems import InputProblem
from tests.factories import make_match, make_video
from tests.webapp.analytics.rooms import make_room, make_run
from tests.webapp.exports.sheets import EVENTS, sheet, written
from webapp.analytics.models import Period, SpottedAction
from webapp.annotation.models import Correction
from webapp.exports import bringing
from webapp.exports.clips import class_of
from webapp.exports.formats import longomatch_csv, soccernet_labels, sportscode_xml
from webapp.exports.imports import longomatch_csv as longomatch_reader
from webapp.exports.imports import soccernet_json
from webapp.exports.imports import sportscode_xml as sportscode_reader

EXAMPLES = Path(__file__).resolve().parents[4] / "shared" / "data" / "export_examples"
INSTANCE = (
    "<instance><ID>1.0</ID><end>9,5</end><start>12.25</start>{}<code>Corner</code></instance>"
)


def xml(inner: str) -> bytes:
    return f"<file><ALL_INSTANCES>{inner}</ALL_INSTANCES></file>".encode()


def test_what_we_write_for_sportscode_comes_back():
    clips = sportscode_reader.read(written(sportscode_xml))
    assert [(c.code, c.start_ms, c.end_ms, c.team) for c in clips] == [
        (e.label, e.begin_ms, e.end_ms, e.team) for e in EVENTS
    ]
    assert clips[2].player == "B and C (Lee)"


def test_what_we_write_for_longomatch_comes_back():
    clips = longomatch_reader.read(written(longomatch_csv))
    assert [(c.code, c.at_ms, c.team) for c in clips] == [
        (e.label, e.video_ms, e.team) for e in EVENTS
    ]
    assert clips[3].player == '=HYPERLINK("http://x")'


def test_what_we_write_for_soccernet_comes_back():
    clips = soccernet_json.read(written(soccernet_labels, sheet()))
    assert [(c.code, c.half, c.half_ms) for c in clips] == [
        ("Shots on target", 1, 792_720), ("Corner", 2, 369_840),
    ]  # fmt: skip


@pytest.mark.parametrize("mark", ["utf-8", "utf-8-sig", "utf-16"])
def test_tolerant_of_what_others_write(mark):
    note = "<free_text>B & C &lt;Lee&gt;</free_text><label><text>only text</text></label>"
    (clip,) = sportscode_reader.read(xml(INSTANCE.format(note)).decode().encode(mark))
    # Ends in the wrong order are swapped, decimal commas read, a bare & is one.
    assert (clip.start_ms, clip.end_ms, clip.note) == (9_500, 12_250, "B & C <Lee>")


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><file><ALL_INSTANCES/></file>'


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.xml", LAUGHS, "xml_with_dtd"),
        ("a.xml", b'<!doctype x SYSTEM "file:///etc/passwd"><file><ALL_INSTANCES/></file>', "xml_with_dtd"),
        ("a.xml", b"<file><ALL_INSTANCES>", "xml_broken"),
        ("a.xml", b"", "xml_broken"),
        ("a.xml", b"<svg/>", "xml_not_sportscode"),
        ("a.xml", xml(INSTANCE.format("") * 5_001), "file_too_many"),
        ("a.xml", b"x" * (20 * 1024**2 + 1), "file_too_large"),
        ("a.csv", b"CATEGORY: Goal\nName;Time;Start;Stop\nGoal 1;x;y;z\n", "csv_cell"),
        ("a.csv", b"a,b,c\n1,2,3\n", "file_unknown"),
        ("a.json", b"{", "json_broken"),
        ("a.json", b"{" * 100_000, "json_broken"),
        ("a.json", b'{"x": 1}', "json_not_soccernet"),
        ("a.json", b'{"annotations": [{"gameTime": "9 - x", "label": "Goal"}]}', "json_entry"),
        ("a.json", b'{"annotations": [3]}', "json_entry"),
        ("match.mp4", b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 64, "file_not_text"),
    ],
)  # fmt: skip
def test_each_bad_file_has_its_sentence(name, data, code):
    with pytest.raises(InputProblem) as refused:
        bringing.read(name, data)
    assert refused.value.code == code and refused.value.sentence.endswith(".")


def test_texts_become_classes():
    assert class_of("Home  Corner") == ("Corner", "home")
    assert class_of("AWAY kick off") == ("Kick-off", "away")
    assert class_of("yellow->red card") == ("Yellow->red card", "")
    # Nobody knows whether it was on target.
    assert class_of("Shot") == (None, "") and class_of("Away") == (None, "")


@pytest.mark.real
@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the examples lie beside the checkout")
@pytest.mark.parametrize(
    "name", ["sportscode.xml", "longomatch.csv", "Labels-v2.json", "results_spotting.json"]
)
def test_the_examples_read(name):
    clips = bringing.read(name, (EXAMPLES / name).read_bytes())
    assert [clip.code for clip in clips] == ["Kick-off", "Shot", "Corner", "Goal"]


@pytest.fixture
def match(team):
    match = make_match(team)
    make_run(match)
    video = make_video(match, duration_ms=6_000_000, start_ms=1_000)
    Period.objects.create(match=match, number=1, video=video, kickoff_ms=313_480)
    Period.objects.create(match=match, number=2, video=video, kickoff_ms=3_653_120)
    return match


@pytest.mark.django_db
def test_events_are_added_once_with_their_records(owner, match):
    clips = bringing.read("a.xml", written(sportscode_xml))
    first = bringing.bring(owner, match, clips, lead_ms=7_000)
    again = bringing.bring(owner, match, clips, lead_ms=7_000)
    assert (first.added, again.added, again.known) == (4, 0, 4)
    rows = list(SpottedAction.objects.order_by("position_ms"))
    # The video's first picture stands at one second.
    assert [row.position_ms for row in rows] == [e.video_ms + 1_000 for e in EVENTS]
    assert {(row.status, row.source, row.confidence_kind) for row in rows} == {
        ("added", "coach", "human")
    }
    assert [row.period_time_ms for row in rows] == [e.period_ms for e in EVENTS]
    assert rows[2].player_name == "B and C (Lee)" and rows[2].team == "away"
    assert Correction.objects.filter(user=owner, kind="add").count() == 4


@pytest.mark.django_db
def test_halves_count_from_their_kickoffs(owner, match):
    labels = {"annotations": [
        {"gameTime": "2 - 00:10", "label": "Corner", "position": "10250", "team": "away"},
        {"gameTime": "1 - 00:05", "label": "Unheard of", "position": "5000"},
        {"gameTime": "3 - 00:05", "label": "Goal", "position": "5000"},
    ]}  # fmt: skip
    result = bringing.bring(
        owner, match, bringing.read("x", json.dumps(labels).encode()), lead_ms=0
    )
    assert (result.added, result.outside, dict(result.unknown)) == (1, 1, {"Unheard of": 1})
    assert SpottedAction.objects.get().position_ms == 3_663_370
    assert "Unheard of (1)" in result.words


@pytest.mark.django_db
def test_the_page_brings_a_file(client, owner, team):
    match = make_room(team)
    client.force_login(owner)
    address = reverse("exports:bring", args=[match.pk])
    file = SimpleUploadedFile("edit list.xml", xml(INSTANCE.format("")), "text/xml")
    answer = client.post(address, {"file": file, "lead": "2"}, follow=True)
    assert b"1 event added as hand-made." in answer.content
    assert SpottedAction.objects.filter(status="added", position_ms=11_500).count() == 1
    bad = client.post(address, {"file": SimpleUploadedFile("a.xml", b"<"), "lead": "2"})
    assert bad.status_code == 200 and b"broken at line 1" in bad.content
