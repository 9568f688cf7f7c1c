"""The laws of tus 1.0.0, and what we refuse."""

from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from tests.factories import make_match, make_member, make_video
from tests.webapp.matches import tus
from webapp import jobs
from webapp.lib import stored
from webapp.matches import uploads
from webapp.matches.models import Upload, Video, VideoState
from webapp.matches.services import delete_match, part_path

pytestmark = pytest.mark.django_db
SIZE = 10_000


@pytest.fixture
def match(team, media):
    return make_match(team)


@pytest.fixture
def coach(client, owner):
    client.force_login(owner)
    return client


def part_of(url: str) -> Path:
    return part_path(Upload.objects.get(uuid=url.split("/")[-2]))


def test_the_server_says_what_it_speaks(coach, settings):
    answer = coach.options("/uploads/")
    assert answer.status_code == 204
    assert answer["Tus-Version"] == "1.0.0"
    assert answer["Tus-Extension"] == "creation,termination,expiration"
    assert answer["Tus-Max-Size"] == str(settings.UPLOAD_MAX_BYTES)


def test_a_file_arrives_in_pieces_and_becomes_a_video(coach, match, media, sent, on_commit, kept):
    content = tus.mp4(SIZE)
    url = tus.begin(coach, match, SIZE)
    assert url.startswith("/uploads/")
    assert tus.head(coach, url)["Upload-Offset"] == "0"
    answer = tus.patch(coach, url, 0, content[:6000])
    assert (answer.status_code, answer["Upload-Offset"]) == (204, "6000")
    assert "Upload-Expires" in answer
    answer = tus.head(coach, url)
    assert (answer["Upload-Offset"], answer["Upload-Length"]) == ("6000", str(SIZE))
    assert answer["Cache-Control"] == "no-store"
    with on_commit():
        assert tus.patch(coach, url, 6000, content[6000:])["Upload-Offset"] == str(SIZE)
    video = Video.objects.get()
    assert (video.state, video.size_bytes, video.extension) == (VideoState.CHECKING, SIZE, "mp4")
    assert b"".join(stored.media().blocks(video.source_name)) == content
    assert not part_path(Upload.objects.get()).exists()
    assert sent == [(jobs.CHECK_VIDEO, [video.pk])]
    assert tus.head(coach, url)["Upload-Offset"] == str(SIZE)
    assert tus.delete(coach, url).status_code == 409


@pytest.mark.parametrize("offset", [0, 3999, 4001])
def test_a_chunk_at_another_place_is_refused(coach, match, offset):
    url = tus.begin(coach, match, SIZE)
    tus.patch(coach, url, 0, tus.mp4(4000))
    answer = tus.patch(coach, url, offset, b"abc")
    assert answer.status_code == 409
    assert "4000" in answer.content.decode()
    assert part_of(url).stat().st_size == 4000


def test_a_chunk_needs_its_content_type(coach, match):
    url = tus.begin(coach, match, SIZE)
    assert (
        tus.patch(coach, url, 0, b"abc", content_type="application/octet-stream").status_code == 415
    )


def test_a_chunk_longer_than_the_rest_is_refused(coach, match):
    url = tus.begin(coach, match, 5)
    assert tus.patch(coach, url, 0, b"123456").status_code == 413
    assert part_of(url).stat().st_size == 0


@pytest.mark.parametrize("version", ["0.2.2", ""])
def test_other_versions_are_refused(coach, match, version):
    answer = tus.create(coach, match, SIZE, **{"Tus-Resumable": version})
    assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")


@pytest.mark.parametrize(
    "headers",
    [
        {"Upload-Length": "-1"},
        {"Upload-Length": "ten"},
        {"Upload-Length": "²"},
        {"Upload-Length": "0"},
        {"Upload-Length": "9" * 40},
        {"Upload-Defer-Length": "1"},
        {"Upload-Metadata": "match !!!"},
        {"Upload-Metadata": tus.metadata(match="1;DROP")},
        {"Upload-Metadata": tus.metadata(match="9" * 30)},
        {"Upload-Metadata": tus.metadata(match="1", half="7")},
        {"Upload-Metadata": ""},
    ],
)
def test_odd_creations_are_refused_in_words(coach, match, media, headers):
    answer = tus.create(coach, match, SIZE, **headers)
    assert answer.status_code == 400
    assert answer.content.decode().endswith(".")
    assert list(media.rglob("*")) == []


