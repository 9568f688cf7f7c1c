"""The first two minutes of a club: the one-time link, who we are, our pitch, the sample match, everybody from above."""

import re

import pytest

from tests.journeys.true_rooms import make_true_room
from webapp.accounts import services
from webapp.accounts.models import User
from webapp.matches.models import Match

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_from_the_link_to_the_radar(
    browser, live_server, small_match_folder, settings, tmp_path, picture, width, height
):
    from playwright.sync_api import expect

    settings.MEDIA_ROOT = tmp_path
    user, team = services.first_account("coach@example.org", "My team")
    make_true_room(team, small_match_folder, tmp_path, is_sample=True)
    context = browser.new_context(
        viewport={"width": width, "height": height},
        base_url=live_server.url,
        reduced_motion="reduce",
    )
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(services.make_sign_in_link(user))
    picture(page, "first-matches")
    page.get_by_role("link", name="Begin").click()
    page.get_by_label("Your name").fill("Ana Ruiz")
    page.get_by_label("E-mail").fill("ana@club.org")
    page.get_by_label("New password").fill("a long grassy field")
    page.get_by_label("Team", exact=True).fill("Rovers U17")
    page.get_by_label("Pitch length").fill("100")
    page.get_by_label("Pitch width").fill("64")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    picture(page, "first-steps", full_page=True)
    page.get_by_role("button", name="Go to the matches").click()
    expect(page.get_by_text("You are set up")).to_be_visible()
    page.get_by_role("link", name="Rovers v United").first.click()
    expect(page.locator("#room")).to_have_attribute("data-ready", "true")
    expect(page.get_by_text("Simulated sample match")).to_be_visible()
    page.locator(".event-row").nth(3).click()
    expect(page.locator("#radar")).to_have_attribute("data-players", re.compile(r"^[1-9]"))
    page.goto("/matches/new/")
    assert page.get_by_label("Pitch length").input_value() == "100.0"
    assert User.objects.get().email == "ana@club.org"
    # The sample keeps the pitch that it was made on.
    assert Match.objects.get(is_sample=True).pitch_length_m == 105
    assert faults == []
    context.close()
