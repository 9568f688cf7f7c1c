"""The room's instruments: exact frames, hover pictures, shots and replays, areas on the radar, lines over the video."""

import struct

import numpy as np
import pytest

from tests.webapp.analytics.rooms import make_room

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
SHOWN_MS = """() => new Promise((done) => {
  const video = document.getElementById("video");
  const tell = () => done(video.currentTime * 1000);
  if (video.seeking || video.readyState < 2) video.addEventListener("seeked", tell, { once: true });
  else tell();
})"""
TIMES_MS = [i * 40 + (0, 13, 27)[i % 3] for i in range(250)]


@pytest.fixture
def expect():
    from playwright.sync_api import expect

    return expect


@pytest.fixture
def uneven_match(team, settings, tmp_path):
    """Ten seconds of pictures at uneven times, as phones record them, with the list of their times."""
    from analysis.video.encode import FilmWriter

    settings.MEDIA_ROOT = tmp_path
    match = make_room(team, duration_ms=TIMES_MS[-1] + 40)
    video = match.videos.get()
    video.fps, video.is_constant_rate, video.storyboard = 25.0, False, {"n_sheets": 0}
    video.save()
    folder = tmp_path / video.folder
    folder.mkdir(parents=True)
    with FilmWriter(folder / "play.mp4", (320, 180), 25) as film:
        for i, time_ms in enumerate(TIMES_MS):
            film.write(np.full((180, 320, 3), i % 200 + 30, np.uint8), time_ms)
    (folder / "frames.bin").write_bytes(struct.pack(f"<{len(TIMES_MS)}I", *TIMES_MS))
    return match


def opened(page, match, expect, query=""):
    page.goto(f"/matches/{match.pk}/{query}")
    expect(page.locator("#room")).to_have_attribute("data-ready", "true")
    return page


def test_steps_follow_the_stored_times_of_the_frames(page_of, owner, uneven_match, expect):
    page = opened(page_of(owner), uneven_match, expect, "?t=4.000")
    expect(page.locator("#room")).to_have_attribute("data-frames", "known")
    here = max(i for i, t in enumerate(TIMES_MS) if t <= 4000)
    for step, key in enumerate([".", ".", ".", "ArrowRight"], start=1):
        page.keyboard.press(key)
        assert page.evaluate(SHOWN_MS) == pytest.approx(TIMES_MS[here + step] + 1, abs=0.01)
    for step in range(1, 7):
        page.keyboard.press(",")
        assert page.evaluate(SHOWN_MS) == pytest.approx(TIMES_MS[here + 4 - step] + 1, abs=0.01)


def test_k_held_makes_j_and_l_single_frames(page_of, owner, uneven_match, expect):
    page = opened(page_of(owner), uneven_match, expect, "?t=4.000")
    expect(page.locator("#room")).to_have_attribute("data-frames", "known")
    here = max(i for i, t in enumerate(TIMES_MS) if t <= 4000)
    page.keyboard.down("k")
    page.keyboard.press("l")
    page.keyboard.up("k")
    expect(page.locator("#play")).to_have_attribute("aria-label", "Play")
    assert page.evaluate(SHOWN_MS) >= TIMES_MS[here + 1]


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_the_lines_lie_on_the_lines_of_the_picture(
    page_of, owner, true_match, expect, picture, width, height
):
    page = opened(page_of(owner, width=width, height=height), true_match, expect, "?t=6.000")
    page.evaluate(SHOWN_MS)
    if width > 500:
        page.keyboard.press("p")
        page.locator("summary", has_text="Show").click()
    else:
        page.locator("summary", has_text="Show").scroll_into_view_if_needed()
        page.locator("summary", has_text="Show").click()
        page.locator("#lines-on").check()
    page.locator("[name=areas][value=hull]").check()
    page.keyboard.press("Escape")
    expect(page.locator("#lines")).to_have_attribute("data-state", "ok")
    expect(page.locator("#radar")).to_have_attribute("data-areas", "hull")
    page.evaluate("() => scrollTo(0, 0)")
    picture(page, "pitch-lines")
    share = page.evaluate(
        """() => {
          const [video, lines] = ["video", "lines"].map((id) => document.getElementById(id));
          const flat = Object.assign(document.createElement("canvas"), { width: lines.width, height: lines.height });
          const context = flat.getContext("2d");
          context.drawImage(video, 0, 0, flat.width, flat.height);
          const seen = context.getImageData(0, 0, flat.width, flat.height).data;
          const drawn = lines.getContext("2d").getImageData(0, 0, flat.width, flat.height).data;
          const pale = (i) => seen[i] > 90 && seen[i + 2] > 75;
          const share = (shift) => {
            let [onLine, all] = [0, 0];
            for (let y = 20; y < flat.height - 20; y++)
              for (let x = 20; x < flat.width - 20; x++) {
                if (drawn[4 * (y * flat.width + x) + 3] < 200) continue;
                all++;
                let hit = false;
                for (let dy = -2; dy <= 2 && !hit; dy++)
                  for (let dx = -2; dx <= 2 && !hit; dx++)
                    hit = pale(4 * ((y + dy + shift) * flat.width + x + dx + shift));
                onLine += hit;
              }
            return all > 200 ? onLine / all : 0;
          };
          return [share(0), share(13)];
        }"""
    )
    # Where no line is, the grass is not pale: the same lines drawn a little beside are on nothing.
    assert share[0] > 0.6
    assert share[1] < 0.25


def test_hovering_the_timeline_shows_the_moment(page_of, owner, true_match, expect, picture):
    page = opened(page_of(owner), true_match, expect)
    lanes = page.locator("#lanes")
    page.locator(".legend-strip").scroll_into_view_if_needed()
    box = lanes.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 20)
    tip = page.locator(".timeline-tip")
    expect(tip).to_contain_text("replay")
    step = true_match.videos.get().storyboard["step_ms"]
    middle = round(true_match.videos.get().duration_ms / 2 / step)
    tile = int(page.locator(".tip-picture").get_attribute("data-tile"))
    assert abs(tile - middle) <= 1
    expect(page.locator(".tip-picture")).to_be_visible()
    picture(page, "timeline-hover")


def test_who_is_nearest_is_painted_inside_the_view(page_of, owner, true_match, expect, picture):
    page = opened(page_of(owner), true_match, expect, "?t=6.000")
    page.locator("summary", has_text="Show").click()
    page.locator("[name=areas][value=nearest]").check()
    page.locator("#fov").uncheck()
    expect(page.locator("#radar")).to_have_attribute("data-areas", "nearest")
    page.keyboard.press("Escape")
    picture(page, "radar-nearest")
