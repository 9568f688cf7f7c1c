"""Text, disk, headers."""

import hashlib
import json
from pathlib import Path

import pytest
from django.conf import settings as site
from django.http import HttpResponse
from django.test import RequestFactory

from webapp.lib import disk
from webapp.lib.security import SecurityHeadersMiddleware, add_sources
from webapp.lib.text import bytes_in_words, plain_file_name


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("match.mp4", "match.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\videos\\final.mkv", "final.mkv"),
        ("a\0b.mp4", "ab.mp4"),
        ("evil\u202e4pm.exe", "evil4pm.exe"),
        ("CON", "CON"),
        ("<img src=x onerror=alert(1)>.mp4", "<img src=x onerror=alert(1)>.mp4"),
        ("", "unnamed"),
        ("\n\t", "unnamed"),
        ("Füchse – Löwen 2:1.mp4", "Füchse – Löwen 2:1.mp4"),
    ],
)
def test_names_of_files_become_plain_text(name, kept):
    assert plain_file_name(name) == kept


def test_a_long_name_keeps_both_ends():
    kept = plain_file_name("x" * 300 + " second half.mp4")
    assert len(kept) == 200
    assert kept.endswith("ond half.mp4")


@pytest.mark.parametrize(
    ("n_bytes", "words"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1536, "1.5 KB"),
        (40 * 1024**3, "40.0 GB"),
        (3 * 1024**5, "3072 TB"),
    ],
)
def test_sizes_in_words(n_bytes, words):
    assert bytes_in_words(n_bytes) == words


def test_the_reserve_is_not_offered(tmp_path, settings):
    settings.DISK_RESERVE_BYTES = 0
    free = disk.free_bytes(tmp_path / "not" / "yet")
    settings.DISK_RESERVE_BYTES = 10**18
    assert free > 0
    assert disk.free_bytes(tmp_path) == 0


def headers(widen=lambda response: response):
    answer = SecurityHeadersMiddleware(lambda request: widen(HttpResponse()))
    return answer(RequestFactory().get("/"))


def test_the_policy_allows_only_ourselves():
    policy = headers()["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_one_answer_may_use_more():
    policy = headers(
        lambda r: add_sources(
            add_sources(r, "script-src", "'sha256-x'"), "frame-ancestors", "'self'"
        )
    )
    assert "script-src 'self' 'sha256-x';" in policy["Content-Security-Policy"]
    assert policy["Content-Security-Policy"].endswith("frame-ancestors 'self'")
    assert "sha256" not in headers()["Content-Security-Policy"]


def test_vendored_files_are_the_ones_of_the_manifest():
    folder = Path(site.BASE_DIR) / "webapp" / "static" / "vendor"
    manifest = json.loads((folder / "vendor.json").read_text())["files"]
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*.js")}
    assert found == set(manifest)
    for name, told in manifest.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == told["sha256"], name
        assert (folder / name).with_name("LICENSE").exists(), name
