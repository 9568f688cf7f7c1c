"""Cuts, replays and sound of a simulated broadcast."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from analysis.core.vocabulary import CAMERAS, TRANSITIONS
from analysis.synthetic.cutaways import look_at, shot_path
from analysis.synthetic.director import NOT_SHOWN, direct, replay_links
from analysis.synthetic.graphics import CARD_ROWS, Graphics
from analysis.synthetic.match import sample_match, simulate_match
from analysis.synthetic.records import RATE_HZ
from analysis.synthetic.sound import SOUND_RATE_HZ, stadium_sound
from analysis.synthetic.truth import is_visible


@pytest.fixture(scope="module")
def match():
    return simulate_match(12, 14.0, (320, 180))


def test_shots_cover_the_video_without_gap_or_overlap(match):
    for shots, n_frames in ((match.shots, match.n_frames), (sample_match(3).shots, 2250)):
        assert shots[0].start == 0 and shots[-1].stop == n_frames
        assert all(a.stop == b.start for a, b in pairwise(shots))
        for shot in shots:
            assert shot.stop > shot.start
            assert shot.camera in CAMERAS and shot.transition in TRANSITIONS


def test_live_shots_show_now_and_replays_the_event_they_name(match):
    replays = [shot for shot in match.shots if shot.is_replay]
    assert replays
    for shot in match.shots:
        moments = shot.moments()
        assert len(moments) == shot.stop - shot.start
        if not shot.is_replay:
            assert moments[0] == shot.start and moments[-1] == shot.stop - 1
        else:
            assert moments[-1] < shot.start
            assert moments[0] < match.play.events[shot.event].frame < moments[-1] + 2
    assert len(replay_links(match.shots, match.play.events)) == len(replays)


@pytest.mark.slow
def test_restarts_are_missed_about_as_often_as_on_television():
    missed, seen = Counter(), Counter()
    for seed in range(4):
        match = simulate_match(seed, 46.0, (320, 180))
        for event in match.play.events:
            seen[event.label] += 1
            missed[event.label] += not is_visible(match, event)
    assert missed["Goal"] == 0 and missed["Shots on target"] <= 0.05 * seen["Shots on target"]
    for label in ("Throw-in", "Clearance", "Indirect free-kick"):
        assert abs(missed[label] / seen[label] - NOT_SHOWN[label]) < 0.22, label


def test_every_camera_points_at_its_subject(match):
    rng = np.random.default_rng(0)
    moments = np.arange(1000, 1050)
    for camera in CAMERAS.labels:
        if camera == "other":
            continue
        path = shot_path(
            camera, match.play, moments, 5, rng=rng, stand_m=match.path.position_m[0],
            image_size_px=(320, 180), pitch=match.pitch,
        )  # fmt: skip
        assert len(path) == 50 and np.isfinite(path.pan_rad).all() and (path.focal_px > 50).all()
    close = shot_path(
        "Close-up player or field referee", match.play, moments, 5, rng=rng,
        stand_m=match.path.position_m[0], image_size_px=(320, 180), pitch=match.pitch,
    )  # fmt: skip
    chest = np.append(match.play.person_xy_m[1025, 5], 1.15)
    pixel = close.camera(25).project(chest[None])[0]
    assert np.abs(pixel - [160, 90]).max() < 12


def test_look_at_puts_the_target_in_the_middle():
    target = np.array([[3.0, 4.0, 1.0], [-20.0, 10.0, 0.0]])
    path = look_at(np.tile([0.0, -60.0, 15.0], (2, 1)), target, 20.0, (640, 360))
    for i in range(2):
        assert np.allclose(path.camera(i).project(target[i : i + 1])[0], [320, 180], atol=1e-6)


def test_sound_is_as_long_as_the_film_and_louder_after_a_goal():
    play = sample_match(3).play
    samples = np.concatenate(list(stadium_sound(play, np.random.default_rng(0))))
    assert len(samples) == play.n_frames * SOUND_RATE_HZ // RATE_HZ
    goal = next(event.frame for event in play.events if event.label == "Goal")

    def level(frame):
        at = frame * SOUND_RATE_HZ // RATE_HZ
        return samples[at : at + SOUND_RATE_HZ].astype(float).std()

    assert level(goal + 30) > 2 * level(goal - 250)


def test_a_whistle_is_heard():
    play = sample_match(3).play
    samples = np.concatenate(list(stadium_sound(play, np.random.default_rng(0)))).astype(float)
    at = play.whistles[0] * SOUND_RATE_HZ // RATE_HZ

    def high_share(start):
        power = np.abs(np.fft.rfft(samples[start : start + 4000])) ** 2
        band = np.fft.rfftfreq(4000, 1 / SOUND_RATE_HZ)
        return power[(band > 3100) & (band < 3500)].sum() / power.sum()

    assert high_share(at) > 5 * high_share(at + 3 * SOUND_RATE_HZ)


def test_the_sample_stays_on_the_main_camera_but_for_the_goal():
    match = sample_match(3)
    first_goal = next(event.frame for event in match.play.events if event.label == "Goal")
    assert match.shows_main_camera[:first_goal].all()
    assert direct(match.play, np.random.default_rng(0), only_goals=True)[0].start == 0


def test_the_table_counts_what_happened_so_far(match):
    graphics = Graphics(match.play, match.shots, ((200, 30, 30), (30, 30, 200)))
    corners = [event for event in match.play.events if event.label == "Corner"]
    before, after = (graphics.card((320, 180), corners[0].frame + step) for step in (-1, 0))
    row = next(k for k, words in enumerate(CARD_ROWS) if words == "CORNERS")
    changed = np.flatnonzero((before != after).any(axis=(1, 2)))
    y = 180 // 6 + (row + 1) * 180 // 8
    assert len(changed) and y - 12 <= changed.min() and changed.max() <= y + 3
