"""Numbers for people: boards draw in both themes and sizes, formats are chosen with the keyboard and arrive."""

import json
import zipfile
from datetime import date

import pytest
from django.urls import reverse

from tests.factories import make_member
from tests.webapp.analytics.rooms import make_room
from webapp.analytics.boards.panels import PANELS

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
SIZES = {"wide": {"width": 1366, "height": 768}, "narrow": {"width": 390, "height": 844}}
# A figure is drawn once it says what it rests on.
GROUNDS = ".board__figure .gtitle"


@pytest.fixture
def here(page, live_server, client):
    """A signed-in owner of a team with two analysed matches."""
    person = make_member("alice@example.org", "owner", team_name="Rovers")
    team = person.memberships.get().team
    matches = [
        make_room(team, title=f"Rovers v {name}", home_name="Rovers", away_name=name, played_on=date(2026, 9, i + 1))
        for i, name in enumerate(("United", "City"))
    ]  # fmt: skip
    client.force_login(person)
    cookie = client.cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
    page.address = live_server.url
    return team, matches


def too_wide(page) -> list[str]:
    """Elements that reach beyond the window, when the page does."""
    return page.evaluate("""() => document.documentElement.scrollWidth <= innerWidth + 1 ? []
      : [...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
        .slice(0, 4).map(e => e.tagName + "." + e.className)""")


def looked_at(page, folder, name) -> None:
    """The page at hand on a laptop and dark on a phone, as pictures; nothing is wider than the window."""
    for size, theme in (("wide", "light"), ("narrow", "dark")):
        page.set_viewport_size(SIZES[size])
        page.evaluate("t => { document.documentElement.dataset.theme = t; }", theme)
        assert too_wide(page) == [], f"{name} is too wide in {size}"
        page.screenshot(path=folder / f"{name}_{size}.png", timeout=120_000, full_page=True)


def test_both_boards_draw(page, here, tmp_path):
    team, matches = here
    page.goto(page.address + reverse("analytics:board", args=[matches[0].pk]))
    page.locator(GROUNDS).nth(len(PANELS) - 1).wait_for(state="attached", timeout=120_000)
    grounds = page.locator(GROUNDS).all_text_contents()
    assert len(grounds) == len(PANELS) and all("% of the time" in words for words in grounds)
    looked_at(page, tmp_path, "board")
    page.goto(page.address + reverse("analytics:season", args=[team.pk]))
    page.locator(GROUNDS).nth(2).wait_for(state="attached", timeout=120_000)
    looked_at(page, tmp_path, "season")
    assert (
        page.locator("#season_rates-csv")
        .get_attribute("href")
        .startswith(f"/boards/season/{team.pk}/")
    )
    assert page.faults == []


def test_a_format_is_chosen_with_the_keyboard(page, here, tmp_path):
    _, matches = here
    page.goto(page.address + reverse("exports:choose", args=[matches[0].pk]))
    page.focus("input[name=format]:checked")
    while page.evaluate("document.activeElement.value") != "sportscode_xml":
        page.keyboard.press("ArrowDown")
    assert page.locator("[data-field=whole_seconds]").is_visible()
    assert not page.locator("[data-field=rate]").is_visible()
    looked_at(page, tmp_path, "export")
    page.check("input[name=manifest]")
    page.fill("input[name=lead]", "3")
    with page.expect_download() as waited:
        page.focus("text=Download >> nth=-1")
        page.locator("button.button--main").press("Enter")
    path = tmp_path / waited.value.suggested_filename
    waited.value.save_as(path)
    with zipfile.ZipFile(path) as packed:
        told = json.loads(packed.read("manifest.json"))
        assert b"<code>Goal</code>" in packed.read("sportscode_xml.xml")
    assert told["chosen"]["lead_s"] == 3 and path.name.startswith("Rovers-v-United_sportscode_xml_")
    for name, address in (
        ("bring", reverse("exports:bring", args=[matches[0].pk])),
        ("tokens", reverse("api:tokens")),
        ("api", reverse("api:docs")),
    ):
        page.goto(page.address + address)
        looked_at(page, tmp_path, name)
    assert page.faults == []
