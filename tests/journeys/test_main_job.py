"""What a coach does: sign in, upload a match, watch the analysis, see it, and take the events home."""

import csv
import gzip
import io
import re

import pytest

pytestmark = pytest.mark.journey
ANALYSIS_MS = 900_000


def downloaded(page, words):
    menu = page.locator("details.menu", has=page.get_by_text("Download", exact=True))
    if menu.get_attribute("open") is None:
        menu.locator("summary").click()
    with page.expect_download() as download:
        menu.locator("a", has_text=words).first.click()
    return download.value.path().read_bytes()


def test_from_the_upload_to_the_csv_file(stack, page, clip):
    page.goto(stack.up())
    assert page.url == f"http://localhost:{stack.port}/"

    page.goto(f"http://localhost:{stack.port}/matches/new/")
    page.fill("input[name=home_name]", "Rovers")
    page.fill("input[name=away_name]", "=United")
    page.click("main button.button--main")
    page.wait_for_url(re.compile(r"/matches/\d+/upload/"))
    slot = page.locator('[data-slot="0"]')
    slot.locator("input[type=file]").set_input_files(str(clip))
    slot.get_by_text("Open the match").click(timeout=120_000)
    page.wait_for_url(re.compile(r"/matches/\d+/$"))

    # The progress says its stage, then the page shows the results by itself.
    progress = page.locator("#progress")
    progress.wait_for(timeout=120_000)
    page.wait_for_selector("#progress [data-part=stage]", timeout=120_000)
    assert page.locator("[data-part=stage]").inner_text().strip()
    page.wait_for_selector("#radar", timeout=ANALYSIS_MS)
    page.wait_for_selector("#room[data-ready=true]")
    assert page.locator("#progress").count() == 0

    # The video has its copy for the browser, and seeks.
    page.wait_for_function("() => document.querySelector('#video').readyState >= 1")
    reached = page.evaluate(
        """async () => {
            const video = document.querySelector("#video");
            const target = video.duration / 2;
            const done = new Promise((resolve) => video.addEventListener("seeked", resolve, { once: true }));
            video.currentTime = target;
            await done;
            return Math.abs(video.currentTime - target);
        }"""
    )
    assert reached < 0.2

    # Players at this time, on the radar and in its table.
    page.wait_for_function("() => Number(document.querySelector('#radar').dataset.players) >= 5")
    shown_ms = int(page.locator("#radar").get_attribute("data-time"))
    now_ms = int(page.locator("#room").get_attribute("data-time-ms"))
    assert abs(shown_ms - now_ms) <= 600
    page.click("#radar-table-toggle")
    # The table is the radar's twin, ball included; the count of players is of people.
    n_rows = page.locator("#radar-table tbody tr").filter(has_not_text="ball").count()
    assert n_rows == int(page.locator("#radar").get_attribute("data-players"))
    page.click("#radar-table-toggle")

    events = page.locator("#event-list button[data-event]")
    if events.count():
        events.first.click()
        page.wait_for_function(
            "() => document.querySelector('#event-list [aria-current=true]') !== null"
        )
        words = events.first.locator("time").inner_text()
        page.wait_for_function(
            "words => document.querySelector('#clock').textContent.startsWith(words)", arg=words
        )

    listed = list(
        csv.reader(io.StringIO(downloaded(page, "Events").decode("utf-8-sig"), newline=""))
    )
    assert listed[0][:4] == ["event_id", "match_id", "period", "match_clock"]
    assert len(listed) - 1 == events.count()
    tracking = gzip.decompress(downloaded(page, "Positions")).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(tracking)))
    assert {row["source"] for row in rows} <= {"detected", "interpolated", "not_seen"}
    assert sum(bool(row["x_m"]) for row in rows) > 50

    page.get_by_role("link", name="Analytics board").click()
    page.wait_for_url(re.compile(r"/boards/matches/\d+/"))
    page.wait_for_selector(".js-plotly-plot .main-svg", timeout=60_000)
    assert not page.faults


def test_a_stranger_gets_nothing(stack, page):
    for path in ("/", "/matches/1/", "/boards/matches/1/", "/matches/1/download/events_csv/"):
        page.goto(f"http://localhost:{stack.port}{path}")
        assert "/accounts/" in page.url
