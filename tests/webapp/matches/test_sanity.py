"""Files and rows are compared; nothing is changed by that."""

import pytest
from django.core.management import CommandError, call_command

from tests.factories import make_match, make_video
from webapp.lib import stored
from webapp.matches import sanity
from webapp.matches.models import Upload, Video
from webapp.playlists.models import Playlist, Reel

pytestmark = pytest.mark.django_db
OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.fixture
def put(settings, tmp_path, kept):
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "media", tmp_path

    def put(name, content=b"abc"):
        (tmp_path / "made").write_bytes(content)
        stored.media().put(tmp_path / "made", name)

    return put


@pytest.fixture
def whole(owner, team, put):
    """A video with everything, a finished film, an unfinished upload."""
    board = {"n_sheets": 2}
    video = make_video(
        make_match(team), size_bytes=3, sha256=OF_ABC, has_playback=True, has_poster=True,
        storyboard=board,
    )  # fmt: skip
    more = ("play.mp4", "poster.jpg", "frames.bin", "sheets/sheet-001.jpg", "sheets/sheet-002.jpg")
    for name in (video.source_name, *(f"{video.folder}/{name}" for name in more)):
        put(name)
    film = Reel.objects.create(
        playlist=Playlist.objects.create(team=team, title="Corners"), state="finished", size_bytes=3
    )
    put(film.file_name)
    upload = Upload.objects.create(user=owner, match=video.match, original_name="x", size_bytes=9)
    part = stored.media().root / f"{team.uuid}/uploads/{upload.uuid}"
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(b"half")
    return video, film


def test_a_whole_house_is_sane(whole, capsys):
    call_command("sanity", "--content")
    assert "each as its row says" in capsys.readouterr().out
    assert sanity.last_looked()["missing"] == 0


def test_what_is_wrong_is_named(whole, put, capsys):
    video, film = whole
    stored.media().remove(f"{video.folder}/play.mp4")
    stored.media().remove(film.file_name)
    put(video.source_name, b"abcd")
    put("nobody/knows.mp4")
    with pytest.raises(CommandError, match="backup"):
        call_command("sanity")
    said = capsys.readouterr().out
    assert f"missing: {video.folder}/play.mp4" in said and f"missing: {film.file_name}" in said
    assert f"changed: {video.source_name}" in said and "orphaned: nobody/knows.mp4" in said
    assert said.count("\n") == 4
    assert sanity.last_looked()["missing"] == 2 and Video.objects.exists()


def test_another_content_of_the_same_length_needs_reading(whole, put):
    put(whole[0].source_name, b"abd")
    assert sanity.look().is_sane
    assert sanity.look(with_content=True).changed == [whole[0].source_name]
