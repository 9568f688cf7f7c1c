"""The list and the upload page in a real browser, on a real server with the real static files."""

import hashlib
import os
import time
from pathlib import Path

import pytest
from django.test import Client

from tests.factories import make_match, make_member, make_video
from tests.webapp.matches import tus
from webapp.analytics.models import AnalysisRun
from webapp.matches.models import Upload, Video

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
pytestmark = [
    pytest.mark.journey,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
MB = 1024**2


@pytest.fixture(scope="module")
def chromium():
    # Playwright's loop runs in this thread, and Django would refuse to use the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_api.sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def coach(media):
    return make_member("alice@example.org", "coach")


@pytest.fixture
def page(chromium, live_server, coach, sent):
    client = Client()
    client.force_login(coach)
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": 1366, "height": 768}
    )
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on(
        "console",
        lambda said: page.faults.append(said.text) if "Content Security" in said.text else None,
    )
    yield page
    context.close()
    assert page.faults == []


@pytest.fixture
def match(coach):
    return make_match(coach.memberships.get().team)


def until(condition, seconds=30):
    """Wait for something that the database, not the page, tells."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


@pytest.fixture
def film(tmp_path_factory):
    """A file of 40 MB: three chunks, and different at every place."""
    path = tmp_path_factory.mktemp("film") / "final.mp4"
    path.write_bytes(tus.mp4(40 * MB))
    return path


def test_a_file_is_uploaded_through_pause_reload_and_choice(page, match, media, film):
    page.goto(f"/matches/{match.pk}/upload/")
    slot = page.locator("#slot-0")
    held = []
    # The second chunk is held back until the upload is paused.
    page.route(
        "**/uploads/*/",
        lambda route: (
            held.append(route)
            if route.request.headers.get("upload-offset") == str(16 * MB) and not held
            else route.continue_()
        ),
    )
    page.set_input_files("#slot-0 [data-file]", film)
    until(lambda: bool(held) or page.wait_for_timeout(50))
    slot.get_by_role("button", name="Pause").click()
    sync_api.expect(slot.get_by_role("button", name="Resume")).to_be_visible()
    assert Upload.objects.get().offset_bytes == 16 * MB
    page.reload()
    sync_api.expect(slot).to_contain_text("40 % of final.mp4")
    page.set_input_files("#slot-0 [data-file]", film)
    sync_api.expect(slot).to_contain_text("All bytes have arrived", timeout=60_000)
    stored = media / Video.objects.get().source_name
    assert (
        hashlib.sha256(stored.read_bytes()).digest() == hashlib.sha256(film.read_bytes()).digest()
    )
    assert Upload.objects.count() == 1
    Video.objects.update(state="refused", problem_sentence="The end of this file is missing.")
    sync_api.expect(slot.get_by_role("alert").first).to_contain_text(
        "The end of this file is missing."
    )


def test_a_text_is_refused_in_words_and_the_page_goes_on(page, match, media, tmp_path):
    text = tmp_path / "match.mp4"
    text.write_bytes(b"ffconcat version 1.0\nfile v1.ts\n" * 300)
    page.goto(f"/matches/{match.pk}/upload/")
    page.set_input_files("#slot-0 [data-file]", text)
    sync_api.expect(page.locator("#slot-0 [data-problem]")).to_contain_text(
        "This file is not a video"
    )
    sync_api.expect(page.locator("#slot-0 [data-drop]")).to_be_visible()
    assert not Upload.objects.exists()
    empty = tmp_path / "empty.mp4"
    empty.touch()
    page.set_input_files("#slot-0 [data-file]", empty)
    sync_api.expect(page.locator("#slot-0 [data-problem]")).to_contain_text("empty")


def test_cancel_removes_what_arrived(page, match, media, film):
    page.route(
        "**/uploads/*/",
        lambda route: (
            None
            if route.request.headers.get("upload-offset") == str(16 * MB)
            else route.continue_()
        ),
    )
    page.goto(f"/matches/{match.pk}/upload/")
    page.set_input_files("#slot-0 [data-file]", film)
    until(lambda: Upload.objects.filter(offset_bytes=16 * MB).exists() or page.wait_for_timeout(50))
    page.locator("#slot-0").get_by_role("button", name="Cancel").click()
    until(lambda: not Upload.objects.exists() or page.wait_for_timeout(50))
    sync_api.expect(page.locator("#slot-0 [data-drop]")).to_be_visible()
    assert [path for path in media.rglob("*") if path.is_file() and "uploads" in path.parts] == []


def test_the_list_moves_by_itself_and_searches(page, coach, match):
    make_video(match)
    run = AnalysisRun.objects.create(
        match=match, state="running", stage="calibrate", done=1, total=4
    )
    make_match(match.team, title="Harbour v Lions")
    page.goto("/")
    card = page.locator(f"#match-{match.pk}")
    sync_api.expect(card).to_contain_text("25 %")
    run.state, run.verdict = "finished", "ok"
    run.save()
    sync_api.expect(card.locator(".chip")).to_have_text("Ready", timeout=10_000)
    page.get_by_role("searchbox").fill("lions")
    sync_api.expect(page.locator(".match-card")).to_have_count(1)
    page.get_by_role("radio", name="Ready").check()
    sync_api.expect(page.locator("#results")).to_contain_text("Nothing found")
    page.go_back()
    sync_api.expect(page.locator(".match-card")).to_have_count(1)
    sync_api.expect(page.get_by_role("heading", name="Matches")).to_be_visible()


def test_the_theme_is_kept(page):
    page.goto("/")
    before = page.evaluate("document.documentElement.dataset.theme")
    page.get_by_role("button", name="Switch between light and dark").click()
    page.goto("/accounts/me/")
    assert page.evaluate("document.documentElement.dataset.theme") != before


@pytest.mark.parametrize("path", ["/", "/matches/new/", "/accounts/me/", "/accounts/teams/new/"])
def test_pages_fit_a_phone(page, match, path):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, summary, select, input:not([type=hidden])')]
            .map(e => [e, e.getBoundingClientRect()])
            .filter(([e, box]) => box.width && !e.closest('.segment') && (box.height < 24 || box.width < 24))
            .map(([e]) => e.outerHTML)"""
    )
    assert small == []


def test_an_invitation_link_can_be_copied(page, coach):
    coach.memberships.update(role="owner")
    page.goto(f"/accounts/teams/{coach.memberships.get().team_id}/")
    page.get_by_label("E-mail").fill("new@example.org")
    page.get_by_role("button", name="Make an invitation link").click()
    page.get_by_role("button", name="Copy").click()
    sync_api.expect(page.get_by_role("button", name="Copied")).to_be_visible()
    page.goto(page.get_by_label("Link", exact=True).input_value())
    sync_api.expect(page.get_by_role("heading")).to_have_text("Join Rovers?")
