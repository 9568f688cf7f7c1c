"""Links of tracks judged with both sides: laws, and small scenes whose answer is known."""

import numpy as np
import pytest

from analysis.localization import relinking
from analysis.localization.crowd import Crowd, Sightings, unlikeliness
from analysis.localization.locator import metres_per_pixel, spread_on_ground
from analysis.localization.motion import corrected, first_belief, predicted
from analysis.localization.relinking import relinked
from tests.analysis import scenes

STEP_MS = 500


def sightings(paths, missing=(), kits=None, sigma_m=0.2):
    """Rows of paths (P, T, 2) in the order of time, and whose each is."""
    rows = [
        (t, p) for t in range(paths.shape[1]) for p in range(len(paths)) if (p, t) not in missing
    ]
    times, who = np.array(rows, np.int64).reshape(-1, 2).T
    n = len(rows)
    return (
        Sightings(
            times * STEP_MS,
            paths[who, times],
            np.tile(np.eye(2) * sigma_m**2, (n, 1, 1)),
            np.full((n, 3), np.nan),
            np.full(n, -1) if kits is None else np.asarray(kits)[who],
        ),
        who,
    )


def walk(start, velocity, n=12):
    return np.array(start) + 0.001 * STEP_MS * np.arange(n)[:, None] * np.array(velocity)


CROSSING = np.stack([walk((-10, 0.3), (4, 0)), walk((12, -0.3), (-4, 0))])


def test_exchanged_tails_are_put_right():
    seen, who = sightings(CROSSING)
    for cut in range(1, 12):
        wrong = np.where(seen.times_ms < cut * STEP_MS, who, 1 - who)
        assert relinked(wrong, seen).tolist() == who.tolist()


def test_one_stolen_row_is_given_back():
    """By somebody who could have been there: elsewhere a tracker takes nobody's rows."""
    seen, who = sightings(CROSSING)
    for sample in (5, 6):
        stolen = np.where(seen.times_ms == sample * STEP_MS, 1 - who, who)
        assert relinked(stolen, seen).tolist() == who.tolist()


