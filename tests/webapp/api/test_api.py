"""What the API answers: everything the pages do, in pages, for the own teams only."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.webapp.analytics.rooms import make_room
from webapp.analytics.models import SpottedAction
from webapp.annotation.models import Correction
from webapp.api import tokens
from webapp.matches.models import Match

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def match(team):
    return make_room(team, duration_ms=90_000)


@pytest.fixture
def ask(client, owner):
    client.force_login(owner)

    def ask(method, address, data=None, **query):
        more = (
            {"data": json.dumps(data), "content_type": "application/json"}
            if data is not None
            else {"data": query}
        )
        answer = getattr(client, method)(f"/api/v1/{address}", **more)
        return answer.status_code, answer.json() if answer.content else None

    return ask


def test_me_and_my_teams(ask, team):
    status, found = ask("get", "me")
    assert status == 200
    assert found["teams"] == [{"id": team.pk, "name": team.name, "role": "owner"}]


def test_members(ask, team, teammate):
    found = ask("get", f"teams/{team.pk}/members")[1]
    assert [(row["email"], row["role"]) for row in found["results"]] == [
        ("alice@example.org", "owner"), ("bob@example.org", "viewer"),
    ]  # fmt: skip


def test_a_match_is_made_changed_and_deleted(ask, team):
    status, made = ask("post", "matches", {"team": team.pk, "home_name": "A", "away_name": "B"})
    assert status == 201 and made["title"] == "A v B" and made["pitch_length_m"] == 105
    address = f"matches/{made['id']}"
    assert (
        ask("patch", address, {"pitch_length_m": 100.0, "played_on": "2026-11-20"})[1]["played_on"]
        == "2026-11-20"
    )
    assert Match.objects.get().pitch_length_m == 100
    assert ask("delete", address)[0] == 204 and not Match.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"pitch_length_m": 300}, {"pitch_width_m": "nan"}, {"played_on": "soon"}, {"home_name": ""},
              {"home_name": "x" * 81}],
)  # fmt: skip
def test_the_rules_of_the_form_hold(ask, team, wrong):
    status, words = ask(
        "post", "matches", {"team": team.pk, "home_name": "A", "away_name": "B", **wrong}
    )
    assert status == 400 and set(words) <= set(wrong) | {"non_field_errors", "title"}
    assert not Match.objects.exists()


def test_a_match_stays_in_its_team(ask, match, owner):
    from webapp.accounts.services import create_team

    other = create_team("Other", owner)
    assert ask("patch", f"matches/{match.pk}", {"team": other.pk})[0] == 400


def test_lists_are_pages_and_orders_are_allowed_ones(ask, team, match):
    for i in range(7):
        Match.objects.create(team=team, title=f"M{i}")
    first = ask("get", "matches", page_size=5, ordering="title")[1]
    assert first["count"] == 8 and len(first["results"]) == 5 and "page=2" in first["next"]
    assert ask("get", "matches", ordering="team__owner__password")[0] == 400
    assert ask("get", "matches", team="x")[0] == 400
    assert ask("get", "matches", q="M3")[1]["count"] == 1
    assert len(ask("get", "matches", page_size=100_000)[1]["results"]) == 8


def test_another_teams_matches_are_not_listed(ask, outsider, match):
    make_room(outsider.memberships.get().team)
    assert [row["id"] for row in ask("get", "matches")[1]["results"]] == [match.pk]


def test_events_and_their_filters(ask, match):
    found = ask("get", f"matches/{match.pk}/events")[1]
    assert found["count"] == 10 and found["results"][0]["label"] == "Kick-off"
    assert ask("get", f"matches/{match.pk}/events", label="Kick-off")[1]["count"] == 2
    assert ask("get", f"matches/{match.pk}/events", least=0.8)[1]["count"] == 4
    assert ask("get", f"matches/{match.pk}/events", status="confirmed")[1]["count"] == 0
    for wrong in ({"least": "x"}, {"status": "nonsense"}):
        assert ask("get", f"matches/{match.pk}/events", **wrong)[0] == 400


def test_corrections_are_those_of_the_room(ask, match, owner):
    event = SpottedAction.objects.filter(label="Foul").get()
    address = f"matches/{match.pk}/events/{event.pk}"
    status, now = ask("post", f"{address}/corrections", {"kind": "relabel", "label": "Offside"})
    assert (status, now["label"], now["status"]) == (201, "Offside", "corrected")
    assert (
        ask("post", f"{address}/corrections", {"kind": "move", "position_ms": 30_000})[1][
            "position_ms"
        ]
        == 30_000
    )
    records = ask("get", f"{address}/corrections")[1]
    assert [row["kind"] for row in records] == ["relabel", "move"] and records[0][
        "user_name"
    ] == owner.email
    assert ask("post", f"matches/{match.pk}/undo")[1]["kind"] == "undo"
    assert ask("get", address)[1]["position_ms"] == 21_600
    assert ask("post", f"matches/{match.pk}/redo")[1]["after"]["position_ms"] == 30_000


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"kind": "relabel", "label": "Nonsense"}, 409), ({"kind": "relabel"}, 400), ({"kind": "move"}, 400),
        ({"kind": "team", "team": "both"}, 400), ({"kind": "player", "number": 100}, 400), ({}, 400),
        ({"kind": "undo"}, 400), ({"kind": "team", "team": "away"}, 201),
        ({"kind": "player", "number": 7, "name": "Lee"}, 201), ({"kind": "note", "note": "late"}, 201),
        ({"kind": "accept"}, 201), ({"kind": "reject"}, 201),
    ],
)  # fmt: skip
def test_each_kind_of_change(ask, match, change, status):
    event = SpottedAction.objects.filter(label="Foul").get()
    told, words = ask("post", f"matches/{match.pk}/events/{event.pk}/corrections", change)
    assert told == status
    assert Correction.objects.count() == (status == 201)
    if status == 409:
        assert words["code"] == "label_unknown" and words["detail"]


def test_events_of_another_match_are_not_there(ask, match, team):
    other = make_room(team)
    event = SpottedAction.objects.filter(run__match=other).first()
    assert ask("get", f"matches/{match.pk}/events/{event.pk}")[0] == 404
    video = other.videos.get()
    wrong = {"video": video.pk, "position_ms": 1, "label": "Goal"}
    assert ask("post", f"matches/{match.pk}/events", wrong)[0] == 400


def test_positions_videos_periods_and_analyses(ask, match):
    video = ask("get", f"matches/{match.pk}/videos")[1]["results"][0]
    found = ask(
        "get", f"matches/{match.pk}/positions", **{"video": video["id"], "from": 0, "to": 1000}
    )[1]
    assert found["positions"]["x_m"] and len(found["samples"]["time_ms"]) == 2
    assert (
        ask(
            "get", f"matches/{match.pk}/positions", **{"video": video["id"], "from": 0, "to": 10**9}
        )[0]
        == 400
    )
    assert ask("get", f"matches/{match.pk}/positions", **{"video": 0, "from": 0, "to": 1})[0] == 404
    assert ask("get", f"matches/{match.pk}/periods")[1]["count"] == 0
    assert ask("get", f"matches/{match.pk}/progress")[1]["state"] == "finished"
    status, run = ask("post", f"matches/{match.pk}/analyses")
    assert status == 201 and run["state"] == "queued"
    assert ask("post", f"matches/{match.pk}/analyses/cancel")[1]["state"] == "cancelled"
    assert ask("get", f"matches/{match.pk}/analyses")[1]["count"] == 2


def test_a_match_that_is_not_ready_is_a_sentence(ask, team):
    match = Match.objects.create(team=team, title="Empty")
    status, words = ask("post", f"matches/{match.pk}/analyses")
    assert status == 409 and words["code"] == "videos_not_ready"
    assert ask("get", f"matches/{match.pk}/events")[0] == 404


def test_files_out_and_in(client, owner, match):
    client.force_login(owner)
    names = [row["name"] for row in client.get("/api/v1/formats").json()]
    assert "sportscode_xml" in names and "match_report" in names
    answer = client.get(f"/api/v1/matches/{match.pk}/exports/sportscode_xml?lead=0")
    data = b"".join(answer.streaming_content)
    assert b"<code>Goal</code>" in data
    SpottedAction.objects.all().delete()
    file = SimpleUploadedFile("list.xml", data)
    told = client.post(f"/api/v1/matches/{match.pk}/imports", {"file": file, "lead": 0}).json()
    assert told == {"added": 10, "known": 0, "outside": 0, "unknown": {}}
    bad = client.post(
        f"/api/v1/matches/{match.pk}/imports", {"file": SimpleUploadedFile("a.xml", b"<")}
    )
    assert bad.status_code == 409 and bad.json()["code"] == "xml_broken"


def test_the_description_names_every_address(client, owner):
    client.force_login(owner)
    schema = client.get("/api/v1/openapi.json").json()
    from webapp.api.urls import urlpatterns

    routes = {"/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(each.pattern)) for each in urlpatterns}
    api = {route for route in routes if route.startswith("/api/v1/")} - {
        "/api/v1/",
        "/api/v1/openapi.json",
    }
    assert {re.sub(r"\{id\}", "{pk}", path) for path in schema["paths"]} == api
    for path, methods in schema["paths"].items():
        for method, each in methods.items():
            assert each.get("description"), f"{method} {path} has no words"
    page = client.get("/api/v1/").content.decode()
    assert all(path in page for path in schema["paths"]) and "<script" not in page.split("<main")[1]


def examples() -> list[str]:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    return [block for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "curl" in block]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_examples_of_the_page_work(live_server, owner, team, tmp_path):
    match = make_room(team)
    secret = tokens.make(owner, "docs", ["read", "write", "export"], 1)[1]
    found = examples()
    assert len(found) == 3
    for block in found:
        script = block.replace("matches/1/", f"matches/{match.pk}/")
        script = script.replace('"video": 1,', f'"video": {match.videos.get().pk},')
        done = subprocess.run(
            ["sh", "-ec", script], env={"SITE": live_server.url, "TOKEN": secret, "PATH": "/usr/bin:/bin"},
            cwd=tmp_path, capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert (
        SpottedAction.objects.filter(status="added", position_ms=83_500, label="Corner").count()
        == 1
    )
    assert b"<start>78.500</start>" in (tmp_path / "match.xml").read_bytes()