def test_a_server_that_died_in_the_middle_is_resumed_where_the_file_ends(coach, match):
    url = tus.begin(coach, match, SIZE)
    content = tus.mp4(SIZE)
    tus.patch(coach, url, 0, content[:5000])
    with part_of(url).open("ab") as file:
        file.write(content[5000:7000])  # written, but the row was not: as after kill -9
    assert Upload.objects.get().offset_bytes == 5000
    assert tus.head(coach, url)["Upload-Offset"] == "7000"
    assert Upload.objects.get().offset_bytes == 7000
    tus.patch(coach, url, 7000, content[7000:])
    assert Path(part_path(Upload.objects.get())).exists() is False
    assert Video.objects.get().size_bytes == SIZE


def test_a_server_that_died_between_file_and_rows_finishes_later(coach, match, media, kept):
    url = tus.begin(coach, match, SIZE)
    upload = Upload.objects.get()
    target = f"{match.team.uuid}/{upload.uuid}/source.mp4"
    part_of(url).write_bytes(tus.mp4(SIZE))
    stored.media().put(part_of(url), target)
    assert tus.head(coach, url)["Upload-Offset"] == str(SIZE)
    assert Video.objects.get().source_name == target


def test_a_server_that_died_with_the_last_byte_finishes_later(coach, match, media, kept):
    """All bytes are here, but neither the file was moved nor the rows written; the sender asks how far it is."""
    url = tus.begin(coach, match, SIZE)
    part_of(url).write_bytes(tus.mp4(SIZE))
    assert tus.head(coach, url)["Upload-Offset"] == str(SIZE)
    assert Video.objects.get().size_bytes == SIZE
    assert not part_path(Upload.objects.get()).exists()


def test_whole_uploads_that_nobody_asks_about_are_finished(coach, match, media, kept):
    url = tus.begin(coach, match, SIZE)
    part_of(url).write_bytes(tus.mp4(SIZE))
    assert uploads.finish_whole() == 0, "the writer may still be at it"
    assert uploads.finish_whole(timezone.now() + timedelta(minutes=6)) == 1
    assert Video.objects.get().size_bytes == SIZE


def test_a_bucket_that_is_away_keeps_what_arrived(coach, match, media, bucket, settings):
    url = tus.begin(coach, match, SIZE)
    away = {**settings.STORAGES["default"]["OPTIONS"], "endpoint_url": "http://127.0.0.1:9"}
    there = settings.STORAGES
    settings.STORAGES = {**there, "default": {**there["default"], "OPTIONS": away}}
    answer = tus.patch(coach, url, 0, tus.mp4(SIZE))
    assert answer.status_code == 503 and "kept" in answer.content.decode()
    settings.STORAGES = there
    assert tus.head(coach, url)["Upload-Offset"] == str(SIZE)
    assert Video.objects.get().size_bytes == SIZE


class BrokenBody:
    """A connection that breaks after some bytes."""

    def __init__(self, content):
        self.content = content

    def read(self, size):
        if not self.content:
            raise OSError("connection reset")
        block, self.content = self.content[:size], self.content[size:]
        return block


def test_a_broken_connection_keeps_what_arrived(coach, match):
    tus.begin(coach, match, SIZE)
    upload = Upload.objects.get()
    with pytest.raises(uploads.Refusal):
        uploads.append(upload.pk, 0, BrokenBody(tus.mp4(6000)), SIZE)
    upload.refresh_from_db()
    assert upload.offset_bytes == part_path(upload).stat().st_size == 6000


def test_giving_up_removes_the_bytes(coach, match, on_commit):
    url = tus.begin(coach, match, SIZE)
    part = part_of(url)
    with on_commit():
        assert tus.delete(coach, url).status_code == 204
    assert not part.exists()
    assert tus.head(coach, url).status_code == 404


