"""Every address of the site, asked by everybody: owner, viewer of the same team, owner of another team, nobody.

The addresses come from the resolver: a new one without a row here fails, and so does a row whose address is gone.
"""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.factories import make_match, make_member, make_video
from tests.webapp.door_rows import DOOR, ROWS
from webapp.accounts import services
from webapp.accounts.models import Invitation, Membership
from webapp.analytics.models import AnalysisRun, RunState, SpottedAction
from webapp.annotation import tagging
from webapp.annotation.models import CameraRepair
from webapp.api import tokens
from webapp.matches.models import Upload
from webapp.playlists import services as playlist_services
from webapp.playlists.models import Playlist, Reel

pytestmark = pytest.mark.django_db
PEOPLE = ("owner", "viewer", "outsider", "nobody")


def addresses(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Names of all addresses, with their rooms."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(
                entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            )
        elif isinstance(entry, URLPattern):
            assert entry.name, f"{entry.pattern} has no name"
            yield f"{prefix}{entry.name}"


def test_every_address_has_a_row_and_every_row_an_address():
    assert set(addresses()) == set(ROWS)


@pytest.fixture
def world(owner, team, teammate, outsider, settings, tmp_path):
    """A match with everything that an address may name."""
    settings.MEDIA_ROOT, settings.X_ACCEL_LOCATION = tmp_path, ""
    match = make_match(team)
    video = make_video(match, has_playback=True, has_poster=True)
    folder = tmp_path / video.folder
    folder.mkdir(parents=True)
    (folder / "sheets").mkdir()
    (folder / "stream").mkdir()
    for name in ("play.mp4", "poster.jpg", "source.mp4", "frames.bin", "sheets/sheet-001.jpg"):
        (folder / name).write_bytes(b"bytes")
    for name in ("index.m3u8", "video.m3u8", "video.mp4"):
        (folder / "stream" / name).write_bytes(b"bytes")
    upload = Upload.objects.create(user=owner, match=match, original_name="a", size_bytes=9)
    part = tmp_path / str(team.uuid) / "uploads" / str(upload.uuid)
    part.parent.mkdir()
    part.touch()
    run = AnalysisRun.objects.create(match=match, state=RunState.FINISHED, verdict="ok")
    action = SpottedAction.objects.create(
        run=run, video=video, period=1, position_ms=1000, label="Goal", confidence=0.5
    )
    playlist = Playlist.objects.create(team=team, title="Corners")
    clip = playlist_services.add_range(playlist, video, 1000, 5000)
    reel = Reel.objects.create(playlist=playlist, state="finished")
    film = tmp_path / reel.file_name
    film.parent.mkdir()
    film.write_bytes(b"film")
    link, share_token = playlist_services.share(reel, owner, days=7)
    # Without its analysis it cannot be taken back.
    repair = CameraRepair.objects.create(match=match, kind="mend", time_ms=0, from_ms=0, to_ms=0)
    button = tagging.save(team, tagging.Wish("Second ball"))
    path = services.invite(team=team, email="new@example.org", role="coach", by=owner)[1]
    return SimpleNamespace(
        access_token=tokens.make(owner, "script", ["read"], None)[0],
        team=team,
        match=match,
        video=video,
        action=action,
        playlist=playlist,
        clip=clip,
        reel=reel,
        link=link,
        repair=repair,
        button=button,
        share_token=share_token,
        upload=upload,
        token=path.split("/")[-2],
        invitation=Invitation.objects.get(),
        place=Membership.objects.get(user=teammate),
        people={"owner": owner, "viewer": teammate, "outsider": outsider, "nobody": None},
    )


CASES = [
    pytest.param(name, row, id=f"{name}-{row.method}-{i}")
    for name, rows in ROWS.items()
    for i, row in enumerate(rows)
]


def ask(world, name, row, who):
    client = Client()
    if world.people[who]:
        client.force_login(world.people[who])
    path = reverse(name, args=row.args(world), query=row.query(world) or None)
    sent = row.sent(world) if callable(row.sent) else row.sent
    more = {"data": sent} if row.method == "POST" and sent else {}
    return getattr(client, row.method.lower())(path, headers=row.headers(world), **more)


@pytest.mark.parametrize(("name", "row"), CASES)
def test_what_each_is_answered(world, name, row):
    answers = {}
    for who in PEOPLE:
        # What one of them changed is taken back before the next one asks.
        with transaction.atomic():
            answers[who] = ask(world, name, row, who)
            transaction.set_rollback(True)
    assert tuple(answer.status_code for answer in answers.values()) == row.answers
    if row.answers[3] == DOOR != row.answers[0]:
        assert answers["nobody"]["Location"].startswith("/accounts/sign-in/?next=")


@pytest.mark.parametrize(
    "name", [name for name, rows in ROWS.items() if any(r.method == "POST" for r in rows)]
)
def test_a_post_from_another_site_is_refused(world, name):
    row = next(row for row in ROWS[name] if row.method == "POST")
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["owner"])
    path = reverse(name, args=row.args(world))
    sent = row.sent(world) if callable(row.sent) else row.sent
    assert client.post(path, sent, headers=row.headers(world)).status_code == 403


def test_pages_of_members_are_not_kept_by_the_browser(world, client):
    client.force_login(world.people["owner"])
    for name in ("matches:list", "accounts:profile"):
        answer = client.get(reverse(name))
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"
        assert "script-src 'self';" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(("name", "row"), CASES)
def test_roles_between_stand_between(world, name, row):
    """Coach and analyst are answered like the owner or like the viewer, and never less than who stands below."""
    ranks = {"viewer": row.answers[1], "analyst": None, "coach": None, "owner": row.answers[0]}
    if ranks["viewer"] == ranks["owner"]:
        return
    for role in ("analyst", "coach"):
        with transaction.atomic():
            world.people[role] = make_member(f"{role}@example.org", role, team=world.team)
            ranks[role] = ask(world, name, row, role).status_code
            transaction.set_rollback(True)
    allowed = [status == ranks["owner"] for status in ranks.values()]
    assert set(ranks.values()) == {ranks["viewer"], ranks["owner"]} and allowed == sorted(allowed)
