"""Mending the camera: a point is dragged over the frozen picture, the shot and its players follow, and go back."""

import pytest

from webapp.analytics import findings
from webapp.analytics.models import AnalysisRun
from webapp.annotation.models import CameraRepair, RepairJob
from workers.tasks.repairs import repair_camera

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def expect():
    from playwright.sync_api import expect

    return expect


def sent(page, act):
    """Do something that asks for a repair, let a worker make it, and wait for the page to say so."""
    with page.expect_response(
        lambda r: r.url.endswith("/camera-repairs") and r.request.method == "POST"
    ):
        act()
    repair_camera(RepairJob.objects.latest("id").pk)
    page.wait_for_selector("#room[data-repair=mended]")


def opened(page, match, expect):
    page.goto(f"/matches/{match.pk}/?t=3.000")
    expect(page.locator("#room")).to_have_attribute("data-ready", "true")
    expect(page.locator("#radar")).not_to_have_attribute("data-players", "0")
    page.keyboard.press("r")
    expect(page.locator("#room")).to_have_attribute("data-repair", "open")


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_a_dragged_point_takes_the_shot_along(
    page_of, owner, true_match, expect, picture, queue, width, height
):
    page = page_of(owner, width=width, height=height, reduced_motion="reduce")
    opened(page, true_match, expect)
    run = AnalysisRun.objects.get(match=true_match)
    video = true_match.videos.get()
    before = findings.positions(run, video, 0, 10**9).pitch_xy_m.tobytes()
    mark = page.locator("#repair-marks [data-mark] .repair-point").first
    box = mark.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 14, y + 6, steps=5)
    page.mouse.up()
    expect(page.locator("#repair-marks")).to_have_attribute("data-moved", "1")
    line = page.locator("#repair-marks [data-mark]", has=page.locator("path")).first
    line.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#repair-count")).to_have_text("2 marks moved")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    picture(page, "repair")
    page.keyboard.press("Delete")
    expect(page.locator("#repair-count")).to_have_text("1 mark moved")
    sent(page, page.locator("#repair-send").click)
    expect(page.locator("#repair-count")).to_contain_text("positions follow")
    assert findings.positions(run, video, 0, 10**9).pitch_xy_m.tobytes() != before
    record = CameraRepair.objects.get()
    assert record.n_samples > 10 and record.marks["points"] and not record.marks["lines"]
    page.locator("#repair-past summary").click()
    picture(page, "repair-done")
    page.locator("#repair-list button").click()
    expect(page.locator("#repair-count")).to_contain_text("as it was before")
    assert findings.positions(run, video, 0, 10**9).pitch_xy_m.tobytes() == before


def test_the_keyboard_alone_mends(page_of, owner, true_match, expect, queue):
    page = page_of(owner)
    opened(page, true_match, expect)
    assert page.evaluate("() => document.activeElement.closest('#repair-marks') !== null")
    for _ in range(40):
        if page.evaluate(
            "() => document.activeElement.getAttribute('aria-label').startsWith('Point')"
        ):
            break
        page.keyboard.press("Tab")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    sent(page, lambda: page.keyboard.press("Enter"))
    assert CameraRepair.objects.get().user_name == owner.email
    page.locator("#repair-marks [data-mark] .repair-point").first.evaluate(
        "e => e.parentNode.focus()"
    )
    page.keyboard.press("Escape")
    expect(page.locator("#repair-bar")).to_be_hidden()
