"""A team's own buttons: what they may be, what pressing one leaves behind, and what other tools are told of it."""

import csv
import io
import xml.etree.ElementTree as ET

import pytest

from analysis.core.problems import InputProblem
from tests.webapp.analytics.rooms import make_room
from webapp.analytics.models import AnalysisRun, SpottedAction
from webapp.annotation import carrying, services, tagging
from webapp.annotation.models import Correction, Kind
from webapp.exports.services import download
from webapp.exports.sheet import Options
from webapp.playlists import services as playlists
from webapp.playlists.models import Playlist

pytestmark = pytest.mark.django_db


@pytest.fixture
def match(team):
    return make_room(team, duration_ms=60_000)


@pytest.fixture
def run(match):
    return AnalysisRun.objects.get(match=match)


@pytest.fixture
def button(team):
    return tagging.save(
        team, tagging.Wish("Second ball", "b", "#bf3aa6", lead_ms=3_000, lag_ms=2_500, side="away")
    )


def press(user, run, button, at_ms=20_000):
    return tagging.press(user, run, run.match.videos.get(), button, at_ms)


def written(user, match, name, **options):
    run = match.runs.get()
    return b"".join(download(user, match, run, name, Options(**options)).pieces).decode("utf-8-sig")


def test_pressing_is_a_record_that_can_be_taken_back(owner, run, button):
    record = press(owner, run, button)
    event = record.action
    assert (record.kind, record.user_name, record.before) == (Kind.ADD, owner.email, {})
    assert (event.label, event.team, event.position_ms) == ("Second ball", "away", 20_000)
    assert (event.source, event.status, event.confidence_kind) == ("coach", "added", "human")
    assert (record.after["lead_ms"], record.after["lag_ms"]) == (3_000, 2_500)
    services.undo(owner, run.match)
    event.refresh_from_db()
    assert event.status == "rejected"
    services.redo(owner, run.match)
    event.refresh_from_db()
    assert event.status == "added" and Correction.objects.filter(action=event).count() == 3


def test_a_changed_button_leaves_its_events_as_they_were(owner, run, button, team):
    event = press(owner, run, button).action
    tagging.save(team, tagging.Wish("Second ball", "b", "#000000", 1_000, 1_000), button)
    event.refresh_from_db()
    assert (event.lead_ms, event.lag_ms, event.team) == (3_000, 2_500, "away")
    tagging.remove(button)
    assert tagging.buttons_of(owner, team) == []
    assert tagging.colours_of(team) == {"Second ball": "#000000"}
    back = tagging.save(team, tagging.Wish("Second ball"))
    assert back.pk == button.pk and not back.is_gone


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (tagging.Wish("  "), "tag_label"),
        (tagging.Wish("x" * 41), "tag_label"),
        (tagging.Wish("bell\x07"), "tag_label"),
        (tagging.Wish("corner"), "tag_label_taken"),
        (tagging.Wish("second BALL"), "tag_label_taken"),
        (tagging.Wish("Press", "1"), "tag_key"),
        (tagging.Wish("Press", "ab"), "tag_key"),
        (tagging.Wish("Press", "b"), "tag_key_taken"),
        (tagging.Wish("Press", colour="red"), "tag_colour"),
        (tagging.Wish("Press", lead_ms=-1), "tag_length"),
        (tagging.Wish("Press", lag_ms=120_001), "tag_length"),
        (tagging.Wish("Press", side="north"), "team_unknown"),
    ],
)
def test_what_a_button_cannot_be(team, button, wish, code):
    with pytest.raises(InputProblem) as problem:
        tagging.save(team, wish)
    assert problem.value.code == code


def test_a_panel_is_not_endless(team, monkeypatch, button):
    monkeypatch.setattr(tagging, "MOST_BUTTONS", 1)
    with pytest.raises(InputProblem, match="at most 1"):
        tagging.save(team, tagging.Wish("Press"))


def test_a_label_of_another_team_is_not_known(owner, outsider, run, team):
    theirs = outsider.memberships.get().team
    tagging.save(theirs, tagging.Wish("Theirs"))
    event = SpottedAction.objects.filter(run=run).first()
    with pytest.raises(InputProblem, match="pick one of the list"):
        services.relabel(owner, event, "Theirs")
    tagging.save(team, tagging.Wish("Ours"))
    services.relabel(owner, event, "Ours")
    assert SpottedAction.objects.get(pk=event.pk).label == "Ours"


