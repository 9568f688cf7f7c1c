"""A coach sets up a match: marks the kick-off in the room, confirms it, switches sides."""

import pytest

from webapp.analytics.models import Period

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_mark_confirm_and_switch(page_of, owner, match, picture, width, height):
    from playwright.sync_api import expect

    page = page_of(owner, width=width, height=height)
    page.goto(f"/matches/{match.pk}/?t=2.000")
    expect(page.locator("#room")).to_have_attribute("data-ready", "true")
    page.locator("summary", has_text="Set-up").click()
    page.get_by_role("link", name="kick-off of the first half").click()
    expect(page.locator("#id_kickoff_1")).to_have_value("0:02")
    page.locator("#id_side_1").select_option("right")
    page.locator("#id_kickoff_2").fill("0:20")
    page.get_by_role("button", name="Save and confirm").click()
    expect(page.get_by_text("confirmed")).to_have_count(2)
    page.get_by_role("button", name="Switch sides").click()
    expect(page.locator("#id_side_1")).to_have_value("left")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    picture(page, "setup")
    assert list(Period.objects.values_list("kickoff_ms", "home_attacks_right")) == [
        (2000, False), (20_000, True),
    ]  # fmt: skip
