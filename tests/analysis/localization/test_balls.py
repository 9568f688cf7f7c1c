from dataclasses import replace

import numpy as np

from analysis.localization.balls import believed_balls
from tests.analysis import scenes


def with_balls(places, *, scores=None, people=(), step_ms=500, pixels=None):
    """A track of people (one sample after the other at the same places) and of balls."""
    times = [step_ms * t for t in range(len(places)) for _ in people]
    rows = [place for _ in places for place in people]
    track = scenes.players_track(
        times, np.array(rows, float).reshape(-1, 2), np.full((len(rows), 3), 9.0)
    )
    places = np.array(places, float)
    return replace(
        track,
        ball_times_ms=step_ms * np.arange(len(places)),
        ball_xy_m=places,
        ball_px=np.array(pixels, float) if pixels is not None else np.zeros((len(places), 2)),
        ball_score=np.full(len(places), 0.6) if scores is None else np.array(scores, float),
    )


def kept(track):
    return (believed_balls(track, scenes.PITCH, 1280).ball_times_ms // 500).tolist()


def test_a_ball_that_jumps_there_and_back_is_none():
    path = [[5 + 4.0 * t, 3.0] for t in range(8)]
    path[4] = [-40.0, 20.0]
    assert kept(with_balls(path)) == [0, 1, 2, 3, 5, 6, 7]


def test_a_cut_keeps_the_balls_of_both_sides():
    path = [[10 + 2.0 * t, 3.0] for t in range(6)] + [[-40 + 2.0 * t, -20.0] for t in range(6)]
    assert kept(with_balls(path)) == list(range(12))


def test_a_spot_with_nobody_beside_it_is_a_mark():
    mark = scenes.PITCH.spots["penalty_mark_right"]
    assert kept(with_balls([mark] * 4, people=[[20.0, 5.0]])) == []
    assert kept(with_balls([mark] * 4, people=[mark + np.array([1.0, 0.5])])) == [0, 1, 2, 3]


def test_a_ball_nobody_saw_again_must_be_sure():
    far = [[5.0, 3.0], [6.0, 3.0]]
    assert kept(with_balls(far, step_ms=4000)) == []
    assert kept(with_balls(far, step_ms=4000, scores=[0.9, 0.5])) == [0]


def test_without_a_view_pixels_tell():
    nowhere = np.full((6, 2), np.nan)
    pixels = [[100 + 30 * t, 300] for t in range(6)]
    pixels[3] = [1200, 40]
    assert kept(with_balls(nowhere, pixels=pixels)) == [0, 1, 2, 4, 5]


def test_no_balls_no_beliefs():
    track = scenes.players_track([0], [[0.0, 0.0]])
    assert believed_balls(track, scenes.PITCH, 1280) is track
