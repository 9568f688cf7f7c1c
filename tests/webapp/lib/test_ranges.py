"""Byte ranges, by RFC 9110."""

import pytest
from django.http import Http404
from django.test import RequestFactory

from webapp.lib import stored
from webapp.lib.ranges import Unsatisfiable, parse_range, ranged_file

CONTENT = bytes(range(200)) * 5


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-0", (0, 0)),
        ("bytes=0-", (0, 999)),
        ("bytes=990-2000", (990, 999)),
        ("bytes=-1", (999, 999)),
        ("bytes=-5000", (0, 999)),
        ("bytes=1-2,5-6", (1, 2)),
        ("Bytes = 3-4", (3, 4)),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("lines=0-1", None),
        ("", None),
    ],
)
def test_which_bytes_a_header_means(header, wanted):
    assert parse_range(header, 1000) == wanted


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=5000-6000", "bytes=-0"])
def test_behind_the_end(header):
    with pytest.raises(Unsatisfiable):
        parse_range(header, 1000)


def test_nothing_of_an_empty_file_can_be_asked():
    with pytest.raises(Unsatisfiable):
        parse_range("bytes=0-0", 0)


NAME = "a b/play.mp4"


@pytest.fixture
def put(tmp_path, settings, kept):
    """Stores the file's content, on a disk or in a bucket."""
    settings.MEDIA_ROOT, settings.X_ACCEL_LOCATION = tmp_path / "media", ""

    def put(content):
        made = tmp_path / "made.mp4"
        made.write_bytes(content)
        stored.media().put(made, NAME)

    return put


@pytest.fixture
def file(put):
    put(CONTENT)
    return NAME


def ask(file, method="get", **headers):
    request = getattr(RequestFactory(), method)("/", headers=headers)
    return ranged_file(request, file, "video/mp4")


def body(answer):
    return b"".join(answer.streaming_content)


def test_the_whole_file(file):
    answer = ask(file)
    assert (answer.status_code, answer["Content-Length"]) == (200, "1000")
    assert answer["Accept-Ranges"] == "bytes"
    assert answer["Cache-Control"].startswith("private")
    assert body(answer) == CONTENT


@pytest.mark.parametrize(("first", "last"), [(0, 0), (999, 999), (100, 350)])
def test_a_part(file, first, last):
    answer = ask(file, Range=f"bytes={first}-{last}")
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {first}-{last}/1000"
    assert answer["Content-Length"] == str(last - first + 1)
    assert body(answer) == CONTENT[first : last + 1]


def test_beyond_the_end(file):
    answer = ask(file, Range="bytes=1000-")
    assert (answer.status_code, answer["Content-Range"]) == (416, "bytes */1000")


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("100-", "100-199"),
        ("950-", "950-999"),
        ("100-899", "100-899"),
        ("100-999", "100-199"),
        ("-50", "950-999"),
    ],
)
def test_a_range_to_the_end_comes_in_pieces_where_wanted(file, asked, answered):
    request = RequestFactory().get("/", headers={"Range": f"bytes={asked}"})
    answer = ranged_file(request, file, "video/mp4", piece_bytes=100)
    assert answer["Content-Range"] == f"bytes {answered}/1000"
    first, last = map(int, answered.split("-"))
    assert body(answer) == CONTENT[first : last + 1]
    assert answer["Content-Length"] == str(last - first + 1)


def test_a_head_has_the_headers_only(file):
    answer = ask(file, "head", Range="bytes=0-9")
    assert (answer.status_code, answer["Content-Length"], answer.content) == (206, "10", b"")


def test_a_range_of_another_version_gets_the_whole_file(file, put):
    tag = ask(file)["ETag"]
    assert ask(file, Range="bytes=0-9", **{"If-Range": tag}).status_code == 206
    assert ask(file, Range="bytes=0-9", **{"If-Range": '"old"'}).status_code == 200
    put(CONTENT + b"more")
    assert ask(file, Range="bytes=0-9", **{"If-Range": tag}).status_code == 200


def test_what_the_browser_has_is_not_sent_again(file):
    assert ask(file, **{"If-None-Match": ask(file)["ETag"]}).status_code == 304


def test_a_missing_file_is_not_found(file):
    stored.media().remove(file)
    with pytest.raises(Http404):
        ask(file)


@pytest.mark.parametrize("method", ["get", "head"])
def test_behind_nginx_only_the_place_is_named(file, settings, kept, method):
    settings.X_ACCEL_LOCATION, settings.X_ACCEL_OBJECTS = "/protected/", "/objects/"
    answer = ask(file, method, Range="bytes=0-9")
    address = answer["X-Accel-Redirect"]
    if kept == "disk":
        assert address == "/protected/a%20b/play.mp4"
    else:
        assert address.startswith("/objects/touchline-") and "/media/a%20b/play.mp4?" in address
        assert "X-Amz-Expires=300&" in address and "X-Amz-Signature=" in address
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["Content-Type"] == "video/mp4"


def test_a_storage_that_is_away_is_said(tmp_path, settings, bucket):
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES["default"]["OPTIONS"]["endpoint_url"] = "http://127.0.0.1:9"
    settings.STORAGES = {**settings.STORAGES}
    answer = ask(NAME)
    assert answer.status_code == 503 and b"does not answer" in answer.content