def test_pieces_become_one_where_they_meet_and_stay_two_where_they_do_not():
    seen, who = sightings(CROSSING, missing={(0, 4), (0, 5), (1, 7)})
    pieces = who + 2 * (seen.times_ms // 1500)
    assert relinked(pieces, seen).tolist() == who.tolist()
    there_and_here = np.stack(
        [np.concatenate([walk((-40, 0), (1, 0), 6), walk((30, 0), (1, 0), 6)])]
    )
    seen, _ = sightings(there_and_here)
    assert relinked(np.arange(12) // 6, seen).tolist() == [0] * 6 + [1] * 6


def test_nobody_changes_shirts_and_nobody_comes_back_after_long():
    seen, who = sightings(CROSSING, kits=(0, 1))
    wrong = np.where(seen.times_ms < 2500, who, 1 - who)
    assert relinked(wrong, seen).tolist() == who.tolist()
    still = np.zeros((1, 40, 2))
    for away, n_people in ((10, 1), (20, 2)):
        seen, _ = sightings(still, missing={(0, t) for t in range(5, 5 + away)})
        assert relinked(np.arange(len(seen)) // 5, seen).max() == n_people - 1


def test_numbers_follow_the_first_rows_and_not_what_tracks_were_called():
    rng = np.random.default_rng(2)
    paths = rng.uniform(-30, 30, (8, 1, 2)) + np.cumsum(rng.normal(0, 0.4, (8, 30, 2)), axis=1)
    missing = {(p, t) for p in range(8) for t in range(30) if rng.random() < 0.15}
    seen, who = sightings(paths, missing)
    answer = relinked(who, seen)
    first = [int(np.flatnonzero(answer == k)[0]) for k in range(answer.max() + 1)]
    assert first == sorted(first)
    for _ in range(4):
        names = rng.permutation(100)[:8]
        assert relinked(names[who], seen).tolist() == answer.tolist()


def test_nobody_is_twice_at_one_time_whatever_came_in():
    """Random rows under random numbers: each row keeps exactly one, no number is seen twice in a sample."""
    rng = np.random.default_rng(7)
    for _ in range(10):
        paths = rng.uniform(-15, 15, (6, 1, 2)) + np.cumsum(rng.normal(0, 1.0, (6, 25, 2)), axis=1)
        missing = {(p, t) for p in range(6) for t in range(25) if rng.random() < 0.3}
        seen, _ = sightings(paths, missing)
        mixed = np.concatenate(
            [rng.permutation(9)[: (seen.times_ms == t).sum()] for t in np.unique(seen.times_ms)]
        )
        answer = relinked(mixed, seen)
        assert len(answer) == len(seen) and answer.min() == 0
        pairs = set(zip(answer.tolist(), seen.times_ms.tolist(), strict=True))
        assert len(pairs) == len(seen)


def test_a_film_in_parts_is_the_film_as_a_whole(monkeypatch):
    rng = np.random.default_rng(11)
    phase = rng.uniform(0, 6, (10, 2, 1))
    paths = np.moveaxis(
        12 * np.sin(phase + rng.uniform(0.05, 0.2, (10, 2, 1)) * np.arange(400)), 1, 2
    )
    paths += rng.normal(0, 0.2, paths.shape)
    missing = {(p, t) for p in range(10) for t in range(400) if rng.random() < 0.2}
    seen, who = sightings(paths, missing)
    broken = who + 10 * (seen.times_ms // 7000)
    whole = relinked(broken, seen)
    monkeypatch.setattr(relinking, "PART_MS", 30_000)
    assert relinked(broken, seen).tolist() == whole.tolist()
    assert whole.max() < 30


def test_no_rows_and_one_row():
    nothing, _ = sightings(np.zeros((0, 1, 2)))
    assert len(relinked(np.zeros(0, np.int64), nothing)) == 0
    one, _ = sightings(np.zeros((1, 1, 2)))
    assert relinked(np.array([17]), one).tolist() == [0]


def test_a_crowd_of_one_believes_what_the_filter_of_one_does():
    rng = np.random.default_rng(4)
    paths = np.cumsum(rng.normal(0, 1, (1, 9, 2)), axis=1)
    seen, _ = sightings(paths, missing={(0, 3), (0, 4)}, sigma_m=0.5)
    crowd = Crowd.unknown(len(seen))
    belief = first_belief(seen.places[0], 0.5)
    for i in range(len(seen)):
        crowd.take_in(np.array([i]), np.array([i - 1]), seen)
        if i:
            seconds = (seen.times_ms[i] - seen.times_ms[i - 1]) / 1000
            belief = corrected(predicted(belief, float(seconds)), seen.places[i], 0.5)
        np.testing.assert_allclose(crowd.state[i], [*belief.place, *belief.velocity], atol=1e-9)
        np.testing.assert_allclose(crowd.spread[i], np.kron(belief.spread, np.eye(2)), atol=1e-9)


def test_a_film_run_backwards_is_nearly_as_likely():
    """Who goes on as whom hardly depends on which side is called before: velocity only dies away forwards."""
    seen, _ = sightings(CROSSING)
    n = len(seen)
    back = Sightings(
        seen.times_ms.max() - seen.times_ms[::-1], seen.places[::-1], seen.spreads, seen.looks, seen.kits
    )  # fmt: skip
    costs = []
    for rows, cut in ((seen, 9), (back, n - 11)):
        past, future = Crowd.unknown(n), Crowd.unknown(n)
        for i in range(0, n, 2):
            pair, last = np.array([i, i + 1]), np.array([n - i - 2, n - i - 1])
            past.take_in(pair, pair - 2 if i else np.array([-1, -1]), rows)
            future.take_in(last, last + 2 if i else np.array([-1, -1]), rows)
        ends = np.array([cut - 1, cut])
        costs.append(unlikeliness(past, future, ends, ends + 2, rows))
    np.testing.assert_allclose(costs[0], costs[1][::-1, ::-1].T, rtol=0.25)


@pytest.mark.parametrize("pan_deg", [0.0, 35.0, -35.0])
def test_places_are_spread_along_the_view(pan_deg):
    view = scenes.camera(pan_deg)
    calibration = scenes.calibration(view)
    foot_px = np.array([[640.0, 450.0], [500.0, 600.0]])
    places = calibration.to_pitch(foot_px)
    sigma_m = 3.0 * metres_per_pixel(foot_px, calibration)
    spread = spread_on_ground(places, sigma_m, calibration)
    np.testing.assert_allclose(np.trace(spread, axis1=1, axis2=2), sigma_m**2)
    along = places - np.array([0.0, -70.0])
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    values, vectors = np.linalg.eigh(spread)
    assert (values[:, 1] > 4 * values[:, 0]).all()
    assert (np.abs(np.sum(vectors[:, :, 1] * along, axis=1)) > 0.97).all()


def test_the_spread_is_what_a_moved_pixel_does():
    calibration = scenes.calibration(scenes.camera(20.0))
    rng = np.random.default_rng(0)
    foot_px = np.array([[700.0, 500.0]])
    moved = calibration.to_pitch(foot_px + rng.normal(0, 1.5, (20_000, 2)))
    sigma_m = 1.5 * metres_per_pixel(foot_px, calibration)
    expected = spread_on_ground(calibration.to_pitch(foot_px), sigma_m, calibration)[0]
    np.testing.assert_allclose(np.cov(moved.T), expected, rtol=0.06, atol=0.002)
