"""What a person waits for in the room of a long match, measured in the browser; nothing here fails for being slow.

``MEASURE=docs/benchmarks/room_browser.md pytest -m slow tests/journeys/test_room_speed.py`` writes the table.
"""

import os
import resource
import shutil
import subprocess
from pathlib import Path
from statistics import median

import pytest

from tests.factories import make_match, make_video
from tests.journeys.conftest import ROOT
from tests.webapp.analytics.rooms import fill_run, make_run
from webapp.analytics.models import PlayerPosition, SpottedAction

pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
N_OPENED, N_SEEKS = 5, 20
ROWS: list[tuple[str, str, str, str]] = []
FIRST_PICTURE = """async (n) => {
  const video = document.getElementById("video");
  const lanes = document.getElementById("lanes");
  lanes.setPointerCapture = () => {};
  const waits = [];
  for (let i = 0; i < n; i++) {
    const box = lanes.getBoundingClientRect();
    const share = 0.04 + 0.9 * ((i * 0.381966) % 1);
    const at = { clientX: box.x + box.width * share, clientY: box.y + 5, bubbles: true };
    const begun = performance.now();
    const drawn = new Promise((done) => video.requestVideoFrameCallback(() => done(performance.now())));
    lanes.dispatchEvent(new PointerEvent("pointerdown", at));
    lanes.dispatchEvent(new PointerEvent("pointerup", at));
    waits.push((await drawn) - begun);
    await new Promise((done) => setTimeout(done, 150));
  }
  return waits;
}"""
RADAR = """async ([n, step, restMs, first]) => {
  const [radar, lanes] = ["radar", "lanes"].map((id) => document.getElementById(id));
  lanes.setPointerCapture = () => {};
  const waits = [];
  for (let i = 0; i < n; i++) {
    const box = lanes.getBoundingClientRect();
    const at = { clientX: box.x + box.width * (first + step * i), clientY: box.y + 5, bubbles: true };
    if (restMs) {
      lanes.dispatchEvent(new PointerEvent("pointermove", at));
      await new Promise((done) => setTimeout(done, restMs));
    }
    const begun = performance.now();
    lanes.dispatchEvent(new PointerEvent("pointerdown", at));
    lanes.dispatchEvent(new PointerEvent("pointerup", at));
    while (radar.dataset.state === "loading") await new Promise((done) => setTimeout(done, 1));
    waits.push(performance.now() - begun);
    await new Promise((done) => setTimeout(done, 60));
  }
  return waits;
}"""
SCROLL = """async () => {
  const list = document.getElementById("event-list");
  let blank = 0;
  let slowest = 0;
  for (let i = 0; i < 120; i++) {
    const begun = performance.now();
    list.scrollTop = (list.scrollHeight * ((i * 37) % 120)) / 120;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    slowest = Math.max(slowest, performance.now() - begun);
    const box = list.getBoundingClientRect();
    for (const y of [8, box.height / 2, box.height - 8])
      blank += !document.elementFromPoint(box.x + 80, box.y + y)?.closest(".event-row");
  }
  return [blank, slowest];
}"""


@pytest.fixture(scope="module", autouse=True)
def table():
    yield
    head = ["| what | median | slowest | aim |", "|---|---|---|---|"]
    lines = head + [f"| {what} | {middle} | {worst} | {aim} |" for what, middle, worst, aim in ROWS]
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    used = sum(
        resource.getrusage(who).ru_utime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    lines += ["", f"Commit {commit}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} at the end, "
              f"{used:.0f} s of processor time."]  # fmt: skip
    text = "\n".join(lines) + "\n"
    if target := os.environ.get("MEASURE"):
        path = ROOT / target
        before = (
            path.read_text(encoding="utf-8") if path.exists() else "# The room in a browser\n\n"
        )
        path.write_text(before.split("| what |")[0] + text, encoding="utf-8")


def note(what, waits, aim):
    ROWS.append((what, f"{median(waits):.0f} ms", f"{max(waits):.0f} ms", aim))


def opened(page, match):
    page.goto(f"/matches/{match.pk}/")
    page.wait_for_selector("#room[data-ready=true]")
    return page.evaluate(
        "() => { const m = performance.getEntriesByType('measure').at(-1); return [m.startTime, m.duration]; }"
    )


def test_a_match_of_ninety_minutes(page_of, owner, full_match):
    n_events = SpottedAction.objects.filter(run__match=full_match).count()
    n_positions = PlayerPosition.objects.filter(match_id=full_match.pk).count()
    assert n_events >= 3000 and n_positions >= 240_000
    page = page_of(owner)
    whole, scripts = [], []
    for _ in range(N_OPENED):
        begun_ms, took_ms = opened(page, full_match)
        scripts.append(took_ms)
        whole.append(begun_ms + took_ms)
    size = f"{n_events} events, {n_positions} positions"
    note(f"page asked for to room interactive ({size})", whole, "2000 ms")
    note("of that, from the beginning of its scripts", scripts, "")
    note(
        "seek to radar, minute already there",
        page.evaluate(RADAR, [20, 0.0002, 0, 0.1])[1:],
        "100 ms",
    )
    note(
        "seek to radar, minute not there, no pointer before",
        page.evaluate(RADAR, [10, 0.04, 0, 0.13]),
        "100 ms",
    )
    rested = page.evaluate(RADAR, [10, 0.04, 1000, 0.55])
    note("the same after the pointer rested there for a second", rested, "100 ms")
    blank, slowest = page.evaluate(SCROLL)
    ROWS.append(
        ("120 jumps through the list: blank rows", str(blank), f"{slowest:.0f} ms a jump", "0")
    )
    assert blank == 0


def test_the_first_picture_after_a_seek(page_of, owner, team, clip, settings, tmp_path):
    from analysis.video.encode import playable_copy
    from analysis.video.probe import probe
    from analysis.video.streaming import make_stream

    settings.MEDIA_ROOT = tmp_path
    info = probe(Path(clip))
    match = make_match(team)
    run = make_run(match)
    video = make_video(
        match, duration_ms=info.duration_ms, has_playback=True, width_px=info.width_px, height_px=info.height_px,
        has_stream=True,
    )  # fmt: skip
    fill_run(run, video, info.duration_ms)
    folder = tmp_path / video.folder
    folder.mkdir(parents=True)
    playable_copy(info, folder / "play.mp4")
    make_stream(probe(folder / "play.mp4"), folder / "stream")
    shutil.copy(clip, folder / "source.mp4")
    page = page_of(owner)
    opened(page, match)
    page.wait_for_function("() => document.getElementById('video').readyState >= 2")
    waits = page.evaluate(FIRST_PICTURE, N_SEEKS)
    note(
        f"seek to first picture ({info.width_px}x{info.height_px}, HLS, this machine)",
        waits,
        "300 ms",
    )
    assert len(waits) == N_SEEKS
