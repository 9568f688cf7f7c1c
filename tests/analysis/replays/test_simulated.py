"""What simulated halves say of replays is what the director did."""

import numpy as np
import pytest

from analysis.core.vocabulary import CAMERAS
from analysis.replays.rows import N_FEATURES, row_at, rows_of, tiled, window_of
from analysis.replays.simulated import replays_of, shots_of, spots_of
from analysis.synthetic.director import replay_links
from analysis.synthetic.halves import half_of
from analysis.synthetic.match import simulate_match


@pytest.fixture(scope="module")
def match():
    return simulate_match(34, 12.0, (320, 180))


@pytest.fixture(scope="module")
def half(match):
    return half_of(match, match.play.periods[0])


def test_shots_and_what_they_repeat_are_the_directors(match, half):
    shots = shots_of(half)
    assert shots[0].start_ms == 0 and shots[-1].end_ms == half.duration_ms
    truth = replay_links(match.shots, match.play.events)
    found = replays_of(half, shots)
    assert len(truth) == len(found) > 0
    for link, one in zip(truth, found, strict=True):
        assert abs(shots[one.shot].start_ms - link.replay_start_ms) <= 520
        assert abs(int(half.event_ms[one.event]) - link.action_ms) <= 40


def test_spotted_events_lie_near_true_ones_mostly(half):
    spots = spots_of(half, np.random.default_rng(1))
    near = [np.abs(half.event_ms - s.position_ms).min() <= 2000 for s in spots]
    assert np.mean(near) > 0.6 and all(0 <= s.confidence <= 1 for s in spots)


def test_rows_say_what_is_on_air_and_what_was_spotted(half):
    shots = shots_of(half)
    rows = rows_of(shots, spots_of(half, np.random.default_rng(2)))
    assert rows.shape == (row_at(half.duration_ms) + 1, N_FEATURES)
    cameras = rows[: len(half.camera), : len(CAMERAS)]
    assert (cameras.argmax(1) == half.camera).mean() > 0.97
    assert rows_of([], []).shape == (0, N_FEATURES)


def test_windows_beyond_the_ends_know_nothing_and_replays_repeat_whole():
    rows = np.arange(1, 11, dtype=np.float32)[:, None]
    assert window_of(rows, -3, 5)[:, 0].tolist() == [0, 0, 0, 1, 2]
    assert window_of(rows, 8, 5)[:, 0].tolist() == [9, 10, 0, 0, 0]
    assert tiled(rows, 2, 4, 5)[:, 0].tolist() == [3, 4, 3, 4, 0]
    assert tiled(rows, 9, 9, 3)[:, 0].tolist() == [10, 10, 10]
    assert tiled(rows, 40, 44, 3)[:, 0].tolist() == [0, 0, 0]
