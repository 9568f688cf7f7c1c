"""Halves kept for training: they come back as they were, agree with the match's truth, and are made once."""

import numpy as np
import pytest

from analysis.core.problems import InputProblem
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.synthetic.halves import half_of, load_half, make_halves, save_half
from analysis.synthetic.match import simulate_match
from analysis.synthetic.sightings import TRUE_POSITIONS, Sight, draw_sight, sightings


@pytest.fixture(scope="module")
def match():
    return simulate_match(7, 5.0)


@pytest.fixture(scope="module")
def half(match):
    return half_of(match, match.play.periods[0])


def test_a_half_says_what_the_match_says(match, half):
    assert len(half.times_ms) == 600
    assert half.times_ms[:3].tolist() == [0, 520, 1000]
    assert half.event_ms.tolist() == [event.frame * 40 for event in match.play.events]
    assert [SOCCERNET_V2.labels[k] for k in half.event_label] == [
        event.label for event in match.play.events
    ]
    frame = int(half.times_ms[77]) // 40
    np.testing.assert_allclose(half.person_xy_m[77], match.play.person_xy_m[frame])
    assert half.on_air[77] == match.shows_main_camera[frame]


def test_a_half_comes_back_to_the_centimetre(half, tmp_path):
    save_half(half, tmp_path / "half.npz")
    back = load_half(tmp_path / "half.npz")
    np.testing.assert_allclose(back.person_xy_m, half.person_xy_m, atol=0.0051)
    np.testing.assert_allclose(back.box_px, half.box_px, atol=0.51)
    np.testing.assert_array_equal(back.event_label, half.event_label)
    np.testing.assert_array_equal(back.on_air, half.on_air)
    assert back.image_size_px == half.image_size_px


def test_a_file_of_something_else_is_refused_in_words(tmp_path):
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(InputProblem, match="no simulated half"):
        load_half(tmp_path / "other.npz")


def test_what_is_there_is_not_made_again(tmp_path):
    first = list(make_halves(tmp_path, range(5, 6), 0.3))
    stamp = first[0].stat().st_mtime_ns
    assert list(make_halves(tmp_path, range(5, 6), 0.3)) == first
    assert first[0].stat().st_mtime_ns == stamp


def test_seeing_all_is_the_truth(half):
    players, calibrations = sightings(half, TRUE_POSITIONS, np.random.default_rng(0))
    assert calibrations.usable(0.3).all()
    rows = players.rows_at(int(half.times_ms[300]))
    truth = half.person_xy_m[300]
    truth = truth[np.isfinite(truth[:, 0])]
    np.testing.assert_allclose(np.sort(players.pitch_xy_m[rows], 0), np.sort(truth, 0))
    assert len(players.ball_times_ms) == len(half.times_ms)


def test_a_camera_sees_less_and_nothing_when_it_is_off_air(half):
    sight = Sight(mistaken_share=0)
    players, calibrations = sightings(half, sight, np.random.default_rng(0))
    off_air = half.times_ms[~half.on_air]
    assert len(off_air)
    assert not np.isin(players.times_ms, off_air).any()
    assert not np.isin(players.ball_times_ms, off_air).any()
    assert calibrations.usable(0.3).mean() < half.on_air.mean()
    sample = np.searchsorted(half.times_ms, players.times_ms)
    gaps = np.linalg.norm(half.person_xy_m[sample] - players.pitch_xy_m[:, None], axis=2)
    assert 0.15 < np.median(np.nanmin(gaps, axis=1)) < 1.0
    share = len(players.ball_times_ms) / calibrations.usable(0.3).sum()
    assert share == pytest.approx(sight.ball_recall, abs=0.12)


def test_the_same_seed_sees_the_same(half):
    first, second = (
        sightings(half, draw_sight(np.random.default_rng(4)), np.random.default_rng(5))[0]
        for _ in range(2)
    )
    np.testing.assert_array_equal(first.pitch_xy_m, second.pitch_xy_m)
    np.testing.assert_array_equal(first.ball_xy_m, second.ball_xy_m)
