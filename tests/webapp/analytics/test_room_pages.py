"""The match room's pages and data, asked by everybody who might."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_match, make_video
from tests.webapp.analytics.rooms import make_room, make_run
from webapp.analytics import board_selectors, messages
from webapp.analytics.models import AnalysisRun, RunState, SpottedAction, StageRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def match(team):
    return make_room(team)


def window(client, match, start=0, end=60_000, **headers):
    video = match.videos.get()
    return client.get(
        reverse("analytics:positions", args=[match.pk]),
        {"video": video.pk, "from": start, "to": end},
        headers=headers,
    )


def embedded(page) -> dict:
    text = page.content.decode().split('<script id="room-values" type="application/json">')[1]
    return json.loads(text.split("</script>")[0])


def test_the_room_carries_its_events_and_camera(client, teammate, match):
    client.force_login(teammate)
    page = client.get(reverse("analytics:room", args=[match.pk]))
    values = embedded(page)
    assert page.status_code == 200
    assert len(values["events"]["id"]) == 10
    assert values["events"]["position_ms"] == sorted(values["events"]["position_ms"])
    names = [values["events"]["labels"][i] for i in values["events"]["label"]]
    assert names[0] == "Kick-off" and "Goal" in names
    stretches = values["camera"][str(match.videos.get().pk)]
    assert stretches[0][0] == 0 and {row[2] for row in stretches} == {0, 1, 2}
    assert values["videos"][0]["src"].endswith("/play.mp4")


def test_room_and_board_count_the_seen_share_alike(client, owner, match):
    client.force_login(owner)
    page = client.get(reverse("analytics:room", args=[match.pk])).content.decode()
    here = board_selectors.board(owner, match.pk)
    share = round(100 * board_selectors.basis(here, here.part(0)).share)
    assert f"The pitch was found in {share} % of the video." in page


def test_rejected_events_are_sent_as_such(client, owner, match):
    SpottedAction.objects.filter(label="Goal").update(status="rejected")
    client.force_login(owner)
    values = embedded(client.get(reverse("analytics:room", args=[match.pk])))
    events = values["events"]
    goal = events["label"].index(events["labels"].index("Goal"))
    assert events["status"][goal] == "rejected"
    assert {"Goal", "Penalty"} <= set(values["kinds"])


@pytest.mark.parametrize("name", ["room", "positions", "progress", "board"])
def test_another_teams_match_does_not_exist(client, outsider, match, name):
    client.force_login(outsider)
    video = match.videos.get().pk
    answer = client.get(
        reverse(f"analytics:{name}", args=[match.pk]), {"video": video, "from": 0, "to": 1000}
    )
    assert answer.status_code == 404


@pytest.mark.parametrize("name", ["room", "positions", "progress", "board"])
def test_nobody_is_sent_to_the_door(client, match, name):
    answer = client.get(reverse(f"analytics:{name}", args=[match.pk]))
    assert answer.status_code == 302 and "sign-in" in answer["Location"]


@pytest.mark.parametrize("name", ["analyse", "cancel"])
def test_doing_is_for_members_with_the_role(client, owner, teammate, outsider, match, name):
    address = reverse(f"analytics:{name}", args=[match.pk])
    for person, status in ((outsider, 404), (teammate, 403), (owner, 302)):
        client.force_login(person)
        assert client.post(address).status_code == status
        assert client.get(address).status_code == 405


def test_the_button_under_a_failure_queues_one_more_try(client, owner, team):
    match = make_match(team)
    make_video(match)
    failed = AnalysisRun.objects.create(
        match=match, state=RunState.FAILED, problem_code="disk_full", attempt=3
    )
    client.force_login(owner)
    room, address = (reverse(f"analytics:{n}", args=[match.pk]) for n in ("room", "analyse"))
    assert f'action="{address}"' in client.get(room).content.decode()
    for _ in range(2):
        assert client.post(address).status_code == 302
    again = match.runs.exclude(pk=failed.pk).get()
    assert (again.state, again.attempt) == (RunState.QUEUED, 0), "twice pressed is one try"
    assert client.get(reverse("analytics:progress", args=[match.pk])).json()["run"] == again.pk


def test_a_window_holds_exactly_its_rows(client, owner, match):
    client.force_login(owner)
    answer = window(client, match, 10_000, 11_000).json()
    assert set(answer["positions"]["time_ms"]) == {10_000, 10_500}
    assert answer["samples"]["time_ms"] == [10_000, 10_500]
    assert all(view and len(view) >= 6 for view in answer["samples"]["view"])
    assert len({len(column) for column in answer["positions"].values()}) == 1


def test_a_refused_sample_has_no_view(client, owner, match):
    client.force_login(owner)
    answer = window(client, match, 45_000, 46_000).json()
    assert answer["samples"]["status"] == [2, 2]
    assert answer["samples"]["view"] == [None, None]
    assert answer["positions"]["time_ms"] == []


def test_an_unchanged_window_is_not_sent_twice(client, owner, match):
    client.force_login(owner)
    first = window(client, match)
    assert "private" in first["Cache-Control"]
    again = window(client, match, **{"If-None-Match": first["ETag"]})
    assert again.status_code == 304 and not again.content


@pytest.mark.parametrize(
    "query", [{}, {"video": "x"}, {"from": 5, "to": 5}, {"from": 0, "to": 10**9}, {"from": -5, "to": "1e3"}]
)  # fmt: skip
def test_windows_that_make_no_sense_are_refused(client, owner, match, query):
    client.force_login(owner)
    asked = {"video": match.videos.get().pk, **query} if query else {}
    answer = client.get(reverse("analytics:positions", args=[match.pk]), asked)
    assert answer.status_code == 400


def test_a_video_of_another_match_is_not_in_this_one(client, owner, team, match):
    other = make_room(team, title="Another")
    client.force_login(owner)
    answer = client.get(
        reverse("analytics:positions", args=[match.pk]),
        {"video": other.videos.get().pk, "from": 0, "to": 1000},
    )
    assert answer.status_code == 404


def test_states_without_a_result_say_what_to_do(client, owner, team):
    client.force_login(owner)
    match = make_match(team)
    address = reverse("analytics:room", args=[match.pk])
    assert "no video yet" in client.get(address).content.decode()
    make_video(match)
    assert "not been analysed yet" in client.get(address).content.decode()
    run = make_run(
        match, state=RunState.RUNNING, stage="locate", done=30, total=120, finished_at=None
    )
    page = client.get(address).content.decode()
    assert "Locating players" in page and "25 %" in page and "Cancel" in page
    AnalysisRun.objects.filter(pk=run.pk).update(state=RunState.FAILED, problem_code="disk_full")
    page = client.get(address).content.decode()
    assert "no room left" in page and "Try again" in page and str(run.reference) in page
    AnalysisRun.objects.filter(pk=run.pk).update(
        state=RunState.FINISHED, verdict="no_usable_pitch_view", coverage=0.0
    )
    assert "could not see enough of the pitch" in client.get(address).content.decode()


def test_a_refused_file_is_named_beside_a_result(client, owner, match):
    make_video(
        match,
        half=2,
        state="refused",
        problem_code="video_no_picture",
        original_name="sound<b>.mp4",
    )
    client.force_login(owner)
    page = client.get(reverse("analytics:room", args=[match.pk])).content.decode()
    assert "sound&lt;b&gt;.mp4 could not be used. There is only sound in this file." in page


def test_a_result_without_a_playable_copy_says_so(client, owner, match):
    match.videos.update(has_playback=False)
    client.force_login(owner)
    page = client.get(reverse("analytics:room", args=[match.pk])).content.decode()
    assert "not there yet" in page and "<video" not in page


def test_progress_tells_the_stage_in_words(client, owner, team):
    match = make_match(team)
    make_run(match, state=RunState.RUNNING, stage="spot", done=3, total=4, finished_at=None)
    client.force_login(owner)
    answer = client.get(reverse("analytics:progress", args=[match.pk]))
    assert answer.json()["percent"] == 75 and answer.json()["stage_words"] == "Spotting events"
    assert "no-store" in answer["Cache-Control"]


def test_progress_counts_all_stages_by_their_units(client, owner, team):
    match = make_match(team)
    run = make_run(
        match, state=RunState.RUNNING, stage="locate", done=50, total=200, finished_at=None
    )
    began = timezone.now() - timedelta(seconds=90)
    client.force_login(owner)
    address = reverse("analytics:progress", args=[match.pk])
    StageRun.objects.create(
        run=run, stage="probe", done=1, total=1, started_at=began, finished_at=began
    )
    assert client.get(address).json()["percent"] == 0, "looking at the file is not yet work done"
    StageRun.objects.create(run=run, stage="calibrate", done=69, total=199)
    StageRun.objects.create(run=run, stage="locate", done=50, total=200)
    answer = client.get(address).json()
    # (1 + 69 + 50) / (1 + 199 + 200) = 30 %; 90 s took 30 %, so 70 % take 210 s.
    assert answer["percent"] == 30
    assert answer["left_words"] == "about 4 minutes left"
    assert answer["stage_words"] == "Finding the pitch and locating players"
    assert [row["is_done"] for row in answer["stages"]] == [True, False, False]


def test_the_methods_page_shows_every_card(client, owner):
    from analysis.core.registry import FAMILIES

    client.force_login(owner)
    page = client.get(reverse("analytics:methods")).content.decode()
    for slug, family in FAMILIES.items():
        for name in family.names():
            assert f'id="{slug}-{name}"' in page


def test_hostile_names_are_shown_as_text(client, owner, team):
    match = make_room(team, title="<script>alert(1)</script>", home_name="</script><b>x")
    client.force_login(owner)
    page = client.get(reverse("analytics:room", args=[match.pk])).content.decode()
    assert "<script>alert(1)" not in page and "</script><b>x" not in page


def test_every_problem_code_has_words():
    from analysis.core.problems import INPUT_CODES, TRANSIENT_CODES

    assert {*INPUT_CODES, *TRANSIENT_CODES} <= messages.known_codes()


def test_an_unknown_code_keeps_its_own_sentence():
    assert messages.advice_for("never_heard", "The moon is full.").sentence == "The moon is full."
    assert "our side" in messages.advice_for("never_heard").sentence
