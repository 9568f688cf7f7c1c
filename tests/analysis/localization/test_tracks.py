from dataclasses import replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from analysis.core.vocabulary import POSITION_SOURCES
from analysis.localization import linking
from analysis.localization.tracks import common_jump, track_players
from tests.analysis import scenes


def rows(paths, skip=()):
    """Rows of paths (P, T, 2) at two samples a second, without the (person, sample) pairs in ``skip``."""
    times, places, colours, who = [], [], [], []
    n_people, n_samples = paths.shape[:2]
    for t in range(n_samples):
        for p in range(n_people):
            if (p, t) not in skip:
                times.append(500 * t)
                places.append(paths[p, t])
                colours.append((200, 30, 30) if p % 2 else (30, 30, 200))
                who.append(p)
    return scenes.players_track(times, places, colours), np.array(who)


def walk(start, velocity, n=12):
    return np.array(start) + 0.5 * np.arange(n)[:, None] * np.array(velocity)


def test_two_people_who_cross_keep_their_numbers():
    paths = np.stack([walk((-12, 0.2), (5, 0)), walk((15, -0.2), (-5, 0))])
    track, who = rows(paths)
    tracked = track_players(track, scenes.calibration_track(12))
    for person in (0, 1):
        assert len(set(tracked.track_id[who == person])) == 1
    assert set(tracked.track_id) == {1, 2}


def test_nobody_is_faster_than_a_human():
    paths = np.stack([np.concatenate([walk((-20, 0), (4, 0), 6), walk((30, 10), (4, 0), 6)])])
    track, _ = rows(paths)
    tracked = track_players(track, scenes.calibration_track(12))
    assert len(set(tracked.track_id[:6])) == 1 and len(set(tracked.track_id)) == 2


def test_one_missed_sample_is_filled_and_marked():
    paths = np.stack([walk((-12, 3), (6, 1)), walk((10, -8), (0, 0))])
    track, _ = rows(paths, skip={(0, 5)})
    tracked = track_players(track, scenes.calibration_track(12))
    filled = tracked.source == POSITION_SOURCES.index("interpolated")
    assert filled.sum() == 1 and len(tracked) == 24
    np.testing.assert_allclose(tracked.pitch_xy_m[filled][0], paths[0, 5], atol=0.01)
    assert tracked.times_ms[filled][0] == 2500 and np.isnan(tracked.box_px[filled]).all()
    assert len(set(tracked.track_id)) == 2
    assert (tracked.sigma_m[filled] > 0.3).all()


def test_gaps_are_not_filled_where_nothing_was_calibrated():
    paths = np.stack([walk((-12, 3), (2, 1))])
    track, _ = rows(paths, skip={(0, 5)})
    tracked = track_players(track, scenes.calibration_track(12, missing=(5,)))
    assert (tracked.source == 0).all() and len(set(tracked.track_id)) == 1


def test_an_absence_of_seconds_keeps_the_number_but_is_not_filled():
    paths = np.stack([walk((-12, 3), (1, 0), 20), walk((20, -10), (0, 1), 20)])
    track, who = rows(paths, skip={(0, t) for t in range(5, 11)})
    tracked = track_players(track, scenes.calibration_track(20))
    assert (tracked.source == 0).all() and len(tracked) == 34
    assert [len(set(tracked.track_id[who == person])) for person in (0, 1)] == [1, 1]


def test_a_long_absence_ends_a_track():
    paths = np.stack([walk((-12, 3), (0, 0), 40)])
    track, _ = rows(paths, skip={(0, t) for t in range(5, 30)})
    tracked = track_players(track, scenes.calibration_track(40))
    assert len(set(tracked.track_id)) == 2 and (tracked.source == 0).all()


def test_kits_tell_two_people_apart_who_stand_in_one_another():
    paths = np.stack([walk((-3, 0.0), (1, 0)), walk((3, 0.2), (-1, 0))])
    track, who = rows(paths)
    grey = replace(track, colour_rgb=np.full_like(track.colour_rgb, 120.0))
    tracked = track_players(grey, scenes.calibration_track(12), who.astype(np.int64))
    for person in (0, 1):
        assert len(set(tracked.track_id[who == person])) == 1


