"""The board, asked by members, outsiders, nobody, and without a CSRF token; ids from the client prove nothing."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.analytics.rooms import make_room, make_run
from webapp.analytics import board_selectors
from webapp.analytics.boards.panels import PANELS
from webapp.analytics.models import Period, SpottedAction
from webapp.matches.models import Match

pytestmark = pytest.mark.django_db
UPDATE = "/boards/_dash-update-component"


@pytest.fixture
def match(team):
    return make_room(team, home_name="Rovers")


def callbacks(client) -> list[dict]:
    found = client.get("/boards/_dash-dependencies").json()
    return [row for row in found if not row["clientside_function"]]


def ask(client, callback, match_id, part=0, **headers):
    """What the browser posts for one callback."""
    given = {"pathname": f"/boards/matches/{match_id}/", "value": part, "data": "dark"}
    outputs = [name.rsplit(".", 1) for name in callback["output"].strip(".").split("...")]
    body = {
        "output": callback["output"],
        "outputs": [{"id": i, "property": p} for i, p in outputs],
        "inputs": [
            {"id": row["id"], "property": row["property"], "value": given[row["property"]]}
            for row in callback["inputs"]
        ],
        "changedPropIds": [],
    }
    return client.post(UPDATE, json.dumps(body), content_type="application/json", headers=headers)


def test_every_callback_answers_a_member(client, teammate, match):
    client.force_login(teammate)
    answers = [ask(client, row, match.pk) for row in callbacks(client)]
    assert [row.status_code for row in answers] == [200] * (len(PANELS) + 1)
    text = b"".join(row.content for row in answers).decode()
    assert "Where Rovers played" in text and "Kick-off" in text and "84 %" in text


def test_no_callback_answers_an_outsider(client, owner, outsider, match):
    client.force_login(owner)
    listed = callbacks(client)
    client.force_login(outsider)
    for row in listed:
        answer = ask(client, row, match.pk)
        assert answer.status_code == 404
        assert b"Rovers" not in answer.content and b"figure" not in answer.content


def test_nobody_gets_nothing_of_the_board(client, match):
    for address in (
        "/boards/_dash-layout",
        "/boards/_dash-dependencies",
        UPDATE,
        f"/boards/matches/{match.pk}/",
        f"/boards/matches/{match.pk}/camera_use.csv",
    ):
        answer = client.get(address)
        assert answer.status_code == 302 and "sign-in" in answer["Location"]
    assert client.post(UPDATE, "{}", content_type="application/json").status_code == 302


def test_a_callback_without_a_token_is_forbidden(owner, match):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    row = callbacks(strict)[0]
    assert ask(strict, row, match.pk).status_code == 403
    strict.get(f"/boards/matches/{match.pk}/")
    token = strict.cookies["csrftoken"].value
    assert ask(strict, row, match.pk, **{"X-CSRFToken": token}).status_code == 200


@pytest.mark.parametrize("path", ["", "/", "/boards/matches/x/", "/boards/matches/1/../2/", None])
def test_addresses_that_are_none_end_in_404(client, owner, match, path):
    client.force_login(owner)
    row = callbacks(client)[0]
    body = {
        "output": row["output"],
        "outputs": [
            {"id": i, "property": p}
            for i, p in (n.rsplit(".", 1) for n in row["output"].strip(".").split("..."))
        ],
        "inputs": [{"id": "address", "property": "pathname", "value": path}],
        "changedPropIds": [],
    }
    assert client.post(UPDATE, json.dumps(body), content_type="application/json").status_code == 404


def test_the_page_allows_its_own_scripts_and_no_others(client, owner, match):
    client.force_login(owner)
    page = client.get(reverse("analytics:board", args=[match.pk]))
    policy = page["Content-Security-Policy"]
    scripts = policy.split("script-src")[1].split(";")[0]
    assert "'sha256-" in scripts and "unsafe" not in scripts
    text = page.content.decode()
    for part in text.split("<script")[1:]:
        source = part.split(">")[0]
        assert "src=" not in source or 'src="/' in source, "no script comes from elsewhere"


def test_a_match_without_a_result_says_so(client, owner, team):
    match = Match.objects.create(team=team, title="Empty")
    client.force_login(owner)
    assert (
        b"no finished analysis" in client.get(reverse("analytics:board", args=[match.pk])).content
    )
    assert {ask(client, row, match.pk).status_code for row in callbacks(client)} == {200}


def test_csv_files_of_every_panel(client, owner, teammate, outsider, match):
    for panel in PANELS:
        address = reverse("analytics:board_csv", args=[match.pk, panel.name])
        client.force_login(owner)
        answer = client.get(address, {"part": "0"})
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").split("\r\n")
        assert lines[0] == ",".join(name for name, _ in panel.figure.COLUMNS)
        assert len(lines) > 2
        client.force_login(teammate)
        assert client.get(address).status_code == 403
        client.force_login(outsider)
        assert client.get(address).status_code == 404
    client.force_login(owner)
    assert client.get(f"/boards/matches/{match.pk}/nothing.csv").status_code == 404


def test_numbers_of_the_board(owner, match):
    here = board_selectors.board(owner, match.pk)
    part = here.part(0)
    # 180 samples, 28 of them without a pitch view: 20 + 8 by the shares of the made-up match.
    assert part.to_ms - part.from_ms == 90_000
    ground = board_selectors.basis(here, part)
    assert ground.share == pytest.approx(152 / 180, abs=0.01)
    events = board_selectors.events_over_time(here, part)
    assert events.counts.sum() == 10 and events.bin_ms == 10_000
    assert events.counts[events.labels.index("Kick-off")].tolist() == [1, 0, 0, 0, 0, 1, 0, 0, 0]
    use = board_selectors.camera_use(here, part)
    assert use.shares.sum(axis=0) == pytest.approx(1.0)
    people = board_selectors.average_positions(here, part).players
    assert {person.team for person in people} == {0, 1} and all(p.seen_ms >= 5_000 for p in people)
    home = board_selectors.heat_map(here, part, 0)
    away = board_selectors.heat_map(here, part, 1)
    assert home.counts[:, :10].sum() > home.counts[:, 11:].sum()
    assert away.counts[:, 11:].sum() > away.counts[:, :10].sum()


def test_rejected_events_do_not_count(owner, match):
    SpottedAction.objects.update(status="rejected")
    here = board_selectors.board(owner, match.pk)
    assert board_selectors.events_over_time(here, here.part(0)).counts.sum() == 0


def test_two_periods_of_one_video_are_two_parts(owner, match):
    video = match.videos.get()
    Period.objects.create(match=match, number=1, video=video, kickoff_ms=2_000)
    Period.objects.create(match=match, number=2, video=video, kickoff_ms=50_000)
    parts = board_selectors.board(owner, match.pk).parts
    assert [(p.words, p.from_ms, p.to_ms) for p in parts] == [
        ("1st half", 2_000, 50_000),
        ("2nd half", 50_000, 90_000),
    ]


def test_an_outsider_has_no_board(outsider, match):
    make_run(match)
    with pytest.raises(Match.DoesNotExist):
        board_selectors.board(outsider, match.pk)
