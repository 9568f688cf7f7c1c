"""Tokens: shown once, kept as digests, limited to their scopes, over when revoked, expired or their person leaves."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_member, make_video
from tests.webapp.analytics.rooms import make_room
from tests.webapp.matches import tus
from webapp.api import tokens
from webapp.api.models import AccessToken
from webapp.lib.tokens import digest_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def match(team):
    return make_room(team, duration_ms=20_000)


def bearer(user, *scopes, days=None) -> dict:
    return {"Authorization": f"Bearer {tokens.make(user, 'script', scopes, days)[1]}"}


def test_a_secret_is_shown_once_and_kept_as_a_digest(client, owner):
    client.force_login(owner)
    page = reverse("api:tokens")
    answer = client.post(page, {"name": "laptop", "scopes": ["read", "export"], "days": "30"})
    made = AccessToken.objects.get()
    secret = answer.content.decode().split('class="secret">')[1].split("<")[0]
    assert made.token_sha256 == digest_of(secret) and secret.startswith("tl_") and len(secret) > 40
    assert made.scopes == ["export", "read"]
    assert made.expires_at - made.created_at == pytest.approx(
        timedelta(days=30), abs=timedelta(minutes=1)
    )
    assert secret not in client.get(page).content.decode()


def test_a_token_needs_a_name_and_a_scope(client, owner):
    client.force_login(owner)
    client.post(reverse("api:tokens"), {"name": "x"})
    client.post(reverse("api:tokens"), {"name": "", "scopes": ["read"]})
    client.post(reverse("api:tokens"), {"name": "x", "scopes": ["root"]})
    assert not AccessToken.objects.exists()


def test_use_is_noted(client, owner, match):
    headers = bearer(owner, "read")
    assert client.get("/api/v1/me", headers=headers).json()["email"] == owner.email
    assert AccessToken.objects.get().last_used_at is not None


@pytest.mark.parametrize("spoil", ["revoke", "expire", "deactivate", "change"])
def test_an_ended_token_opens_nothing(client, owner, match, spoil):
    headers = bearer(owner, "read")
    token = AccessToken.objects.get()
    if spoil == "revoke":
        tokens.revoke(token)
    elif spoil == "expire":
        AccessToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif spoil == "deactivate":
        owner.is_active = False
        owner.save()
    else:
        headers = {"Authorization": headers["Authorization"] + "x"}
    answer = client.get("/api/v1/me", headers=headers)
    assert answer.status_code == 401 and answer["WWW-Authenticate"] == "Bearer"
    assert (
        client.get(f"/media/{match.videos.get().uuid}/play.mp4", headers=headers).status_code == 401
    )


def test_scopes_bound_a_token(client, owner, match):
    read, write, export = (bearer(owner, scope) for scope in ("read", "write", "export"))
    events = f"/api/v1/matches/{match.pk}/events"
    file = f"/api/v1/matches/{match.pk}/exports/events_csv"
    assert [client.get(events, headers=h).status_code for h in (read, write, export)] == [
        200,
        403,
        403,
    ]
    assert [client.post(events, headers=h).status_code for h in (read, export)] == [403, 403]
    assert [client.get(file, headers=h).status_code for h in (read, write, export)] == [
        403,
        403,
        200,
    ]
    assert "scope export" in client.get(file, headers=read).json()["detail"]


def test_a_token_is_no_more_than_its_person(client, teammate, outsider, match):
    every = ("read", "write", "export")
    viewer, stranger = bearer(teammate, *every), bearer(outsider, *every)
    assert client.get(f"/api/v1/matches/{match.pk}", headers=viewer).status_code == 200
    assert client.delete(f"/api/v1/matches/{match.pk}", headers=viewer).status_code == 403
    assert client.get(f"/api/v1/matches/{match.pk}", headers=stranger).status_code == 404


def test_a_token_is_known_only_to_its_own_person(client, owner, team):
    tokens.make(owner, "mine", ["read"], None)
    other = make_member("dora@example.org", "owner", team=team)
    client.force_login(other)
    assert b"mine" not in client.get(reverse("api:tokens")).content
    pk = AccessToken.objects.get().pk
    assert client.post(reverse("api:revoke_token", args=[pk])).status_code == 404


def test_uploads_and_videos_take_tokens(client, owner, match, settings, tmp_path):
    settings.MEDIA_ROOT, settings.X_ACCEL_LOCATION = tmp_path, ""
    video = match.videos.get()
    folder = tmp_path / video.folder
    folder.mkdir(parents=True)
    for name in ("play.mp4", "source.mp4"):
        (folder / name).write_bytes(b"bytes")
    read, write, export = (bearer(owner, scope) for scope in ("read", "write", "export"))
    play, source = f"/media/{video.uuid}/play.mp4", f"/media/{video.uuid}/source"
    assert [client.get(play, headers=h).status_code for h in (read, write)] == [200, 403]
    assert [client.get(source, headers=h).status_code for h in (read, export)] == [403, 200]
    told = {"Tus-Resumable": "1.0.0", "Upload-Length": "10",
            "Upload-Metadata": tus.metadata(match=match.pk, half=1, filename="a.mp4")}  # fmt: skip
    strict = type(client)(enforce_csrf_checks=True)
    answers = [strict.post("/uploads/", headers={**told, **h}).status_code for h in (read, write)]
    # 409: this match has its file already, so the upload itself was understood.
    assert answers == [403, 409]


def test_a_token_opens_no_page(client, owner, match):
    headers = bearer(owner, "read", "write", "export")
    for address in (f"/matches/{match.pk}/", "/accounts/tokens/", "/api/v1/"):
        assert client.get(address, headers=headers).status_code == 302


def test_a_session_needs_its_csrf_token(owner, match, client):
    make_video(match, half=2)
    strict = type(client)(enforce_csrf_checks=True)
    strict.force_login(owner)
    assert strict.delete(f"/api/v1/matches/{match.pk}").status_code == 403
