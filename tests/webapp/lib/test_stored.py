"""One contract for files on a disk and in a bucket of a real S3-compatible server."""

import os
import subprocess
import sys
import time

import pytest

from analysis.core.problems import Transient
from webapp.lib import stored

CONTENT = bytes(range(256)) * 4096


@pytest.fixture
def place(kept, settings, tmp_path):
    settings.MEDIA_ROOT, settings.DISK_RESERVE_BYTES = tmp_path / "media", 0
    return stored.media()


@pytest.fixture
def put(place, tmp_path):
    def put(name, content=CONTENT):
        (tmp_path / "made").write_bytes(content)
        place.put(tmp_path / "made", name)

    return put


def test_what_is_put_is_there(place, put, tmp_path):
    assert place.facts("team/video/source.mp4") is None
    put("team/video/source.mp4")
    assert not (tmp_path / "made").exists()
    facts = place.facts("team/video/source.mp4")
    assert facts.size_bytes == len(CONTENT) and abs(facts.changed_s - time.time()) < 3600
    put("team/video/source.mp4", b"other")
    assert place.facts("team/video/source.mp4").tag != facts.tag


@pytest.mark.parametrize("span", [(0, None), (5, 6), (1000, 900_000), (7, 7), (1_048_570, None)])
def test_any_stretch_can_be_read(place, put, span):
    put("a/b")
    assert b"".join(place.blocks("a/b", *span)) == CONTENT[slice(*span)]


def test_what_is_missing_is_not_there(place):
    for ask in (lambda: list(place.blocks("a/b")), lambda: place.at_hand("a/b")):
        with pytest.raises(FileNotFoundError):
            ask()
    place.remove("a/b")


def test_at_hand_is_the_file_itself(place, put):
    put("team/video/source.mp4")
    path = place.at_hand("team/video/source.mp4")
    assert path == place.root / "team/video/source.mp4" == place.at_hand("team/video/source.mp4")
    assert path.read_bytes() == CONTENT


def test_folders_go_as_a_whole_and_neighbours_stay(place, put):
    for name in ("t/v1/source.mp4", "t/v1/sheets/sheet-001.jpg", "t/v10/source.mp4", "u/film.mp4"):
        put(name)
    place.at_hand("t/v1/source.mp4")
    place.remove("t/v1")
    assert list(place.names()) == ["t/v10/source.mp4", "u/film.mp4"]
    assert not (place.root / "t/v1").exists()
    place.remove("u/film.mp4")
    assert list(place.names()) == ["t/v10/source.mp4"]
    assert set(place.folders()) - {"u"} == {"t"}


def test_both_places_are_apart(place, put):
    put("match-1/x")
    assert stored.worked_out().facts("match-1/x") is None


@pytest.fixture
def in_bucket(bucket, settings, tmp_path):
    settings.MEDIA_ROOT, settings.DISK_RESERVE_BYTES = tmp_path / "media", 0
    (tmp_path / "made").write_bytes(CONTENT)
    stored.media().put(tmp_path / "made", "t/v/source.mp4")
    return stored.media()


def old(path):
    os.utime(path, (1, 1))


def test_copies_that_are_worked_on_stay_and_others_make_room(in_bucket, tmp_path):
    held = in_bucket.at_hand("t/v/source.mp4")
    part = in_bucket.root / "t/uploads/an-upload"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"half")
    old(held)
    old(part)
    in_bucket.forget_copies(time.time())
    assert held.exists() and part.exists()
    stored.let_go()
    assert not held.exists() and part.exists(), "an old copy, and nobody works on it"
    again = in_bucket.at_hand("t/v/source.mp4")
    stored.let_go()
    assert again.exists(), "a fresh copy is kept for the next task"


def test_a_copy_held_by_another_process_stays(in_bucket):
    path = in_bucket.at_hand("t/v/source.mp4")
    hold = "import fcntl, sys; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_SH); print(1, flush=True); input()"
    command = [sys.executable, "-c", hold, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        old(path)
        stored.let_go()
        assert path.exists()
        other.kill()
    stored.let_go()
    assert not path.exists(), "a killed worker lets go"


def test_a_file_for_which_there_is_no_room(in_bucket, settings):
    settings.DISK_RESERVE_BYTES = 10**18
    with pytest.raises(Transient) as problem:
        in_bucket.at_hand("t/v/source.mp4")
    assert problem.value.code == "disk_full"
    assert not [path for path in in_bucket.root.rglob("*") if path.is_file()]


@pytest.mark.django_db
def test_a_bucket_that_is_not_there_is_told_apart(settings, in_bucket, client):
    options = {**settings.STORAGES["default"]["OPTIONS"], "bucket_name": "nobodys"}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": options},
    }
    place = stored.media()
    assert not place.is_there()
    ready = client.get("/readyz")
    assert ready.status_code == 503 and not ready.json()["files"] and ready.json()["database"]
    with pytest.raises(Transient) as problem:
        list(place.names())
    assert problem.value.code == "storage_refuses" and "S3_BUCKET" in problem.value.sentence
