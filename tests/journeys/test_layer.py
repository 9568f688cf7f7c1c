"""Corrections teach a layer: learned with progress, shown with what it would change, used, and taken off again."""

import pytest

from tests.webapp.annotation.test_layers import spoken_match
from webapp.analytics.models import SpottedAction
from webapp.annotation.models import LayerJob
from workers.tasks.layers import work_on_layer

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_learned_shown_used_and_taken_off(page_of, owner, team, picture, queue, width, height):
    from playwright.sync_api import expect

    runs = [spoken_match(team, seed, n_events=40, n_spoken=30, power=4.5) for seed in range(8)]
    before = list(SpottedAction.objects.order_by("id").values_list("id", "confidence"))
    page = page_of(owner, width=width, height=height, reduced_motion="reduce")

    def worked(button):
        page.get_by_role("button", name=button).click()
        expect(page.locator("#layer-job")).to_be_visible()
        work_on_layer(LayerJob.objects.first().pk)
        expect(page.locator("#layer-job")).to_have_count(0)

    page.goto(f"/accounts/teams/{team.pk}/")
    page.get_by_role("link", name="What your corrections taught").click()
    expect(page.get_by_text("240 events were checked by people")).to_be_visible()
    worked("Learn from the corrections")
    expect(page.get_by_text("It is better than the present one")).to_be_visible()
    expect(page.locator("#changes tbody tr")).to_have_count(3)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    picture(page, "layer", full_page=True)
    worked("Use it on every match")
    expect(page.locator("#in-use")).to_have_text("Layer 1")
    expect(page.locator("#uses tbody tr")).to_have_count(len(runs))
    assert SpottedAction.objects.filter(confidence_kind="calibrated").count() == 8 * 40
    page.locator("#back-to-model").click()
    work_on_layer(LayerJob.objects.first().pk)
    expect(page.locator("#in-use")).to_have_text("As the model says")
    assert list(SpottedAction.objects.order_by("id").values_list("id", "confidence")) == before
