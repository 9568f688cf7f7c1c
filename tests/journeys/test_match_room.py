"""The match room in a browser: picture, timeline, list and radar stay in step, by mouse and by keyboard."""

import re

import pytest

from webapp.analytics.models import SpottedAction

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
DURATION_MS, FPS = 30_000, 10.0
SEEKED = """() => new Promise((done) => {
  const video = document.getElementById("video");
  const tell = () => done(Math.round(video.currentTime * 1000));
  if (video.seeking || video.readyState < 2) video.addEventListener("seeked", tell, { once: true });
  else tell();
})"""


@pytest.fixture
def room(page_of, owner, match):
    """The room, ready, with the video's first picture."""
    from playwright.sync_api import expect

    page = page_of(owner)
    page.goto(f"/matches/{match.pk}/")
    expect(page.locator("#room")).to_have_attribute("data-ready", "true")
    page.evaluate(
        "() => new Promise(done => { const v = document.getElementById('video');"
        " v.readyState >= 2 ? done() : v.addEventListener('loadeddata', () => done(), {once: true}) })"
    )
    return page


def test_a_click_on_an_event_shows_its_moment_everywhere(room):
    from playwright.sync_api import expect

    room.locator(".event-row", has_text="Corner").click()
    assert room.evaluate(SEEKED) == pytest.approx(11_100, abs=2)
    expect(room.locator("#room")).to_have_attribute("data-time-ms", re.compile(r"11[01]\d\d"))
    radar = room.locator("#radar")
    expect(radar).to_have_attribute("data-state", re.compile("ok|weak"))
    expect(radar).to_have_attribute("data-players", re.compile(r"^([6-9]|1\d|2\d)$"))
    expect(radar).to_have_attribute("data-time", "11000")
    expect(room.locator("#clock")).to_have_text("00:11")
    expect(room.locator(".event-row[aria-current]")).to_contain_text("Corner")
    assert "event=" in room.url


def test_a_click_on_the_timeline_seeks(room):
    lanes = room.locator("#lanes")
    box = lanes.bounding_box()
    room.mouse.click(box["x"] + box["width"] / 2, box["y"] + 5)
    assert room.evaluate(SEEKED) == pytest.approx(DURATION_MS / 2, abs=60)
    assert lanes.get_attribute("aria-valuetext") == "15 seconds"


def test_a_close_up_is_said_not_guessed(room):
    from playwright.sync_api import expect

    box = room.locator("#lanes").bounding_box()
    room.mouse.click(box["x"] + box["width"] * 0.52, box["y"] + 5)
    expect(room.locator("#radar-note")).to_have_text("No pitch view right now")
    expect(room.locator("#radar")).to_have_attribute("data-players", "0")


def test_the_keyboard_alone_is_enough(room):
    from playwright.sync_api import expect

    press, clock = room.keyboard.press, room.locator("#room")
    press("ArrowDown")
    expect(room.locator(".event-row[aria-current]")).to_contain_text("Kick-off")
    press("ArrowDown")
    expect(room.locator(".event-row[aria-current]")).to_contain_text("Throw-in")
    first = room.evaluate(SEEKED)
    press(".")
    assert room.evaluate(SEEKED) - first == pytest.approx(100, abs=60), "one picture on"
    press("Shift+ArrowRight")
    expect(clock).not_to_have_attribute("data-time-ms", str(first))
    press("Space")
    expect(room.locator("#play")).to_have_attribute("aria-label", "Pause")
    press("k")
    expect(room.locator("#play")).to_have_attribute("aria-label", "Play")
    press("?")
    expect(room.locator("#help")).to_be_visible()
    press("Escape")
    expect(room.locator("#help")).to_be_hidden()
    room.locator("#lanes").focus()
    press("Home")
    assert room.evaluate(SEEKED) == 0
    press("End")
    assert room.evaluate(SEEKED) > DURATION_MS - 200


