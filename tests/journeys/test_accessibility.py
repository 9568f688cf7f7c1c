"""No page has a serious accessibility fault that axe-core finds, in either theme, wide and narrow."""

import random
import shutil
from pathlib import Path

import pytest

from webapp.accounts import services as accounts
from webapp.analytics.models import SpottedAction
from webapp.annotation import layers
from webapp.playlists import services
from webapp.playlists.models import Playlist, Reel
from workers.tasks.layers import work_on_layer

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SERIOUS = """async (rules) => {
  // Dash hides a focusable field of its own in every dropdown; its markup is not ours to change.
  const page = { exclude: [".dash-dropdown-focus-target"] };
  const found = await axe.run(page, { runOnly: { type: "tag", values: rules } });
  const where = (node) => `${node.target.join(" ")} ${(node.any[0]?.message ?? "").slice(0, 90)}`;
  return found.violations
    .filter((fault) => ["serious", "critical"].includes(fault.impact))
    .map((fault) => `${fault.id}: ${fault.nodes.slice(0, 4).map(where).join(" | ")}`);
}"""


def faults_of(page) -> list[str]:
    page.evaluate(AXE.read_text())
    return page.evaluate(SERIOUS, RULES)


def learned_layer(team, owner, match):
    """A layer that was learned and is not in use yet, so that its page has everything to show."""
    rng = random.Random(4)
    run = match.runs.get()
    rows = [
        SpottedAction(
            run=run, video=match.videos.get(), period=1, position_ms=100 + i, confidence=rng.uniform(0.2, 0.95),
            label=("Foul", "Throw-in", "Corner")[i % 3], status="confirmed",
        )
        for i in range(160)
    ]  # fmt: skip
    for row in rows:
        row.status = "confirmed" if rng.random() < row.confidence**2 else "rejected"
    made = SpottedAction.objects.bulk_create(rows)
    work_on_layer(layers.ask_fit(team, owner).pk)
    SpottedAction.objects.filter(pk__in=[row.pk for row in made]).delete()


@pytest.fixture
def addresses(true_match, team, owner, tmp_path):
    """Every page of a member, by name."""
    match = true_match
    learned_layer(team, owner, match)
    playlist = Playlist.objects.create(team=team, title="Corners")
    services.add_range(playlist, match.videos.get(), 1000, 5000, "Corner · Home")
    reel = Reel.objects.create(playlist=playlist, state="finished")
    film = tmp_path / reel.file_name
    film.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(tmp_path / match.videos.get().folder / "play.mp4", film)
    _, token = services.share(reel, owner, days=7)
    here = f"/matches/{match.pk}"
    return {
        "matches": "/", "new match": "/matches/new/", "help": "/help/", "room": f"{here}/",
        "details": f"{here}/edit/", "upload": f"{here}/upload/", "set-up": f"{here}/setup/",
        "delete": f"{here}/delete/", "downloads": f"{here}/download/", "import": f"{here}/import/",
        "methods": "/methods/", "playlists": "/playlists/", "playlist": f"/playlists/{playlist.pk}/",
        "shared film": f"/shared/{token}/", "account": "/accounts/me/", "tokens": "/accounts/tokens/",
        "API": "/api/v1/",
        "team": f"/accounts/teams/{team.pk}/", "log": f"/accounts/teams/{team.pk}/log/",
        "layer": f"/teams/{team.pk}/layer/", "tuning": f"/teams/{team.pk}/tuning/",
        "password": "/accounts/me/password/",
        "new team": "/accounts/teams/new/",
        "board": f"/boards/matches/{match.pk}/", "season": f"/boards/season/{team.pk}/",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("theme", "width", "height"),
    [
        ("light", 1366, 768),
        ("dark", 1366, 768),
        ("light", 390, 844),
        # For the pictures of the documents: colours are the wide dark one's, places the narrow light one's.
        pytest.param("dark", 390, 844, marks=pytest.mark.slow),
    ],
)
def test_no_page_has_a_serious_fault(
    page_of, owner, addresses, picture, queue, theme, width, height
):
    from playwright.sync_api import expect

    page = page_of(owner, width=width, height=height, color_scheme=theme, reduced_motion="reduce")
    found = {}
    for name, address in addresses.items():
        assert page.goto(address).ok, address
        if name in ("board", "season"):
            expect(page.locator(".board__figure .gtitle").first).to_be_attached(timeout=240_000)
        if name == "room":
            expect(page.locator("#room")).to_have_attribute("data-reviewed", "0")
            page.locator(".event-row").nth(2).click()
            expect(page.locator("#card-curve circle").first).to_be_visible()
            page.keyboard.press("r")
            expect(page.locator("#room")).to_have_attribute("data-repair", "open")
            if faults := faults_of(page):
                found["camera repair"] = faults
            page.locator("#repair-close").click()
        picture(page, f"page-{name.replace(' ', '-').lower()}", themes=(theme,))
        if faults := faults_of(page):
            found[name] = faults
    assert not found, "\n".join(
        f"{name}: {fault}" for name, rows in found.items() for fault in rows
    )


@pytest.mark.parametrize(("theme", "width"), [("light", 1366), ("dark", 390)])
def test_the_doors_have_none_either(browser, live_server, team, owner, teammate, theme, width):
    """What is seen before there is an account, or without one: doors, links, first steps, an address without a page."""
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": width, "height": 844}, color_scheme=theme, reduced_motion="reduce"
    )  # fmt: skip
    page = context.new_page()
    teammate.set_unusable_password()
    teammate.save()
    team.memberships.filter(user=teammate).update(role="owner")
    addresses = {
        "sign-in": "/accounts/sign-in/",
        "invitation": accounts.invite(team=team, email="new@example.org", role="coach", by=owner)[
            1
        ],
        "link over": "/accounts/link/nonsense/",
        "reset over": "/accounts/reset/nonsense/",
        "no page": "/nothing/",
        # The link signs in, and somebody without a password is led to the first steps.
        "signed in": accounts.make_sign_in_link(teammate),
        "first steps": "/accounts/start/",
    }
    found = {}
    for name, address in addresses.items():
        page.goto(address)
        if faults := faults_of(page):
            found[name] = faults
    assert page.url.endswith("/accounts/start/") and not found
    context.close()


def test_the_keepers_page_has_none(page_of, owner):
    owner.is_staff = True
    owner.save()
    for width in (1366, 390):
        page = page_of(owner, width=width)
        assert page.goto("/status/").ok
        assert faults_of(page) == []