def wait_until_stale(settings):
    Upload.objects.update(
        updated_at=timezone.now() - timedelta(hours=settings.UPLOAD_STALE_HOURS, seconds=1)
    )


def test_an_expired_upload_is_gone(coach, match, settings, on_commit):
    url = tus.begin(coach, match, SIZE)
    part = part_of(url)
    wait_until_stale(settings)
    with on_commit():
        answer = tus.patch(coach, url, 0, tus.mp4(100))
    assert answer.status_code == 410
    assert not part.exists()


def test_stale_parts_are_removed_and_fresh_ones_stay(coach, match, settings, on_commit, media):
    stale = part_of(tus.begin(coach, match, SIZE, half=1))
    wait_until_stale(settings)
    fresh = part_of(tus.begin(coach, match, SIZE, half=2))
    orphan = stale.with_name("11111111-1111-4111-8111-111111111111")
    orphan.write_bytes(b"x")
    with on_commit():
        assert uploads.remove_stale() == 1
    assert (stale.exists(), fresh.exists(), orphan.exists()) == (False, True, True)
    later = timezone.now() + timedelta(hours=settings.UPLOAD_STALE_HOURS + 1)
    with on_commit():
        uploads.remove_stale(later)
    assert [path for path in media.rglob("*") if path.is_file()] == []


@pytest.mark.django_db(transaction=True)
def test_a_second_writer_waits_outside(client, media):
    owner = make_member("alice@example.org", "owner")
    client.force_login(owner)
    url = tus.begin(client, make_match(owner.memberships.get().team), SIZE)
    held, done = Event(), Event()

    def hold():
        with transaction.atomic():
            Upload.objects.select_for_update().get()
            held.set()
            done.wait(20)
        connection.close()

    writer = Thread(target=hold)
    writer.start()
    try:
        assert held.wait(20)
        assert tus.patch(client, url, 0, tus.mp4(100)).status_code == 423
    finally:
        done.set()
        writer.join()
    assert tus.patch(client, url, 0, tus.mp4(100)).status_code == 204


def test_text_renamed_is_refused_and_leaves_nothing(coach, match, media, on_commit):
    text = b"ffconcat version 1.0\nfile v1.ts\n".ljust(SIZE)
    url = tus.begin(coach, match, SIZE)
    with on_commit():
        answer = tus.patch(coach, url, 0, text[:5000])
    assert answer.status_code == 415
    assert "not a video" in answer.content.decode()
    assert [path for path in media.rglob("*") if path.is_file()] == []
    assert not Upload.objects.exists()


def test_a_short_lie_is_refused_too(coach, match):
    url = tus.begin(coach, match, 10)
    assert tus.patch(coach, url, 0, b"#EXTM3U\n\n\n").status_code == 415


def test_the_bytes_name_the_extension(coach, match):
    content = (b"\x1a\x45\xdf\xa3").ljust(5000, b"\1")
    url = tus.begin(coach, match, 5000, name="liar.mp4")
    tus.patch(coach, url, 0, content)
    assert Video.objects.get().extension == "mkv"


@pytest.mark.parametrize(
    "name", ["../../x", "a\0.mp4", "CON", "x" * 300, "a\u202e4pm.mp4", "<img onerror=x>"]
)
def test_hostile_names_are_text_only(coach, match, media, name):
    url = tus.begin(coach, match, 64, name=name)
    tus.patch(coach, url, 0, tus.mp4(64))
    video = Video.objects.get()
    files = [path.relative_to(media).as_posix() for path in media.rglob("*") if path.is_file()]
    assert files == [f"{match.team.uuid}/{video.uuid}/source.mp4"]
    page = coach.get(f"/matches/{match.pk}/upload/").content.decode()
    assert "<img" not in page


def test_too_large(coach, match, settings, media):
    settings.UPLOAD_MAX_BYTES = 1024**2
    answer = tus.create(coach, match, 3 * 1024**2)
    assert answer.status_code == 413
    assert "3.0 MB" in answer.content.decode()
    assert "1.0 MB" in answer.content.decode()


