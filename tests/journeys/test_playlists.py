"""From an event to a film: by keyboard into a playlist, a drawing with metres, an MP4, and a link for others."""

import pytest

from webapp.playlists.models import Clip, Playlist, Reel
from workers.tasks.reels import make_reel

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def expect():
    from playwright.sync_api import expect

    return expect


def test_the_keyboard_alone_makes_a_clip_and_a_film(page_of, owner, true_match, expect, queue):
    """Open, next unreviewed, accept, relabel, nudge, undo, make a clip, export: no mouse."""
    page = page_of(owner)
    page.goto("/")
    press = page.keyboard.press

    def tab_to(locator):
        for _ in range(90):
            if locator.evaluate("node => node === document.activeElement"):
                return
            press("Tab")
        raise AssertionError("not reached by Tab")

    tab_to(page.get_by_role("link", name="Rovers v United").first)
    press("Enter")
    expect(page.locator("#room")).to_have_attribute("data-reviewed", "0")
    chosen = page.locator(".event-row[aria-current]")
    press("n")
    press("a")
    expect(chosen).to_have_attribute("data-status", "confirmed")
    press("9")
    expect(chosen).to_have_attribute("data-status", "corrected")
    press("]")
    expect(page.locator("#card-history li")).to_have_count(3)
    press("Control+z")
    expect(page.locator("#card-history li")).to_have_count(4)
    press("c")
    expect(page.locator("#clip-dialog")).to_be_visible()
    press("Enter")
    expect(page.locator("#clip-said a")).to_have_text("1 clip in “Rovers v United”")
    expect(page.locator("#clip-said a")).to_be_focused()
    press("Enter")
    tab_to(page.locator("#make-film"))
    press("Enter")
    expect(page.locator("#film")).to_have_attribute("data-state", "queued", timeout=30_000)
    make_reel(Reel.objects.get().pk)
    expect(page.get_by_role("link", name="Download the film")).to_be_visible()
    with page.expect_download() as download:
        tab_to(page.get_by_role("link", name="Download the film"))
        press("Enter")
    assert download.value.path().read_bytes()[4:8] == b"ftyp"


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_draw_export_and_share(
    page_of, owner, true_match, expect, picture, browser, live_server, queue, width, height
):
    from analysis.video.probe import probe
    from webapp.matches.services import media_path

    page = page_of(owner, width=width, height=height)
    page.goto(f"/matches/{true_match.pk}/")
    expect(page.locator("#room")).to_have_attribute("data-reviewed", "0")
    page.locator(".event-row", has_text="Throw-in").first.click()
    page.locator("#card-clip").click()
    page.locator("#clip-kind").check()
    page.locator("#clip-lead").fill("2")
    page.locator("#clip-lag").fill("1")
    page.locator("#clip-form").get_by_role("button", name="Add", exact=True).click()
    page.locator("#clip-said a").click()
    clips = Clip.objects.count()
    assert clips >= 2
    expect(page.locator(".clip")).to_have_count(clips)

    # The page's script answers the button only once it is there.
    expect(page.locator("#drawing")).to_have_attribute("data-shapes", "0")
    page.get_by_role("button", name="Draw here").click()
    expect(page.locator("#drawing")).to_have_attribute("data-metres", "known")
    page.locator("[data-tool=connect]").click()
    box = page.locator("#drawing").bounding_box()

    def drag(x0, y0, x1, y1):
        page.mouse.move(box["x"] + box["width"] * x0, box["y"] + box["height"] * y0)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * x1, box["y"] + box["height"] * y1, steps=4)
        page.mouse.up()

    drag(0.35, 0.6, 0.6, 0.75)
    page.locator("[data-tool=circle]").click()
    drag(0.5, 0.55, 0.56, 0.55)
    page.locator("[data-tool=arrow]").click()
    drag(0.3, 0.85, 0.45, 0.65)
    expect(page.locator("#drawing")).to_have_attribute("data-shapes", "3")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    picture(page, "playlist-drawing")
    page.locator("#draw-save").click()
    expect(page.locator("#show")).to_have_attribute("data-stills", "1")
    first = Playlist.objects.get().clips.first()
    text = first.stills[0]["shapes"][0]["text"]
    assert text.endswith(" m")
    assert 3 < float(text[:-2]) < 60

    page.locator("#make-film").click()
    expect(page.locator("#film")).to_have_attribute("data-state", "queued", timeout=30_000)
    reel = Reel.objects.get()
    make_reel(reel.pk)
    expect(page.get_by_role("link", name="Download the film")).to_be_visible()
    film = probe(media_path(reel.file_name))
    length_ms = sum(clip.end_ms - clip.start_ms for clip in Clip.objects.all()) + 4000
    assert film.duration_ms == pytest.approx(length_ms, abs=150)
    page.get_by_role("button", name="Make a link").click()
    address = page.locator("#new-link").input_value()
    picture(page, "playlist-film", full_page=True)

    stranger = browser.new_context(viewport={"width": width, "height": height})
    guest = stranger.new_page()
    guest.goto(address)
    expect(guest.get_by_role("heading", name="Rovers v United")).to_be_visible()
    ready = guest.locator("video").evaluate(
        "v => new Promise(done => v.readyState >= 1 ? done(v.duration)"
        " : v.addEventListener('loadedmetadata', () => done(v.duration)))"
    )
    assert ready == pytest.approx(length_ms / 1000, abs=0.2)
    page.get_by_role("button", name="Close it now").click()
    assert guest.goto(address).status == 404
    stranger.close()
