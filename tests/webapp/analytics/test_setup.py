"""Periods, sides and line-ups as people set them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.webapp.analytics.rooms import make_room
from webapp.analytics import periods
from webapp.analytics.models import Period, SpottedAction
from webapp.analytics.setup_forms import milliseconds_of, time_text


@given(st.integers(0, 6 * 3600 * 1000))
def test_times_are_read_as_they_are_written(ms):
    assert milliseconds_of(time_text(ms)) == ms


@pytest.mark.parametrize("text", ["", "12", "5:61", "1:2:3:4", "-1:00", "5:12.4567", "five"])
def test_other_times_are_refused(text):
    with pytest.raises(ValueError, match="5:12"):
        milliseconds_of(text)


@pytest.fixture
def match(client, owner, team):
    client.force_login(owner)
    return make_room(team)


def fields(match, **said):
    video = match.videos.get().pk
    return {f"video_{n}": video for n in periods.NUMBERS} | said


@pytest.mark.django_db
def test_marks_are_saved_and_the_events_follow(client, match):
    answer = client.post(
        f"/matches/{match.pk}/setup/",
        fields(match, kickoff_1="0:01.800", end_1="0:40", kickoff_2="0:50", side_1="right"),
    )
    assert answer.status_code == 302
    first, second = Period.objects.filter(match=match)
    assert (first.kickoff_ms, first.end_ms, first.home_attacks_right) == (1800, 40_000, True)
    assert (first.is_confirmed, second.home_attacks_right) == (True, None)
    late = SpottedAction.objects.get(label="Substitution")
    assert (late.period, late.period_time_ms) == (2, late.position_ms - 50_000)
    client.post(f"/matches/{match.pk}/setup/switch/")
    assert [row.home_attacks_right for row in Period.objects.filter(match=match)] == [False, True]
    client.post(f"/matches/{match.pk}/setup/", fields(match))
    assert not Period.objects.filter(match=match).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"kickoff_1": "0:30", "end_1": "0:20"}, "must end after"),
        ({"kickoff_1": "0:30", "kickoff_2": "0:10"}, "after the period before"),
        ({"kickoff_1": "9:00"}, "This video ends at 1:30"),
        ({"end_1": "0:20"}, "Say when it began"),
        ({"kickoff_1": "soon"}, "Write times of the video"),
    ],
)
def test_marks_that_cannot_be_are_refused_in_words(client, match, said, words):
    answer = client.post(f"/matches/{match.pk}/setup/", fields(match, **said))
    assert words in answer.content.decode()
    assert not Period.objects.filter(match=match).exists()


@pytest.mark.django_db
def test_a_moment_marked_in_the_room_is_filled_in(client, match):
    video = match.videos.get().pk
    page = client.get(f"/matches/{match.pk}/setup/?mark=kickoff_1&video={video}&t=12.48").content
    assert b'value="0:12.480"' in page


@pytest.mark.django_db
def test_line_ups_are_read_line_by_line(client, match):
    said = {"part": "lineups", "home": "9 Ana Ruiz\n\n1 B & C <Lee>", "away": ""}
    client.post(f"/matches/{match.pk}/setup/", said)
    match.refresh_from_db()
    assert match.lineups["home"] == [[1, "B & C <Lee>"], [9, "Ana Ruiz"]]
    for bad, words in (("Ana", "shirt number"), ("9 A\n9 B", "twice")):
        answer = client.post(f"/matches/{match.pk}/setup/", {"part": "lineups", "home": bad})
        assert words in answer.content.decode()
