"""Clips, their lengths and order; films as jobs that survive their maker; links that end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from analysis.core.problems import InputProblem
from tests.factories import make_match, make_video
from tests.webapp.analytics.rooms import make_room
from webapp.analytics.models import SpottedAction
from webapp.matches import services as match_services
from webapp.matches.services import media_path
from webapp.playlists import services
from webapp.playlists.models import Clip, Playlist, Reel

pytestmark = pytest.mark.django_db


@pytest.fixture
def match(team):
    return make_room(team)


@pytest.fixture
def playlist(team, owner):
    return Playlist.objects.create(team=team, title="Corners", created_by=owner)


def actions(match, label):
    return list(SpottedAction.objects.filter(run__match=match, label=label))


def test_a_clip_reaches_seven_before_and_five_after_and_stays_inside(playlist, match):
    corner = actions(match, "Corner")[0]
    made = services.add_events(playlist, [corner], lead_ms=7000, lag_ms=5000)[0]
    assert (made.start_ms, made.end_ms) == (corner.position_ms - 7000, corner.position_ms + 5001)
    assert made.title == "Corner · Home · 1H 00:33"
    early = actions(match, "Kick-off")[0]
    assert services.add_events(playlist, [early], lead_ms=7000, lag_ms=5000)[0].start_ms == 0


def test_overlapping_clips_of_a_kind_become_one(playlist, match):
    run, video = match.runs.get(), match.videos.get()
    for at_ms in (40_000, 44_000, 70_000):
        SpottedAction.objects.create(
            run=run, video=video, period=1, position_ms=at_ms, label="Offside", confidence=0.5
        )
    made = services.add_events(playlist, actions(match, "Offside"), lead_ms=3000, lag_ms=3000)
    assert [(clip.start_ms, clip.end_ms) for clip in made] == [(37_000, 47_001), (67_000, 73_001)]


def test_lengths_are_remembered_by_kind_and_team(team, match):
    assert services.length_of(team, "Corner") == (7000, 5000)
    services.keep_length(team, "Corner", 10_000, 10**9)
    assert services.length_of(team, "Corner") == (10_000, services.LONGEST_PAD_MS)
    assert services.length_of(team, "Goal") == (7000, 5000)


def test_clips_move_up_and_down(playlist, match):
    video = match.videos.get()
    a, b, c = (services.add_range(playlist, video, i * 1000, i * 1000 + 500) for i in range(3))
    services.move_clip(c, -1)
    services.move_clip(a, -1)
    assert [clip.pk for clip in playlist.clips.all()] == [a.pk, c.pk, b.pk]
    services.move_clip(Clip.objects.get(pk=a.pk), 1)
    assert [clip.pk for clip in playlist.clips.all()] == [c.pk, a.pk, b.pk]
    with pytest.raises(InputProblem, match="must end after"):
        services.add_range(playlist, video, 5000, 5000)


@pytest.mark.parametrize(
    "stills",
    [
        None,
        [{}],
        [{"at_ms": 1, "hold_ms": 1, "shapes": [{"kind": "script", "points": [[0, 0], [1, 1]]}]}],
        [{"at_ms": 1, "hold_ms": 1, "shapes": [{"kind": "arrow", "points": [[0, 0]]}]}],
        [{"at_ms": 1, "hold_ms": 1, "shapes": [{"kind": "arrow", "points": [[0, 0], ["x", 1]]}]}],
        [{"at_ms": 1, "hold_ms": 1, "shapes": [{"kind": "arrow", "points": [[0, 0], [9, 1]]}]}],
        [
            {"at_ms": 1, "hold_ms": 1, "shapes": [
                {"kind": "arrow", "points": [[0, 0], [1, 1]], "colour": "red;}"}
            ]}
        ],
    ],
)  # fmt: skip
def test_a_drawing_holds_nothing_but_a_drawing(playlist, match, stills):
    clip = services.add_range(playlist, match.videos.get(), 1000, 5000)
    with pytest.raises(InputProblem, match="draw it again"):
        services.set_stills(clip, stills)


def test_a_film_is_made_once_and_again_when_its_maker_dies(playlist, owner, match):
    with pytest.raises(InputProblem, match="no clips"):
        services.queue_reel(playlist, owner)
    services.add_range(playlist, match.videos.get(), 1000, 5000)
    reel = services.queue_reel(playlist, owner)
    assert services.queue_reel(playlist, owner) == reel
    lease = services.claim_reel(reel.pk)
    assert services.claim_reel(reel.pk) is None
    assert services.advance_reel(reel.pk, lease, 1, 4)
    later = timezone.now() + timedelta(hours=1)
    assert services.requeue_lost(later) == [reel.pk]
    assert not services.advance_reel(reel.pk, lease, 2, 4), "taken away"
    second = services.claim_reel(reel.pk)
    services.cancel_reel(reel)
    assert not services.advance_reel(reel.pk, second, 2, 4)
    assert services.end_reel(reel.pk, second, "cancelled")
    assert not services.end_reel(reel.pk, lease, "finished")


def test_a_film_that_stops_every_maker_fails_in_words(playlist, owner, match):
    services.add_range(playlist, match.videos.get(), 1000, 5000)
    reel = services.queue_reel(playlist, owner)
    for _ in range(services.MAX_ATTEMPTS):
        services.claim_reel(reel.pk)
        services.requeue_lost(timezone.now() + timedelta(hours=1))
    reel.refresh_from_db()
    assert (reel.state, reel.percent) == ("failed", 0)
    assert "fewer clips" in reel.problem_sentence


def test_a_link_shows_one_film_until_it_ends_or_is_closed(playlist, owner):
    reel = Reel.objects.create(playlist=playlist)
    with pytest.raises(InputProblem, match="finished"):
        services.share(reel, owner, days=7)
    Reel.objects.update(state="finished")
    reel.refresh_from_db()
    with pytest.raises(InputProblem, match="a week"):
        services.share(reel, owner, days=9999)
    link, token = services.share(reel, owner, days=7)
    assert token not in link.token_sha256
    assert services.open_link(token) == link
    assert services.open_link(token + "x") is None
    services.revoke(link)
    assert services.open_link(token) is None
    other, token = services.share(reel, owner, days=1)
    other.expires_at = timezone.now() - timedelta(seconds=1)
    other.save()
    assert services.open_link(token) is None


def test_films_go_with_the_video_they_show(
    playlist, team, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    match = make_match(team)
    services.add_range(playlist, make_video(match), 1000, 5000)
    reel = Reel.objects.create(playlist=playlist, state="finished")
    path = media_path(reel.file_name)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"film")
    with django_capture_on_commit_callbacks(execute=True):
        match_services.delete_match(match)
    assert not path.exists()
    assert not Reel.objects.exists()
    assert Playlist.objects.exists()
