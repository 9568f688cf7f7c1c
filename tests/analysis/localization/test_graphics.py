"""What is drawn over the picture is nobody, however much it looks like somebody."""

from dataclasses import replace

import numpy as np

from analysis.core.records import PlayersTrack
from analysis.localization.graphics import graphics, without_graphics
from tests.analysis import scenes

WIDTH_PX = 1280
LOGO = np.array([60.0, 560, 110, 640])
N = 30
HALF = np.array([14.0, 35.0])


def seen(boxes, places):
    """A track of one box a sample: boxes (N, 4) and places (N, 2); several of them are laid over each other."""
    times = np.repeat(500 * np.arange(len(boxes[0])), len(boxes))
    place = np.stack(places, axis=1).reshape(-1, 2)
    track = scenes.players_track(times, place, np.full((len(times), 3), 9.0))
    return replace(track, box_px=np.stack(boxes, axis=1).reshape(-1, 4))


def still(jitter_px=1.5):
    return LOGO + np.random.default_rng(0).normal(0, jitter_px, (N, 4))


def turning(reach_m=20.0):
    return np.column_stack([np.linspace(-30, -30 + reach_m, N), np.full(N, -25.0)])


def runner():
    """Somebody who runs through the picture of a camera that stands still."""
    left = np.linspace(300, 900, N)
    return np.column_stack([left, np.full(N, 300), left + 30, np.full(N, 370)])


def test_a_logo_over_a_turning_camera_is_found_and_the_runner_is_not():
    track = seen([still(), runner()], [turning(), turning()])
    assert graphics(track, WIDTH_PX).tolist() == [True, False] * N
    left = without_graphics(track, WIDTH_PX)
    assert len(left) == N
    np.testing.assert_array_equal(left.box_px, runner())


def test_somebody_who_stands_before_a_camera_that_stands_is_kept():
    assert not graphics(seen([still()], [turning(0.5)]), WIDTH_PX).any()


def test_somebody_the_camera_follows_is_kept():
    rng = np.random.default_rng(1)
    middle = np.array([640.0, 400]) + rng.normal(0, 12, (N, 2))
    boxes = np.column_stack([middle - HALF, middle + HALF]) + rng.normal(0, 3, (N, 4))
    assert not graphics(seen([boxes], [turning()]), WIDTH_PX).any()


def test_a_logo_that_is_sometimes_missed_is_found_wherever_it_shows():
    missed = np.array([3, 4, 11, 20])
    track = seen([still()], [turning()])
    track = track.some_people(~np.isin(np.arange(N), missed))
    assert graphics(track, WIDTH_PX).all()


def test_a_few_samples_and_unknown_places_say_nothing():
    assert not graphics(seen([still()[:6]], [turning()[:6]]), WIDTH_PX).any()
    assert not graphics(seen([still()], [np.full((N, 2), np.nan)]), WIDTH_PX).any()
    assert len(graphics(PlayersTrack.empty(), WIDTH_PX)) == 0


def test_pixels_are_measured_in_widths():
    small = seen([still() / 2], [turning()])
    assert graphics(small, WIDTH_PX // 2).all()