def test_single_keys_rest_in_fields_and_when_switched_off(room):
    from playwright.sync_api import expect

    room.locator("#filter-label").focus()
    room.keyboard.press("k")
    expect(room.locator("#play")).to_have_attribute("aria-label", "Play")
    room.locator("#help-open").click()
    room.locator("#keys-on").uncheck()
    room.keyboard.press("Escape")
    room.locator("h1").click()
    room.keyboard.press("k")
    expect(room.locator("#play")).to_have_attribute("aria-label", "Play")


def test_filters_hide_from_list_and_timeline(room):
    from playwright.sync_api import expect

    expect(room.locator("#event-count")).to_have_text("10")
    room.locator("#filter-label").select_option("Goal")
    expect(room.locator("#event-count")).to_have_text("1 of 10")
    expect(room.locator("#timeline g[transform] > path[fill-rule]")).to_have_count(1)
    room.locator("#filter-team").select_option("away")
    expect(room.locator("#event-empty")).to_contain_text("No event matches")


def test_the_table_twin_lists_the_same_people(room):
    from playwright.sync_api import expect

    room.locator(".event-row", has_text="Corner").click()
    expect(room.locator("#radar")).to_have_attribute("data-time", "11000")
    room.locator("#radar-table-toggle").click()
    rows = room.locator("#radar-table tbody tr")
    people = int(room.locator("#radar").get_attribute("data-players"))
    expect(rows.filter(has_not_text="ball")).to_have_count(people)
    expect(rows.first).to_contain_text(" m")


def test_a_link_opens_its_event(page_of, owner, match):
    from playwright.sync_api import expect

    goal = SpottedAction.objects.get(label="Goal")
    page = page_of(owner)
    page.goto(f"/matches/{match.pk}/?t={goal.position_ms / 1000}&event={goal.pk}")
    expect(page.locator(".event-row[aria-current]")).to_contain_text("Goal")
    assert page.evaluate(SEEKED) == pytest.approx(goal.position_ms, abs=2)


def test_a_phone_shows_everything_without_sideways_scrolling(page_of, owner, match):
    page = page_of(owner, width=390, height=844)
    for address in (f"/matches/{match.pk}/", f"/boards/matches/{match.pk}/", "/methods/"):
        page.goto(address)
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_thousands_of_events_scroll_without_blank_rows(page_of, owner, match):
    from playwright.sync_api import expect

    run, video = match.runs.get(), match.videos.get()
    SpottedAction.objects.bulk_create(
        SpottedAction(
            run=run, video=video, period=1, position_ms=i * 9, label="Foul", confidence=0.5
        )
        for i in range(3000)
    )
    page = page_of(owner)
    page.goto(f"/matches/{match.pk}/")
    expect(page.locator("#event-count")).to_have_text("3010")
    shown = page.evaluate(
        """() => new Promise((done) => {
          const list = document.getElementById("event-list");
          list.scrollTop = list.scrollHeight / 2;
          const look = (frames) => requestAnimationFrame(() => {
            if (frames > 0) return look(frames - 1);
            const box = list.getBoundingClientRect();
            done(document.elementFromPoint(box.x + 60, box.y + 100).closest(".event-row") !== null);
          });
          look(4);
        })"""
    )
    assert shown


def test_the_board_draws_every_figure(page_of, owner, match):
    from playwright.sync_api import expect

    page = page_of(owner, color_scheme="dark")
    page.goto(f"/boards/matches/{match.pk}/")
    expect(page.locator(".board__figure .gtitle")).to_have_count(11, timeout=40_000)
    expect(page.locator("#heat_home-title")).to_have_text("Where Rovers played")
    expect(page.locator(".board__figure .gtitle").first).to_have_css("fill", "rgb(169, 185, 176)")
    page.locator("[data-theme-toggle]").click()
    expect(page.locator(".board__figure .gtitle").first).to_have_css(
        "fill", "rgb(72, 86, 77)", timeout=20_000
    )
    page.locator("details summary", has_text="Table").first.click()
    expect(page.locator("#heat_home-table tbody tr").first).to_be_visible()