def test_a_jump_of_everybody_is_the_calibrations():
    random = np.random.default_rng(0)
    paths = np.stack([walk(random.uniform(-30, 30, 2), random.normal(0, 2, 2)) for _ in range(9)])
    jumped = paths.copy()
    jumped[:, 6] += (4.5, -3.0)
    track, who = rows(jumped)
    tracked = track_players(track, scenes.calibration_track(12))
    assert [len(set(tracked.track_id[who == person])) for person in range(9)] == [1] * 9
    np.testing.assert_allclose(common_jump(paths[:, 6], jumped[:, 6]), (4.5, -3.0), atol=1e-9)
    assert not common_jump(paths[:, 6], paths[:, 7]).any()
    assert not common_jump(paths[:3, 6], jumped[:3, 6]).any()


def test_an_unsure_find_goes_on_with_a_track_and_begins_none():
    paths = np.stack([walk((-12, 3), (2, 1)), walk((10, -8), (0, 0))])
    track, who = rows(paths)
    score = np.where((track.times_ms == 2500) | (who == 1), 0.3, 0.9)
    tracked = track_players(replace(track, score=score), scenes.calibration_track(12))
    assert len(tracked) == 12 and set(tracked.track_id) == {1}
    assert (tracked.source == POSITION_SOURCES.index("detected")).all()


def test_paths_are_smoothed():
    random = np.random.default_rng(1)
    paths = np.stack([walk((-20, 5), (3, -1), 30)])
    noisy = paths + random.normal(0, 0.5, paths.shape)
    track, _ = rows(noisy)
    tracked = track_players(track, scenes.calibration_track(30))
    errors = [np.linalg.norm(got - paths[0], axis=1) for got in (tracked.pitch_xy_m, noisy[0])]
    assert np.sqrt(np.mean(errors[0] ** 2)) < 0.9 * np.sqrt(np.mean(errors[1] ** 2))


def test_people_without_a_position_are_not_tracked():
    track = scenes.players_track([0, 0, 500], [[np.nan, np.nan], [1, 1], [1.5, 1]])
    tracked = track_players(track, scenes.calibration_track(2))
    assert list(tracked.track_id) == [-1, 1, 1]
    empty = track_players(
        scenes.players_track([], np.zeros((0, 2)), np.zeros((0, 3))), scenes.calibration_track(0)
    )
    assert len(empty) == 0


def test_joining_pieces_is_as_cheap_as_the_whole_matrix_would_be():
    """Only possible pairs are kept; the whole matrix, as large as the square of a film's pieces, says the same."""
    rng = np.random.default_rng(5)
    for n_pieces in (0, 1, 2, 30, 60):
        pieces = []
        for name in range(1, n_pieces + 1):
            start_ms, length_ms = int(rng.integers(0, 40_000)), int(rng.integers(0, 9000))
            start = rng.uniform(-15, 15, 2)
            end = linking.first_belief(start + rng.normal(0, 3, 2), 0.5)
            kit = int(rng.integers(-1, 2))
            piece = linking.Piece(name, start_ms, start_ms + length_ms, start, end, kit, 3)
            pieces.append(piece)
        cost = np.full((n_pieces, n_pieces), linking.FORBIDDEN)
        for i, before in enumerate(pieces):
            for j, after in enumerate(pieces):
                if 0 < after.start_ms - before.end_ms <= linking.LONGEST_MS:
                    cost[i, j] = linking._cost(before, after)
        rows, columns = linear_sum_assignment(cost)
        kept = cost[rows, columns] < linking.FORBIDDEN
        follows = dict(zip(columns[kept] + 1, rows[kept] + 1, strict=True))
        new = linking.joined(pieces)
        for piece in pieces:
            before = follows.get(piece.name)
            assert new[piece.name] == (new[before] if before else piece.name)
