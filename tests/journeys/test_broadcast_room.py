"""A broadcast through its recipe into the room: shots and replays on the timeline, other angles on the event's card."""

import shutil

import pytest

from tests.factories import make_match, make_video
from tests.webapp.analytics.rooms import make_run
from webapp.analytics.models import ReplayMatch

pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
GOAL_MS = 7080


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """(film, truth, what the recipe told): half a minute with a goal that is seen again from two places."""
    from analysis.benchmarks._broadcasts import make_film
    from analysis.core.artifacts import ArtifactStore
    from analysis.core.pitch import STANDARD_PITCH
    from analysis.pipeline.recipe import load_recipe
    from analysis.pipeline.run import run_match

    folder = tmp_path_factory.mktemp("broadcast")
    path, film = make_film(folder, 11, 1.5)
    (summary,) = run_match(
        [path], load_recipe("broadcast"), ArtifactStore(folder / "store"),
        pitch=STANDARD_PITCH, device="cpu", on_event=lambda event: None,
    )  # fmt: skip
    return path, film, summary


@pytest.fixture
def broadcast_match(team, settings, tmp_path, told):
    from analysis.video.encode import playable_copy
    from webapp.analytics import ingest

    path, _, summary = told
    settings.MEDIA_ROOT = tmp_path
    match = make_match(team, home_name="Rovers", away_name="United", title="Rovers v United")
    run = make_run(match, coverage=summary.coverage)
    info = summary.video
    video = make_video(
        match, duration_ms=info.duration_ms, start_ms=info.start_ms, fps=info.fps, has_playback=True,
        width_px=info.width_px, height_px=info.height_px, extension="mp4",
    )  # fmt: skip
    place = tmp_path / video.folder
    place.mkdir(parents=True)
    playable_copy(info, place / "play.mp4")
    shutil.copy(path, place / "source.mp4")
    ingest.store_video(run, video, summary)
    return match


def test_replays_stand_on_the_timeline_and_are_other_angles(
    page_of, owner, broadcast_match, told, picture
):
    from playwright.sync_api import expect

    _, film, summary = told
    page = page_of(owner)
    page.goto(f"/matches/{broadcast_match.pk}/?t={GOAL_MS / 1000}")
    expect(page.locator("#room")).to_have_attribute("data-ready", "true")
    lanes = page.locator("#lanes")
    expect(lanes.locator(".shot-replay")).to_have_count(sum(s.is_replay for s in film.shots))
    box = lanes.bounding_box()
    replay = summary.replays[0]
    share = (replay.replay_start_ms + replay.replay_end_ms) / 2 / film.duration_ms
    page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] - 20)
    expect(page.locator(".timeline-tip")).to_contain_text("replay")
    picture(page, "broadcast-timeline")
    linked = {row.action for row in ReplayMatch.objects.filter(run__match=broadcast_match)}
    (event,) = linked
    assert event is not None and abs(event.position_ms - GOAL_MS) <= 3000
    page.locator(f".event-row[data-event='{event.pk}']").click()
    expect(page.locator("#card-angles button")).to_have_count(len(summary.replays))
    picture(page, "broadcast-angles")
    page.locator("#card-angles button").first.click()
    page.wait_for_function(
        "at => Math.abs(document.getElementById('video').currentTime * 1000 - at) < 1500",
        arg=replay.replay_start_ms,
    )
