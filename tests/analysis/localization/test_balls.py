from dataclasses import replace

import numpy as np
import pytest

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


def by_the_mark(spot, apart_m, **settings):
    """A still ball on a spot, and one person that far from it in each sample."""
    return with_balls([spot] * len(apart_m), people=[[0.0, 30.0]], **settings), np.array(
        [[spot[0] + away, spot[1]] for away in apart_m]
    )


@pytest.mark.parametrize("name", ["penalty_mark_left", "penalty_mark_right"])
def test_a_penalty_mark_stays_one_when_somebody_comes_by(name):
    mark = scenes.PITCH.spots[name]
    track, people = by_the_mark(mark, [9, 6, 2, 1, 1, 2, 5])
    assert kept(replace(track, pitch_xy_m=people)) == []
    track, people = by_the_mark(mark, [1, 2, 1, 1, 2])
    assert kept(replace(track, pitch_xy_m=people)) == [0, 1, 2, 3, 4]
    # Ten seconds later somebody does play it there.
    track, people = by_the_mark(mark, [9, 9, 1, 1], step_ms=500)
    late = np.array([0, 500, 12_000, 12_500])
    played = replace(track, pitch_xy_m=people, times_ms=late, ball_times_ms=late)
    assert kept(played) == [24, 25]


def test_at_kick_off_the_ball_lies_alone_first():
    track, people = by_the_mark(scenes.PITCH.spots["centre_spot"], [9, 9, 2, 1, 1])
    assert kept(replace(track, pitch_xy_m=people)) == [2, 3, 4]


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
