"""Playlists and scripts that pretend to be videos do not get past the first bytes."""

from pathlib import Path

import pytest
from django.test import Client

from tests.factories import make_match
from tests.webapp.matches import tus
from webapp.matches.models import Upload, Video

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "hostile_media"
pytestmark = [
    pytest.mark.real,
    pytest.mark.django_db,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the hostile media are not beside the checkout"),
]


@pytest.mark.parametrize(
    "name", ["concat.mp4", "evil.m3u8", "evil.mp4", "mpd.mp4", "pl.ts", "ssrf.mp4"]
)
def test_a_pretender_is_refused_and_leaves_nothing(
    owner, team, settings, tmp_path, name, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT, settings.DISK_RESERVE_BYTES = tmp_path, 0
    client = Client()
    client.force_login(owner)
    content = (FOLDER / name).read_bytes()
    url = tus.begin(client, make_match(team), len(content), name=name)
    with django_capture_on_commit_callbacks(execute=True):
        assert tus.patch(client, url, 0, content).status_code == 415
    assert not Upload.objects.exists() and not Video.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
