"""The API of playlists, set-up, teams, the camera and the layer: what the pages do, by the same rules."""

import json

import pytest

from tests.factories import make_member
from tests.webapp.analytics.rooms import make_room
from webapp.analytics.models import AnalysisRun, CalibrationSample, SpottedAction
from webapp.annotation.models import LayerJob
from webapp.api import tokens
from webapp.playlists.models import Playlist, Reel
from workers.tasks.layers import work_on_layer
from workers.tasks.repairs import repair_camera

pytestmark = pytest.mark.django_db


@pytest.fixture
def match(team):
    return make_room(team, duration_ms=90_000)


@pytest.fixture
def ask(client, owner):
    """``ask(method, address, data)``: (status, answer), as a script with a token of all scopes."""
    secret = tokens.make(owner, "test", ["read", "write", "export"], 1)[1]

    def ask(method, address, data=None):
        more = (
            {} if data is None else {"data": json.dumps(data), "content_type": "application/json"}
        )
        answer = getattr(client, method)(
            f"/api/v1/{address}", headers={"Authorization": f"Bearer {secret}"}, **more
        )
        return answer.status_code, answer.json() if answer.content else None

    return ask


def test_a_playlist_from_empty_to_a_film(ask, team, match, settings, tmp_path, client):
    settings.MEDIA_ROOT = tmp_path
    status, made = ask("post", "playlists", {"team": team.pk, "title": "Corners"})
    assert status == 201
    here = f"playlists/{made['id']}"
    corner = SpottedAction.objects.get(label="Corner")
    video = match.videos.get()
    asked = {"match": match.pk, "event": corner.pk, "lead_ms": 2000, "lag_ms": 1000}
    status, clips = ask("post", f"{here}/clips", asked)
    assert status == 201
    assert clips[0]["start_ms"] == corner.position_ms - 2000
    assert clips[0]["end_ms"] == corner.position_ms + 1001
    ask("post", f"{here}/clips", {"match": match.pk, "label": "Kick-off"})
    stretch = {
        "match": match.pk,
        "video": video.pk,
        "start_ms": 1000,
        "end_ms": 4000,
        "title": "Press",
    }
    ask("post", f"{here}/clips", stretch)
    listed = ask("get", f"{here}/clips")[1]
    assert listed["count"] == 4 and listed["results"][-1]["title"] == "Press"
    last = f"{here}/clips/{listed['results'][-1]['id']}"
    arrow = {"kind": "arrow", "points": [[0, 0], [1, 1]], "colour": "#ffffff"}
    drawing = [{"at_ms": 2000, "hold_ms": 1000, "shapes": [arrow]}]
    status, changed = ask("patch", last, {"title": "High press", "step": -1, "stills": drawing})
    assert (
        status == 200 and changed["title"] == "High press" and changed["stills"][0]["at_ms"] == 2000
    )
    assert ask("get", f"{here}/clips")[1]["results"][-2]["title"] == "High press"
    assert ask("patch", last, {"end_ms": 500})[1]["code"] == "clip_empty"
    assert ask("delete", last)[0] == 204
    status, film = ask("post", f"{here}/films", {"with_titles": False})
    assert status == 202 and film["state"] == "queued" and not film["with_titles"]
    films = f"{here}/films/{film['uuid']}"
    assert ask("get", f"{films}/file")[0] == 404
    assert ask("post", f"{films}/links", {"days": 7})[1]["code"] == "reel_unfinished"
    assert ask("post", f"{films}/cancel")[1]["state"] == "cancelled"
    Reel.objects.update(state="finished")
    status, link = ask("post", f"{films}/links", {"days": 7})
    assert status == 201 and client.get(link["address"]).status_code == 200
    assert ask("patch", here, {"title": "Set pieces"})[1]["title"] == "Set pieces"
    assert ask("delete", here)[0] == 204 and not Playlist.objects.exists()


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"event": 1, "label": "Goal"},
        {"video": 1},
        {"event": 10**9},
        {"video": 10**9, "start_ms": 0, "end_ms": 1000},
    ],
)
def test_clips_that_make_no_sense_are_named(ask, team, match, asked):
    here = f"playlists/{ask('post', 'playlists', {'team': team.pk, 'title': 'A'})[1]['id']}/clips"
    assert ask("post", here, {"match": match.pk, **asked})[0] == 400
    assert ask("post", here, {"match": 10**9, "label": "Goal"})[0] == 400


