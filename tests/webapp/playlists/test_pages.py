"""Playlists over HTTP: the room's dialog, films for saving, links for people without an account."""

import pytest

from tests.webapp.analytics.rooms import make_room
from webapp.analytics.models import SpottedAction
from webapp.matches.services import media_path
from webapp.playlists import services
from webapp.playlists.models import Clip, Playlist, Reel

pytestmark = pytest.mark.django_db


@pytest.fixture
def match(client, owner, team):
    client.force_login(owner)
    return make_room(team)


@pytest.fixture
def shared(owner, team, settings, tmp_path):
    """(reel, token, token that may be saved) of a film of eight bytes."""
    settings.MEDIA_ROOT, settings.X_ACCEL_LOCATION = tmp_path, ""
    playlist = Playlist.objects.create(team=team, title="Corners")
    reel = Reel.objects.create(playlist=playlist, state="finished")
    path = media_path(reel.file_name)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"01234567")
    tokens = [services.share(reel, owner, days=7, may_download=may)[1] for may in (False, True)]
    return reel, *tokens


def post(client, match, **fields):
    return client.post(f"/matches/{match.pk}/clips", fields)


def test_clips_of_three_sorts(client, match):
    goal = SpottedAction.objects.get(label="Goal")
    said = post(client, match, what="event", event=goal.pk, title="Goals", lead_s="10").json()
    assert said == {"playlist": said["playlist"], "title": "Goals", "n_clips": 1}
    made = Clip.objects.get()
    assert (made.start_ms, made.action) == (goal.position_ms - 10_000, goal)
    kind = {"what": "kind", "label": "Kick-off", "keep": "1", "lead_s": "2", "lag_s": "3"}
    assert post(client, match, playlist=said["playlist"], **kind).json()["n_clips"] == 2
    video = match.videos.get().pk
    fields = {"what": "range", "video": video, "start_ms": 500, "end_ms": 900}
    assert post(client, match, playlist=said["playlist"], **fields).status_code == 200
    assert Clip.objects.count() == 4
    answer = client.get(f"/matches/{match.pk}/clips").json()
    assert answer["lengths"] == {"Kick-off": [2000, 3000]}
    page = client.get(f"/playlists/{said['playlist']}/").content.decode()
    assert page.count('class="clip"') == 4


def test_bad_questions_are_refused_in_words(client, match, outsider):
    theirs = Playlist.objects.create(team=outsider.memberships.get().team, title="Secret")
    goal = SpottedAction.objects.get(label="Goal").pk
    assert post(client, match, what="event", event=goal, playlist=theirs.pk).status_code == 404
    assert post(client, match, what="event", event=10**9, title="x").status_code == 404
    assert post(client, match, what="sing", title="x").status_code == 400
    assert post(client, match).status_code == 400
    assert post(client, match, what="kind", label="Red card", title="x").status_code == 409
    assert client.get(f"/playlists/{theirs.pk}/").status_code == 404
    assert not Clip.objects.exists()


def test_a_link_opens_its_film_and_nothing_else(client, shared):
    reel, watch, save = shared
    page = client.get(f"/shared/{watch}/")
    assert page["X-Robots-Tag"].startswith("noindex")
    assert (page["Cache-Control"], page["Referrer-Policy"]) == ("private, no-store", "no-referrer")
    assert "Save the film" not in page.content.decode()
    part = client.get(f"/shared/{watch}/film.mp4", headers={"Range": "bytes=2-4"})
    assert (part.status_code, b"".join(part)) == (206, b"234")
    assert client.get(f"/shared/{watch}/film.mp4?save").status_code == 404
    assert "attachment" in client.get(f"/shared/{save}/film.mp4?save")["Content-Disposition"]
    own = f"/playlists/{reel.playlist_id}/"
    for path in (own, f"{own}films/{reel.uuid}.mp4"):
        assert client.get(path).status_code == 302
    services.revoke(reel.links.last())
    services.revoke(reel.links.first())
    assert client.get(f"/shared/{watch}/film.mp4").status_code == 404
    assert client.get(f"/shared/{save}/").status_code == 404


def test_the_address_of_a_link_is_shown_once(client, owner, shared):
    reel, *_ = shared
    client.force_login(owner)
    made = client.post(f"/playlists/{reel.playlist_id}/films/{reel.uuid}/share", {"days": "1"})
    assert "/shared/" in made.content.decode()
    assert "/shared/" not in client.get(f"/playlists/{reel.playlist_id}/").content.decode()
    assert Playlist.objects.get().reels.get().links.count() == 3


def test_a_drawing_over_http(client, match):
    video = match.videos.get()
    playlist = Playlist.objects.create(team=match.team, title="x")
    clip = services.add_range(playlist, video, 1000, 5000)
    address = f"/playlists/{playlist.pk}/clips/{clip.pk}/stills"
    shape = {"kind": "connect", "points": [[0.1, 0.2], [0.5, 0.6]], "text": "12.4 m" * 20}
    said = client.post(
        address,
        [{"at_ms": 99_000, "hold_ms": 1, "shapes": [shape]}],
        content_type="application/json",
    )
    still = said.json()["stills"][0]
    assert (still["at_ms"], still["hold_ms"], len(still["shapes"][0]["text"])) == (5000, 500, 40)
    assert client.post(address, "{", content_type="application/json").status_code == 409