def test_sportscode_gets_code_colour_and_the_buttons_lengths(owner, match, run, button):
    press(owner, run, button)
    found = ET.fromstring(written(owner, match, "sportscode_xml", lead_ms=7_000, lag_ms=5_000))
    instance = next(i for i in found.iter("instance") if i.findtext("code") == "Second ball")
    assert (instance.findtext("start"), instance.findtext("end")) == ("17.000", "22.500")
    row = next(r for r in found.iter("row") if r.findtext("code") == "Second ball")
    assert [row.findtext(c) for c in "RGB"] == [str(v * 257) for v in (0xBF, 0x3A, 0xA6)]
    corner = next(i for i in found.iter("instance") if i.findtext("code") == "Corner")
    assert float(corner.findtext("end")) - float(corner.findtext("start")) == 12


def test_the_csv_has_it_with_its_clip(owner, match, run, button):
    press(owner, run, button)
    rows = list(csv.DictReader(io.StringIO(written(owner, match, "events_csv"))))
    row = next(row for row in rows if row["label"] == "Second ball")
    assert (row["clip_start_s"], row["clip_end_s"]) == ("17.000", "22.500")


def test_a_hostile_name_harms_no_format(owner, match, run, team):
    from webapp.exports.services import format_names

    button = tagging.save(team, tagging.Wish("=HYPERLINK(1)<&>\"'"))
    press(owner, run, button)
    for name in format_names():
        run_of = match.runs.get()
        text = b"".join(download(owner, match, run_of, name, Options()).pieces)
        assert text
    assert "'=HYPERLINK" in written(owner, match, "events_csv")
    ET.fromstring(written(owner, match, "sportscode_xml"))
    assert "<&>" not in written(owner, match, "match_report")


def test_playlists_take_all_of_its_kind_with_its_lengths(owner, match, run, button, team):
    for at_ms in (10_000, 30_000):
        press(owner, run, button, at_ms)
    lead_ms, lag_ms = playlists.length_of(team, "Second ball")
    assert (lead_ms, lag_ms) == (3_000, 2_500)
    playlist = Playlist.objects.create(team=team, title="Second balls")
    actions = playlists.match_events(match, "Second ball", run.pk)
    clips = playlists.add_events(playlist, actions, lead_ms=lead_ms, lag_ms=lag_ms)
    assert [(c.start_ms, c.end_ms) for c in clips] == [(7_000, 12_501), (27_000, 32_501)]


def test_a_new_analysis_keeps_it(owner, match, run, button):
    press(owner, run, button)
    fresh = AnalysisRun.objects.create(match=match, state="finished", verdict="ok")
    carrying.carry_over(fresh)
    kept = SpottedAction.objects.get(run=fresh, label="Second ball")
    assert (kept.position_ms, kept.lead_ms, kept.lag_ms) == (20_000, 3_000, 2_500)


def test_by_page_and_by_api(client, owner, match, team):
    client.force_login(owner)
    made = client.post(
        f"/teams/{team.pk}/tags", {"label": "High press", "key": "H", "lead_s": "4", "lag_s": "0.5"}
    )
    row = made.json()["buttons"][0]
    assert (row["label"], row["key"], row["lead_s"], row["lag_s"]) == ("High press", "h", 4.0, 0.5)
    assert made.json()["looks"]["High press"]["colour"] == row["colour"]
    video = match.videos.get()
    said = client.post(
        f"/matches/{match.pk}/corrections",
        {"kind": "add", "button": row["id"], "video": video.pk, "position_ms": 9_000},
    )
    assert said.json()["event"]["label"] == "High press" and "High press" in said.json()["undo"]
    answer = client.post(
        f"/api/v1/matches/{match.pk}/events",
        {"video": video.pk, "position_ms": 11_000, "button": row["id"]},
        content_type="application/json",
    )
    assert answer.status_code == 201 and answer.json()["lead_ms"] == 4_000
    both = {"video": video.pk, "position_ms": 1, "button": row["id"], "label": "Goal"}
    assert (
        client.post(
            f"/api/v1/matches/{match.pk}/events", both, content_type="application/json"
        ).status_code
        == 400
    )
    changed = client.patch(
        f"/api/v1/teams/{team.pk}/tag-buttons/{row['id']}",
        {"lag_ms": 900},
        content_type="application/json",
    )
    assert changed.json()["lag_ms"] == 900 and changed.json()["label"] == "High press"
    bad = client.post(f"/teams/{team.pk}/tags", {"label": "X", "lead_s": "long"})
    assert bad.status_code == 400 and "seconds" in bad.json()["error"]
