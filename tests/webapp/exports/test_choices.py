"""The page that asks, the options in an address, packs with a manifest, matches of two videos, and memory."""

import io
import json
import zipfile

import psutil
import pytest
from django.db import connection
from django.urls import reverse

from tests.factories import make_match, make_video
from tests.webapp.analytics.rooms import make_room, make_run
from webapp.analytics.models import Period, SpottedAction
from webapp.exports import selectors, services, views
from webapp.exports.forms import options_of
from webapp.exports.sheet import Options

pytestmark = pytest.mark.django_db
EVENT_FORMATS = [n for n in services.format_names() if "tracking" not in n and n != "epts"]


def body(client, match, name, **query) -> bytes:
    answer = client.get(reverse("exports:download", args=[match.pk, name]), query)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_page_offers_every_format(client, owner, team):
    match = make_room(team)
    client.force_login(owner)
    text = client.get(reverse("exports:choose", args=[match.pk])).content.decode()
    for name in services.format_names():
        assert f'value="{name}"' in text
    assert set(views.ordered_names()) == set(services.format_names())


def test_the_page_leads_to_the_file(client, owner, team):
    match = make_room(team)
    client.force_login(owner)
    page = reverse("exports:choose", args=[match.pk])
    answer = client.get(
        page, {"format": "sportscode_xml", "lead": "3", "events": "all", "dialect": "comma"}
    )
    assert answer["Location"] == f"/matches/{match.pk}/download/sportscode_xml/?lead=3"
    assert client.get(page, {"format": "nonsense"}).status_code == 404


def test_a_match_without_a_result_has_nothing_to_offer(client, owner, team):
    match = make_match(team)
    client.force_login(owner)
    assert b"no finished analysis" in client.get(reverse("exports:choose", args=[match.pk])).content


def test_options_of_an_address():
    assert options_of({}) == Options()
    chosen = options_of(
        {"events": "sure", "lead": "2.5", "lag": "0", "whole_seconds": "on", "rate": "5"}
    )
    assert (chosen.least_confidence, chosen.lead_ms, chosen.lag_ms) == (0.5, 2500, 0)
    assert chosen.whole_seconds and chosen.rate_hz == 5
    for nonsense in (
        {"lead": "x"},
        {"lead": "-1"},
        {"lead": "nan"},
        {"system": "mars"},
        {"rate": "7"},
        {"least": "9"},
    ):
        assert options_of(nonsense) == Options()


def test_a_manifest_says_what_was_dropped(client, owner, team):
    match = make_room(team, halves=(1, 2))
    client.force_login(owner)
    packed = body(client, match, "spadl_partial", manifest="on")
    assert packed == body(client, match, "spadl_partial", manifest="on")
    found = unzipped(packed)
    told = json.loads(found["manifest.json"])
    assert set(found) == {"spadl_partial.csv", "manifest.json"}
    # Two events of a class SPADL lacks (out of play, substitution) and no team on the foul, in each half.
    assert told["dropped"] == {
        "events of classes that SPADL does not have": 4, "events without a place or a team": 2,
    }  # fmt: skip
    assert [p["home_attacks"] for p in told["periods"]] == ["right", "right"]
    assert told["periods"][0]["direction_is"] == "guessed from positions"
    assert told["models"]["spotting"] == "rules 1" and told["match"]["pitch_m"] == [105.0, 68.0]


def test_what_a_person_said_about_directions_wins(client, owner, team):
    match = make_room(team, halves=(1, 2))
    Period.objects.filter(match=match, number=2).update(home_attacks_right=False)
    sheet = selectors.sheet_of(owner, match, match.runs.get(), Options())
    assert sheet.facts.attacks_right(1, "home") is True
    assert sheet.facts.attacks_right(2, "home") is False and sheet.facts.attacks_right(2, "away")


def test_a_match_of_two_videos_becomes_two_lists_of_clips(client, owner, team):
    match = make_room(team, halves=(1, 2))
    client.force_login(owner)
    found = unzipped(body(client, match, "sportscode_xml"))
    assert set(found) == {"sportscode_xml_video1.xml", "sportscode_xml_video2.xml", "manifest.json"}
    assert found["sportscode_xml_video1.xml"].count(b"<instance>") == 11
    halves = unzipped(body(client, match, "chapters_vtt", per_half="on"))
    assert set(halves) == {"chapters_vtt_1h.vtt", "chapters_vtt_2h.vtt", "manifest.json"}


def test_an_offset_moves_clips_and_leaves_out_what_is_before_the_copy(client, owner, team):
    match = make_room(team)
    client.force_login(owner)
    found = unzipped(body(client, match, "chapters_vtt", offset="-20", manifest="on"))
    # Kick-off at 1.8 s and the throw-in at 14.4 s are before the other copy begins; the foul was at 21.6 s.
    assert found["chapters_vtt.vtt"].decode().split("\n")[3] == "00:00:00.000 --> 00:00:06.600"
    told = json.loads(found["manifest.json"])["dropped"]
    assert told == {"events outside the other copy of the video": 2}


def test_a_video_that_does_not_begin_at_zero(client, owner, team):
    match = make_match(team)
    run = make_run(match)
    video = make_video(match, start_ms=1_400, duration_ms=20_000)
    SpottedAction.objects.create(
        run=run, video=video, period=1, position_ms=2_400, label="Corner", confidence=0.9
    )
    client.force_login(owner)
    assert b"00:00:00.000 --> 00:00:06.000" in body(client, match, "chapters_vtt")
    assert b",2.400,00:00:02.400," in body(client, match, "events_csv")


def test_fewer_positions_a_second(client, owner, team):
    match = make_room(team)
    run = match.runs.get()
    counts = {}
    for rate in (0.0, 10.0, 1.0):
        sheet = selectors.sheet_of(owner, match, run, Options(rate_hz=rate))
        counts[rate] = len({spot.time_ms for _, spot in sheet.positions()})
    assert counts[0.0] == counts[10.0] and counts[1.0] == pytest.approx(counts[0.0] / 2, abs=1)


@pytest.mark.slow
def test_a_hundred_thousand_events_stream(owner, team):
    match = make_match(team)
    run = make_run(match)
    video = make_video(match, duration_ms=100_000_000)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO analytics_spottedaction (run_id, video_id, period, position_ms, label, confidence, x_m, y_m,"
            " team, confidence_kind, status, source, model_version, player_name, note, is_withheld)"
            " SELECT %s, %s, 1, 900 * i,"
            " CASE i %% 2 WHEN 0 THEN 'Corner' ELSE 'Foul' END, 0.9, 1, 1, 'home', 'raw', 'confirmed', 'model',"
            " '', '', '', false"
            " FROM generate_series(0, 99999) i",
            [run.pk, video.pk],
        )
    before = psutil.Process().memory_info().rss
    for name in EVENT_FORMATS:
        pieces = services.download(owner, match, run, name, Options()).pieces
        first = next(pieces)
        grown = [
            psutil.Process().memory_info().rss - before for i, _ in enumerate(pieces) if i % 50 == 0
        ]
        assert len(first) > 40 or grown, name
        assert max(grown, default=0) < 200 * 1024**2, name
