"""The JSON of the review: what the room asks for and is told."""

import pytest

from tests.webapp.analytics.rooms import make_room
from webapp.analytics.models import SpottedAction
from webapp.annotation.models import Correction

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(client, owner, team):
    client.force_login(owner)
    return make_room(team)


def post(client, match, **fields):
    return client.post(f"/matches/{match.pk}/corrections", fields)


def test_a_change_answers_with_the_event_and_what_stands(client, room):
    goal = SpottedAction.objects.get(label="Goal")
    answer = post(client, room, kind="accept", event=goal.pk).json()
    assert answer["event"]["status"] == "confirmed"
    assert answer["undo"] == "accepted: Goal"
    assert goal.pk not in answer["queue"]
    assert (answer["meter"]["all"], answer["meter"]["reviewed"]) == (10, 1)
    assert post(client, room, kind="undo").json()["redo"] == "accepted: Goal"


def test_random_picks_tell_how_right_the_model_is(client, room):
    drawn = client.get(f"/matches/{room.pk}/review").json()["random"]
    assert drawn
    answer = post(client, room, kind="relabel", event=drawn[0], label="Red card").json()
    assert (answer["meter"]["random_right"], answer["meter"]["random_reviewed"]) == (0, 1)


def test_bad_questions_are_refused_in_words(client, room):
    goal = SpottedAction.objects.get(label="Goal")
    assert post(client, room).status_code == 400
    assert post(client, room, kind="sing", event=goal.pk).status_code == 400
    assert post(client, room, kind="move", event=goal.pk, position_ms="soon").status_code == 400
    refused = post(client, room, kind="relabel", event=goal.pk, label="<b>")
    assert (refused.status_code, refused.json()["code"]) == (409, "label_unknown")
    assert post(client, room, kind="accept", event=10**9).status_code == 404
    assert not Correction.objects.exists()


def test_another_teams_event_is_not_there(client, room, outsider):
    elsewhere = make_room(outsider.memberships.get().team)
    theirs = SpottedAction.objects.filter(run__match=elsewhere).first()
    assert post(client, room, kind="accept", event=theirs.pk).status_code == 404
    assert client.get(f"/matches/{room.pk}/events/{theirs.pk}/evidence").status_code == 404


def test_the_evidence_of_an_event(client, room):
    goal = SpottedAction.objects.get(label="Goal")
    post(client, room, kind="accept", event=goal.pk)
    shown = client.get(f"/matches/{room.pk}/events/{goal.pk}/evidence").json()
    assert shown["camera"]["status"] in {"ok", "weak"}
    assert shown["shot"]["camera"] == "Main camera center"
    assert "Shots on target" in {row["label"] for row in shown["candidates"]}
    assert [row["words"] for row in shown["history"]] == ["accepted"]
    assert shown["history"][0]["changed"] == {"status": ["auto", "confirmed"]}