def test_the_quota_counts_videos_and_promises(coach, match, team):
    team.quota_bytes = 5000
    team.save()
    make_video(make_match(team), size_bytes=2000)
    tus.begin(coach, match, 2000, half=1)
    answer = tus.create(coach, match, 1001, half=2)
    assert answer.status_code == 413
    assert "1000 bytes of its 4.9 KB left" in answer.content.decode()
    tus.begin(coach, match, 1000, half=2)


def test_a_full_disk_is_said_before_the_first_byte(coach, match, settings):
    settings.DISK_RESERVE_BYTES = 10**18
    answer = tus.create(coach, match, SIZE)
    assert answer.status_code == 507
    assert "disk has room for 0 bytes" in answer.content.decode()


@pytest.mark.parametrize(
    ("here", "wanted", "status"), [(0, 0, 409), (0, 1, 409), (1, 0, 409), (1, 1, 409), (1, 2, 201)]
)
def test_one_file_a_match_or_one_a_half(coach, match, here, wanted, status):
    make_video(match, half=here)
    assert tus.create(coach, match, SIZE, half=wanted).status_code == status


def test_a_refused_file_is_replaced(coach, match, on_commit, media, sent):
    refused = make_video(match, state=VideoState.REFUSED)
    (media / refused.folder).mkdir(parents=True)
    url = tus.begin(coach, match, SIZE)
    with on_commit():
        tus.patch(coach, url, 0, tus.mp4(SIZE))
    assert Video.objects.get().pk != refused.pk
    assert not (media / refused.folder).exists()


def test_the_same_person_starts_over_and_another_waits(coach, match, team):
    first = tus.begin(coach, match, SIZE)
    second = tus.begin(coach, match, SIZE)
    assert first != second
    assert Upload.objects.count() == 1
    colleague = Client()
    colleague.force_login(make_member("carol@example.org", "coach", team=team))
    answer = tus.create(colleague, match, SIZE)
    assert answer.status_code == 409
    assert "alice@example.org is uploading" in answer.content.decode()


def test_who_may_upload(client, match, teammate, outsider):
    assert tus.create(client, match, SIZE).status_code == 403
    client.force_login(teammate)
    answer = tus.create(client, match, SIZE)
    assert answer.status_code == 403
    assert "Only a coach of Rovers may upload videos" in answer.content.decode()
    client.force_login(outsider)
    assert tus.create(client, match, SIZE).status_code == 404


def test_an_upload_belongs_to_its_person(coach, match, team):
    url = tus.begin(coach, match, SIZE)
    other = Client()
    other.force_login(make_member("carol@example.org", "owner", team=team))
    for ask in (tus.head, tus.delete, lambda c, u: tus.patch(c, u, 0, b"x")):
        assert ask(other, url).status_code == 404


def test_a_role_taken_away_stops_an_upload(coach, match, owner, team):
    url = tus.begin(coach, match, SIZE)
    owner.memberships.update(role="viewer")
    assert tus.patch(coach, url, 0, b"x").status_code == 403


def test_the_csrf_token_is_needed(owner, match):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    assert tus.create(strict, match, SIZE).status_code == 403
    assert not Upload.objects.exists()
    strict.get(f"/matches/{match.pk}/upload/")
    token = strict.cookies["csrftoken"].value
    assert tus.create(strict, match, SIZE, **{"X-CSRFToken": token}).status_code == 201


def test_deleting_the_match_removes_the_part(coach, match, on_commit):
    part = part_of(tus.begin(coach, match, SIZE))
    with on_commit():
        delete_match(match)
    assert not part.exists()


def test_memory_stays_flat(coach, match):
    """A chunk is never held whole: what the writer asks of the body at once is at most a block."""
    tus.begin(coach, match, 40 * 1024**2)
    asked = []

    class Body:
        left = 40 * 1024**2

        def read(self, size):
            asked.append(size)
            block = tus.MP4_HEAD.ljust(size, b"\0") if self.left else b""
            self.left -= len(block)
            return block

    uploads.append(Upload.objects.get().pk, 0, Body(), 40 * 1024**2)
    assert max(asked) <= uploads.BLOCK_BYTES