def test_periods_sides_and_line_ups(ask, match):
    here, video = f"matches/{match.pk}", match.videos.get()
    assert ask("post", f"{here}/switch-sides")[1]["code"] == "no_periods"
    rows = [
        {"number": 1, "video": video.pk, "kickoff_ms": 2000, "end_ms": 40_000, "home_attacks_right": True},
        {"number": 2, "video": video.pk, "kickoff_ms": 45_500},
    ]  # fmt: skip
    status, found = ask("put", f"{here}/periods", rows)
    assert status == 200 and [row["kickoff_ms"] for row in found] == [2000, 45_500]
    assert SpottedAction.objects.filter(period=2).exists()
    turned = ask("post", f"{here}/switch-sides")[1]
    assert [row["home_attacks_right"] for row in turned] == [False, True]
    for bad in (
        [{**rows[0], "end_ms": 1000}],
        [{**rows[0], "video": 10**9}],
        [{**rows[0], "number": 6}],
        [rows[0], {**rows[1], "kickoff_ms": 30_000}],
        [{**rows[0], "kickoff_ms": 10**8}],
    ):
        assert ask("put", f"{here}/periods", bad)[0] == 400
    line_up = {"home": [{"number": 9, "name": "Ana Ruiz"}, {"number": 1, "name": ""}]}
    status, found = ask("put", f"{here}/lineups", line_up)
    assert status == 200 and found["home"][0] == {"number": 1, "name": ""} and found["away"] == []
    assert ask("get", f"{here}/lineups")[1] == found
    for bad in (
        [{"number": 0}],
        [{"number": 9}, {"number": 9}],
        [{"number": 9, "name": "a\n10 b"}],
    ):
        assert ask("put", f"{here}/lineups", {"home": bad})[0] == 400


def test_teams_invitations_and_roles(ask, team, teammate):
    status, made = ask("post", "teams", {"name": "U17", "pitch_length_m": 100, "pitch_width_m": 64})
    assert status == 201 and made["pitch_length_m"] == 100
    assert ask("patch", f"teams/{made['id']}", {"name": "U18"})[1]["name"] == "U18"
    for bad in (
        {"pitch_width_m": 100, "pitch_length_m": 90},
        {"pitch_length_m": 200},
        {"name": ""},
    ):
        assert ask("patch", f"teams/{made['id']}", bad)[0] == 400
    here = f"teams/{team.pk}"
    status, invited = ask(
        "post", f"{here}/invitations", {"email": "new@example.org", "role": "coach"}
    )
    assert status == 201 and "/accounts/invitation/" in invited["link"]
    assert "link" not in ask("get", f"{here}/invitations")[1][0]
    assert ask("post", f"{here}/invitations", {"email": teammate.email, "role": "coach"})[0] == 409
    place = teammate.memberships.get()
    assert ask("patch", f"{here}/members/{place.pk}", {"role": "analyst"})[1]["role"] == "analyst"
    assert ask("patch", f"{here}/members/{place.pk}", {"role": "king"})[0] == 400
    mine = team.memberships.exclude(pk=place.pk).get()
    assert ask("delete", f"{here}/members/{mine.pk}")[1]["code"] == "refused"
    assert ask("delete", f"{here}/members/{place.pk}")[0] == 204
    stranger = make_member("dora@example.org", "viewer", team_name="Others").memberships.get()
    assert ask("delete", f"{here}/members/{stranger.pk}")[0] == 404


def test_the_camera_is_mended_and_taken_back(ask, match):
    run, video = AnalysisRun.objects.get(), match.videos.get()
    matrix = CalibrationSample.objects.get(run=run, time_ms=10_000).image_from_pitch
    x, y, w = (matrix[i] * 9.15 + matrix[i + 2] for i in (0, 3, 6))
    mark = {"pitch_xy_m": [9.15, 0.0], "pixel": [x / w + 10, y / w]}
    here = f"matches/{match.pk}/camera-repairs"
    asked = {"video": video.pk, "time_ms": 10_000, "points": [mark]}
    status, told = ask("post", here, asked)
    assert status == 202 and told["jobs"][0]["state"] == "queued"
    repair_camera(told["job"])
    found = ask("get", here)[1]["repairs"]
    assert found[0]["n_positions"] > 100
    assert ask("post", f"{here}/{found[0]['id']}/undo")[1]["repairs"][0]["kind"] == "undo"
    assert ask("post", f"{here}/{found[0]['id']}/undo")[0] == 409
    assert ask("post", here, {**asked, "points": []})[1]["code"] == "repair_empty"
    assert ask("post", here, {**asked, "video": 10**9})[0] == 400


def test_the_layer_tells_how_it_stands(ask, team, match):
    here = f"teams/{team.pk}/layer"
    assert ask("get", here)[1] == {"in_use": 0, "learned": [], "job": None}
    assert ask("post", f"{here}/learn")[1]["job"]["state"] == "queued"
    assert ask("post", f"{here}/learn")[1]["code"] == "layer_busy"
    work_on_layer(LayerJob.objects.get().pk)
    assert "review more" in ask("get", here)[1]["job"]["problem"]
    assert ask("post", f"{here}/use", {"number": 7})[0] == 400
    assert ask("post", f"{here}/use", {"number": 0})[1]["code"] == "layer_in_use"
