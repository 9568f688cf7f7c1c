"""The recipe `broadcast` from film to events: a goal with its replay, and films that are no match."""

from itertools import pairwise

import numpy as np
import pytest

from analysis.benchmarks._broadcasts import make_film
from analysis.core.artifacts import ArtifactStore
from analysis.core.pitch import STANDARD_PITCH
from analysis.metrics.shots import score_shots
from analysis.pipeline.on_air import is_live
from analysis.pipeline.recipe import load_recipe
from analysis.pipeline.run import run_match
from analysis.synthetic.director import REPLAYED
from analysis.video.encode import FilmWriter

pytestmark = pytest.mark.slow

SIZE_PX = (320, 180)


def analysed(path, folder):
    (summary,) = run_match(
        [path],
        load_recipe("broadcast"),
        ArtifactStore(folder),
        pitch=STANDARD_PITCH,
        device="cpu",
        on_event=lambda event: None,
    )
    return summary


@pytest.fixture(scope="module")
def goal(tmp_path_factory):
    """(truth, summary) of half a minute: play, a close-up, a goal seen again from two places, play."""
    folder = tmp_path_factory.mktemp("goal")
    path, film = make_film(folder, 11, 1.5)
    return film, analysed(path, folder / "store")


def test_every_shot_is_found_and_the_replay_is_one(goal):
    film, summary = goal
    assert len(summary.shots) == len(film.shots)
    score = score_shots([(film.shots, summary.shots)])
    assert score.boundary_ap["all"] == pytest.approx(1.0) and score.main_accuracy >= 0.97
    assert score.replay_iou is not None and score.replay_iou >= 0.9


def test_the_replays_are_other_angles_of_the_goal(goal):
    film, summary = goal
    assert len(summary.replays) == len(film.links) == 2
    for found, true in zip(summary.replays, film.links, strict=True):
        assert abs(found.action_ms - true.action_ms) <= 3000


def test_only_what_the_main_camera_shows_live_is_measured(goal):
    film, summary = goal
    live = is_live(summary.calibrations.times_ms, film.shots)
    usable = summary.calibrations.usable(load_recipe("broadcast").floor)
    # A sample half a second beside a boundary may go either way.
    assert usable[live].mean() >= 0.7 and usable[~live].sum() <= 1
    assert summary.passed_over >= 0.5 * (~live).mean()
    seen = np.unique(summary.players.times_ms)
    assert is_live(seen, film.shots).mean() >= 0.95


def test_nothing_is_told_a_second_time_when_it_is_repeated(goal):
    film, summary = goal
    replays = [(s.start_ms, s.end_ms) for s in film.shots if s.is_replay]
    in_replays = [
        spot.label
        for spot in summary.spots
        if any(start + 500 <= spot.position_ms < end for start, end in replays)
    ]
    # A restart that nobody saw may be told from what was before and after it; what directors repeat may not.
    assert not set(in_replays) & set(REPLAYED)


def scenes(n_pictures, length):
    """Still scenes in random colours, ``length`` pictures each."""
    rng = np.random.default_rng(3)
    for k in range(n_pictures):
        if k % length == 0:
            blocks = rng.integers(30, 226, (3, 4, 3), dtype=np.uint8)
            scene = np.kron(blocks, np.ones((60, 80, 1), np.uint8))
        yield scene


@pytest.mark.parametrize("name,n_pictures,length", [
    ("a hundred cuts a minute", 375, 15), ("a still picture", 150, 10_000), ("a quarter of a second", 6, 10_000),
])  # fmt: skip
def test_films_that_are_no_match(name, n_pictures, length, tmp_path):
    path = tmp_path / "film.mp4"
    with FilmWriter(path, SIZE_PX, 25) as writer:
        for picture in scenes(n_pictures, length):
            writer.write(picture)
    summary = analysed(path, tmp_path / "store")
    assert summary.verdict != "ok" and summary.spots == [] and summary.replays == []
    assert all(a.end_ms == b.start_ms for a, b in pairwise(summary.shots))
    n_scenes = -(-n_pictures // length)
    assert 0.8 * n_scenes <= len(summary.shots) <= n_scenes + 1, name


def test_a_black_film_is_one_shot_of_nothing(tmp_path):
    path = tmp_path / "film.mp4"
    with FilmWriter(path, SIZE_PX, 25) as writer:
        for _ in range(100):
            writer.write(np.zeros((SIZE_PX[1], SIZE_PX[0], 3), np.uint8))
    summary = analysed(path, tmp_path / "store")
    assert summary.verdict != "ok" and len(summary.shots) == 1 and summary.spots == []
