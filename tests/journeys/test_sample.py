"""The sample match of ``make up``: simulated, analysed by the real pipeline, made once. The pictures of the documents.

``UPDATE_SCREENS=1`` writes ``docs/screens/`` anew.
"""

import os
from pathlib import Path

import pytest

pytestmark = [pytest.mark.journey, pytest.mark.slow]
SCREENS = Path(__file__).resolve().parents[2] / "docs" / "screens"


def take(page, name):
    if os.environ.get("UPDATE_SCREENS") == "1":
        SCREENS.mkdir(exist_ok=True)
        page.screenshot(path=str(SCREENS / f"{name}.jpg"), type="jpeg", quality=82)


def test_the_sample_match_is_made_once_and_opens(stack, page):
    link = stack.up(SAMPLE="1")
    again = stack.run("up", SAMPLE="1")
    assert again.returncode == 0
    assert "simulated and rendered" not in again.stdout

    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(link)
    page.get_by_role("link", name="Sample match").first.click()
    page.wait_for_selector("#room[data-ready=true]")
    page.locator("#event-list button[data-event]").last.click()
    page.wait_for_function("() => document.querySelector('#radar').dataset.state === 'ok'")
    page.wait_for_function("() => Number(document.querySelector('#radar').dataset.players) >= 5")
    page.wait_for_function("() => document.querySelector('#video').readyState >= 2")
    take(page, "room")
    page.get_by_role("link", name="Analytics board").click()
    page.wait_for_selector(".js-plotly-plot .main-svg", timeout=60_000)
    page.wait_for_load_state("networkidle")
    take(page, "board")
    assert not page.faults
