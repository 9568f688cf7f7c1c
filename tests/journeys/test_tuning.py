"""The page of the tuned spotter: too little said, stopped, better and used, and the way back."""

import pytest

from tests.webapp.annotation.simulated_reviews import VERSION
from tests.webapp.annotation.test_layers import spoken_match
from tests.webapp.annotation.test_tuning import given
from webapp.annotation import tuning
from webapp.annotation.models import TuningJob

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def reviewed(team, n_matches):
    for seed in range(n_matches):
        run = spoken_match(team, seed, n_events=40, n_spoken=30)
        run.versions = {"spot": VERSION}
        run.save()


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_said_stopped_used_and_taken_back(
    page_of, owner, team, queue, settings, tmp_path, picture, width, height
):
    from playwright.sync_api import expect

    settings.MEDIA_ROOT = tmp_path
    reviewed(team, 1)
    page = page_of(owner, width=width, height=height, reduced_motion="reduce")
    page.goto(f"/teams/{team.pk}/layer/")
    page.get_by_role("link", name="The spotter itself can be tuned").click()
    expect(page.locator("#enough")).to_contain_text("30 more are needed")
    expect(page.locator("#start")).to_be_disabled()
    reviewed(team, 2)
    page.reload()
    page.locator("#start").click()
    expect(page.locator("#layer-job progress")).to_be_visible()
    page.locator("#cancel").click()
    expect(page.get_by_text("The last tuning was stopped")).to_be_visible()
    assert TuningJob.objects.get().state == "cancelled"
    given(team, owner)
    page.reload()
    expect(page.locator("#newest")).to_contain_text("It is better than the present one")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    picture(page, "tuning", full_page=True)
    page.locator("#use-it").click()
    expect(page.locator("#in-use")).to_have_text("Tuned weights 1")
    assert tuning.in_use(team).number == 1
    page.locator("#back-to-bundled").click()
    expect(page.locator("#in-use")).to_have_text("As it comes along")
    assert tuning.in_use(team) is None
