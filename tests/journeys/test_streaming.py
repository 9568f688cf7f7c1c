"""The video as HLS in the room: every picture at its own time, seeks fetch what they need, and a way without it."""

import numpy as np
import pytest

from tests.webapp.analytics.rooms import make_room

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
TIMES_MS = [i * 40 + (0, 13, 27)[i % 3] for i in range(750)]
# What is on screen once a seek has come to its end: the time, and how bright the picture's middle is.
SHOWN = """() => new Promise((done) => {
  const video = document.getElementById("video");
  const drawn = () => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
  const tell = async () => {
    await drawn();
    const canvas = new OffscreenCanvas(8, 8);
    const context = canvas.getContext("2d");
    context.drawImage(video, 0, 0, 8, 8);
    done([video.currentTime * 1000, context.getImageData(4, 4, 1, 1).data[0]]);
  };
  if (video.seeking || video.readyState < 2) video.addEventListener("seeked", tell, { once: true });
  else tell();
})"""
NO_MEDIA_SOURCE = "delete window.MediaSource; delete window.ManagedMediaSource;"


@pytest.fixture
def expect():
    from playwright.sync_api import expect

    return expect


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Half a minute at uneven times, brighter and darker in turn; as one file and as HLS."""
    from analysis.video.encode import FilmWriter, playable_copy
    from analysis.video.probe import probe
    from analysis.video.streaming import make_stream

    folder = tmp_path_factory.mktemp("streamed")
    with FilmWriter(folder / "film.mp4", (320, 180), 25, sound_rate_hz=44_100) as film:
        for i, time_ms in enumerate(TIMES_MS):
            film.write(np.full((180, 320, 3), grey_of(i), np.uint8), time_ms)
            film.write_sound(np.zeros(1764, np.int16))
    playable_copy(probe(folder / "film.mp4"), folder / "play.mp4")
    make_stream(probe(folder / "play.mp4"), folder / "stream")
    return folder


def grey_of(frame):
    """Neighbours differ by far more than an encoder forgets."""
    return 30 + frame * 37 % 190


@pytest.fixture
def match(team, settings, tmp_path, made):
    settings.MEDIA_ROOT = tmp_path
    match = make_room(team, duration_ms=TIMES_MS[-1] + 40)
    video = match.videos.get()
    video.fps, video.is_constant_rate, video.storyboard = 25.0, False, {"n_sheets": 0}
    video.has_stream = True
    video.save()
    folder = tmp_path / video.folder
    folder.mkdir(parents=True)
    (folder / "play.mp4").symlink_to(made / "play.mp4")
    (folder / "stream").symlink_to(made / "stream")
    (folder / "frames.bin").write_bytes(np.array(TIMES_MS, "<u4").tobytes())
    return match


def opened(page, match, expect, query=""):
    """The room, and the paths (with their ranges) that were asked for since."""
    asked = []
    page.on("request", lambda one: asked.append((one.url, one.headers.get("range", ""))))
    page.goto(f"/matches/{match.pk}/{query}")
    expect(page.locator("#room")).to_have_attribute("data-ready", "true")
    expect(page.locator("#room")).to_have_attribute("data-frames", "known")
    return asked


def assert_shows(page, frame):
    """Waits for the time and the picture: a seek may not have been told to the page yet, and some are drawn late."""
    page.wait_for_function(
        f"""async ([ms, grey]) => {{
          const found = await ({SHOWN})();
          return Math.abs(found[0] - ms) < 0.01 && Math.abs(found[1] - grey) < 12;
        }}""",
        arg=[TIMES_MS[frame] + 1, grey_of(frame)],
    )


def test_every_step_shows_the_picture_of_its_time(page_of, owner, match, expect):
    page = page_of(owner)
    asked = opened(page, match, expect, "?t=7.900")
    expect(page.locator("#video")).to_have_attribute("data-way", "parts")
    here = max(i for i, t in enumerate(TIMES_MS) if t <= 7900)
    # Across the edge between two segments, and back over it.
    for step in range(1, 7):
        page.keyboard.press(".")
        assert_shows(page, here + step)
    for step in range(5, -4, -1):
        page.keyboard.press(",")
        assert_shows(page, here + step)
    assert not any(url.endswith("play.mp4") for url, _ in asked)


def test_a_seek_fetches_where_it_goes_and_the_end_is_an_end(page_of, owner, match, expect):
    page = page_of(owner)
    asked = opened(page, match, expect)
    page.evaluate(SHOWN)
    del asked[:]
    lanes = page.locator("#lanes").bounding_box()
    page.mouse.click(lanes["x"] + lanes["width"] * 0.8, lanes["y"] + 5)
    at_ms, _ = page.evaluate(SHOWN)
    assert at_ms == pytest.approx(0.8 * TIMES_MS[-1], abs=150)
    assert page.evaluate("() => document.getElementById('video').buffered.length") == 2
    assert 1 <= len(asked) <= 5 and all(span for url, span in asked if url.endswith("video.mp4"))
    page.locator("#lanes").press("End")
    page.evaluate(SHOWN)
    page.locator("#lanes").press("ArrowLeft")
    page.evaluate("() => document.getElementById('video').play()")
    page.wait_for_function("() => document.getElementById('video').ended")


def test_it_plays_from_the_link_on(page_of, owner, match, expect):
    page = page_of(owner)
    opened(page, match, expect, "?t=20.000")
    page.evaluate(SHOWN)
    page.locator("#play").click()
    page.wait_for_function("() => document.getElementById('video').currentTime > 22.5")
    expect(page.locator("#video-problem")).to_be_hidden()


def test_the_browsers_own_hls_where_there_is_no_media_source(page_of, owner, match, expect):
    page = page_of(owner)
    page.add_init_script(NO_MEDIA_SOURCE)
    if not page.evaluate(
        "() => document.createElement('video').canPlayType('application/vnd.apple.mpegurl')"
    ):
        pytest.skip("this browser has no HLS of its own")
    asked = opened(page, match, expect, "?t=12.000")
    expect(page.locator("#video")).to_have_attribute("data-way", "native")
    here = max(i for i, t in enumerate(TIMES_MS) if t <= 12_000)
    page.keyboard.press(".")
    assert_shows(page, here + 1)
    assert any("/stream/" in url for url, _ in asked)


@pytest.mark.parametrize("gone", ["index.m3u8", "video.mp4"])
def test_without_its_parts_the_whole_file_plays(page_of, owner, match, expect, tmp_path, gone):
    folder = tmp_path / match.videos.get().folder / "stream"
    kept = [path.resolve() for path in folder.iterdir() if path.name != gone]
    folder.unlink()
    folder.mkdir()
    for path in kept:
        (folder / path.name).symlink_to(path)
    page = page_of(owner)
    opened(page, match, expect, "?t=5.000")
    expect(page.locator("#video")).to_have_attribute("data-way", "file")
    here = max(i for i, t in enumerate(TIMES_MS) if t <= 5000)
    page.keyboard.press(".")
    assert_shows(page, here + 1)
