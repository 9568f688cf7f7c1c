"""A team's own buttons in the room: made, pressed by key and by finger, taken back, changed, put into a playlist."""

import pytest

from webapp.analytics.models import SpottedAction
from webapp.annotation.models import TagButton

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def expect():
    from playwright.sync_api import expect

    return expect


def opened(page, match, expect, query=""):
    page.goto(f"/matches/{match.pk}/{query}")
    expect(page.locator("#room")).to_have_attribute("data-ready", "true")
    expect(page.locator("#tags")).to_have_attribute("data-state", "ready")
    return page


def make(page, expect, label, key="", *, lead="7", lag="5", side=""):
    page.locator("#tags-new").click()
    page.locator("#tag-label").fill(label)
    page.locator("#tag-key").fill(key)
    page.locator("#tag-lead").fill(lead)
    page.locator("#tag-lag").fill(lag)
    page.locator("#tag-side").select_option(side)
    page.locator("#tag-form button[value=save]").click()
    expect(page.locator(".tag", has_text=label)).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_make_press_take_back_and_clip(page_of, owner, match, expect, picture, width, height):
    page = opened(page_of(owner, width=width, height=height), match, expect, "?t=12.000")
    expect(page.locator("#tags-hint")).to_be_visible()
    make(page, expect, "High press", "h", lead="4", lag="6", side="home")
    make(page, expect, "Second ball", "b")
    make(page, expect, "Line broken")
    expect(page.locator("#tags-hint")).to_be_hidden()
    # While it runs: the key adds, and the video goes on.
    page.locator("body").press("h") if width > 500 else page.locator(
        ".tag", has_text="High press"
    ).click()
    expect(page.locator("#tags-said")).to_contain_text("High press at 00:12")
    lane = page.locator("#lane-names li", has_text="High press")
    expect(lane).to_be_visible()
    expect(page.locator("#card-title")).to_contain_text("High press")
    expect(page.locator(".event-row[aria-current]")).to_contain_text("Rovers")
    event = SpottedAction.objects.get(label="High press")
    assert (event.position_ms, event.lead_ms, event.lag_ms) == (12_000, 4_000, 6_000)
    page.locator("#tags").scroll_into_view_if_needed()
    page.mouse.move(2, 2)
    picture(page, "own-tags")
    page.keyboard.press("Control+z")
    expect(page.locator("#lane-names li", has_text="High press")).to_have_count(0)
    page.keyboard.press("Control+Shift+z")
    expect(lane).to_be_visible()
    page.locator(".event-row", has_text="High press").click()
    page.locator("#card-clip").click()
    expect(page.locator("#clip-lead")).to_have_value("4")
    page.locator("#clip-kind").check()
    page.locator("#clip-form button[value=add]").click()
    expect(page.locator("#clip-said")).to_contain_text("1 clip")


def test_changed_taken_off_and_kept_after_a_reload(page_of, owner, match, expect, picture):
    page = opened(page_of(owner), match, expect, "?t=8.000")
    make(page, expect, "High press", "n")
    page.locator(".tag", has_text="High press").click()
    expect(page.locator("#tags-said")).to_contain_text("High press at")
    page.locator("#tags-edit").click()
    page.locator(".tag", has_text="High press").click()
    expect(page.locator("#tag-key-words")).to_contain_text("Next unreviewed event")
    page.locator("#tag-label").fill("Corner")
    page.locator("#tag-form button[value=save]").click()
    expect(page.locator("#tag-problem")).to_contain_text("already")
    picture(page, "own-tag-dialog")
    page.locator("#tag-label").fill("Counter-press")
    page.locator("#tag-form button[value=save]").click()
    expect(page.locator(".tag")).to_have_count(1)
    page.reload()
    expect(page.locator(".tag", has_text="Counter-press")).to_be_visible()
    expect(page.locator("#lane-names li", has_text="High press")).to_be_visible()
    # With its keys off, the usual shortcut is back.
    page.locator("#tags-keys").uncheck()
    page.locator("body").press("n")
    expect(page.locator("#card-body")).to_be_visible()
    assert SpottedAction.objects.filter(label="Counter-press").count() == 0
    page.locator("#tags-edit").click()
    page.locator(".tag").click()
    page.locator("#tag-remove").click()
    expect(page.locator(".tag")).to_have_count(0)
    assert TagButton.objects.get().is_gone


def test_a_viewer_has_no_panel(page_of, teammate, match, expect):
    page = page_of(teammate)
    page.goto(f"/matches/{match.pk}/")
    expect(page.locator("#room")).to_have_attribute("data-ready", "true")
    expect(page.locator("#tags")).to_have_count(0)
