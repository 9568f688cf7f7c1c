"""A coach goes through the events: accepts, rejects, relabels, moves and adds them, and takes it all back."""

import pytest

from webapp.analytics.models import SpottedAction
from webapp.annotation.models import Correction

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def expect():
    from playwright.sync_api import expect

    return expect


@pytest.fixture
def open_room(page_of, owner, expect):
    def open_it(match, *, who=owner, query="", **options):
        page = page_of(who, **options)
        page.goto(f"/matches/{match.pk}/{query}")
        expect(page.locator("#room")).to_have_attribute("data-ready", "true")
        expect(page.locator("#room")).to_have_attribute("data-reviewed", "0")
        return page

    return open_it


@pytest.fixture
def run_of(match):
    """The match's analysis, as the default spotter makes it."""
    run = match.runs.get()
    run.versions = {"spot": "position_anchors 2"}
    run.save()
    return run


def chosen(page):
    return page.locator(".event-row[aria-current]")


def test_the_keyboard_alone_reviews_the_match(open_room, match, expect):
    page = open_room(match)
    press = page.keyboard.press
    press("n")
    first = chosen(page).get_attribute("data-event")
    press("a")
    expect(chosen(page)).to_have_attribute("data-status", "confirmed")
    press("n")
    expect(chosen(page)).not_to_have_attribute("data-event", first)
    second = SpottedAction.objects.get(pk=chosen(page).get_attribute("data-event"))
    press("2")
    expect(chosen(page)).to_contain_text("Goal" if second.label != "Goal" else "Kick-off")
    press("]")
    expect(page.locator("#card-history li")).to_have_count(2)
    moved = SpottedAction.objects.get(pk=second.pk)
    assert (moved.status, moved.position_ms) == ("corrected", second.position_ms + 100)
    expect(page.locator("#meter-words")).to_contain_text("2 of 10 reviewed")
    press("n")
    press("x")
    expect(page.locator("#meter-words")).to_contain_text("3 of 10 reviewed")
    assert SpottedAction.objects.filter(status="rejected").count() == 1
    press("Control+z")
    expect(page.locator("#meter-words")).to_contain_text("2 of 10 reviewed")
    press("Control+Shift+z")
    expect(page.locator("#meter-words")).to_contain_text("3 of 10 reviewed")
    assert list(Correction.objects.values_list("kind", flat=True)) == [
        "accept", "relabel", "move", "reject", "undo", "redo",
    ]  # fmt: skip


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_by_mouse_with_team_player_and_an_added_event(open_room, match, expect, width, height):
    page = open_room(match, width=width, height=height)
    page.locator(".event-row", has_text="Corner").click()
    page.locator("#card-team").select_option("away")
    expect(chosen(page)).to_contain_text("Away")
    page.locator("#card-number").fill("7")
    page.locator("#card-name").fill("B & C <Lee>")
    page.locator("#card-player button").click()
    expect(chosen(page)).to_contain_text("#7 B & C <Lee>")
    expect(page.locator("#timeline [data-status=corrected]")).to_have_count(1)
    page.locator("#card-past summary").click()
    expect(page.locator("#card-history")).to_contain_text("alice@example.org set the player")
    page.locator("#add-open").click()
    page.locator("#add-kind").select_option("Penalty")
    page.locator("#add-form").get_by_role("button", name="Add", exact=True).click()
    expect(chosen(page)).to_contain_text("Penalty")
    expect(page.locator("#lane-names")).to_contain_text("Penalty")
    expect(page.locator("#event-count")).to_have_text("11")
    page.locator("#card-undo").click()
    expect(page.locator("#event-count")).to_have_text("10")
    page.locator("#card-next").click()
    expect(page.locator("#card-title")).to_be_visible()
    page.locator("#card-accept").click()
    expect(page.locator("#card-state")).to_contain_text("accepted")
    page.locator("#card-next").click()
    page.locator("#card-reject").click()
    expect(page.locator("#card-state")).to_contain_text("rejected")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_a_kind_says_how_far_it_can_be_trusted(open_room, match, run_of, expect, picture):
    page = open_room(match)
    expect(page.locator("#class-badge")).to_be_hidden()
    page.locator("#filter-label").select_option("Throw-in")
    badge = page.locator("#class-badge")
    expect(badge.locator("[data-badge]")).to_be_visible()
    expect(badge).to_contain_text("of told right")
    expect(badge).to_contain_text("Here: none drawn at random reviewed yet")
    picture(page, "class-badge")
    drawn = page.evaluate("() => fetch(location.pathname + 'review').then((a) => a.json())")[
        "random"
    ]
    event = SpottedAction.objects.get(pk=drawn[0])
    page.locator("#filter-label").select_option("")
    page.locator(f'[data-event="{event.pk}"]').click()
    page.keyboard.press("a")
    expect(page.locator("#card-state")).to_contain_text("accepted")
    page.locator("#filter-label").select_option(event.label)
    expect(badge).to_contain_text("Here: 1 of 1 drawn at random right")


def test_the_slider_tells_what_it_costs(open_room, match, expect):
    page = open_room(match)
    words = page.locator("#filter-confidence-words")
    # Sum over all events of 1 - confidence: 3.36 of ten.
    expect(words).to_have_text("from 0 %: about 3.4 false, 0 missed")
    page.locator("#filter-confidence").fill("0.6")
    expect(page.locator("#event-count")).to_have_text("6 of 10")
    expect(words).to_have_text("from 60 %: about 1.1 false, 1.7 missed")


def test_keys_can_be_given_away_and_stay_so(open_room, match, expect):
    page = open_room(match)
    page.locator("#help-open").click()
    page.locator('[data-action="accept"]').click()
    page.keyboard.press("x")
    expect(page.locator("#key-said")).to_contain_text("taken: Reject")
    page.locator('[data-action="accept"]').click()
    page.keyboard.press("y")
    page.keyboard.press("Escape")
    page.reload()
    expect(page.locator("#room")).to_have_attribute("data-reviewed", "0")
    page.keyboard.press("n")
    page.keyboard.press("a")
    page.keyboard.press("y")
    expect(chosen(page)).to_have_attribute("data-status", "confirmed")
    assert Correction.objects.count() == 1


def test_a_viewer_may_look_but_not_touch(open_room, match, teammate, expect):
    page = open_room(match, who=teammate)
    page.keyboard.press("n")
    expect(page.locator("#card-curve circle").first).to_be_visible()
    expect(page.locator("#card-accept")).to_be_hidden()
    page.keyboard.press("a")
    page.keyboard.press("n")
    assert not Correction.objects.exists()


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_evidence_beside_the_picture(open_room, true_match, expect, picture, width, height):
    page = open_room(true_match, width=width, height=height)
    page.locator(".event-row", has_text="Shot on target").click()
    expect(page.locator("#card-facts")).to_contain_text("camera known")
    expect(page.locator("#card-facts")).to_contain_text("a score, not a probability")
    expect(page.locator("#card-angles button")).to_have_count(1)
    expect(page.locator("#card-curve circle")).not_to_have_count(0)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    page.locator("#card-accept").scroll_into_view_if_needed()
    picture(page, "review", full_page=width < 500)
    page.locator("#card-angles button").click()
    half = true_match.videos.get().duration_ms / 2000
    expect(page.locator("#clock")).to_have_text(f"00:{int(half):02d}")
