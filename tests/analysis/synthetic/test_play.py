"""A simulated match obeys the laws: events are physically there, rates are those of real matches, people are human."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from analysis.core.pitch import STANDARD_PITCH
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.synthetic.play import play_match, play_sample
from analysis.synthetic.readings import read_events
from analysis.synthetic.records import RATE_HZ

HALF_FRAMES = 47 * 60 * RATE_HZ


@pytest.fixture(scope="module")
def halves():
    return [play_match(np.random.default_rng(seed), 16 * 60 * RATE_HZ) for seed in (0, 2)]


@pytest.fixture(scope="module")
def readings(halves):
    return [readings_of(play) for play in halves]


def readings_of(play):
    teams = {
        team: [i for i, person in enumerate(play.people) if person.team == team]
        for team in ("home", "away")
    }
    xy = play.person_xy_m.astype(float)
    return read_events(play.ball_xyz_m, xy[:, teams["home"]], xy[:, teams["away"]], STANDARD_PITCH)


@pytest.mark.parametrize(
    "label,tolerance_s",
    [
        ("Kick-off", 0.2),
        ("Goal", 0.05),
        ("Ball out of play", 0.05),
        ("Throw-in", 0.5),
        ("Corner", 0.4),
        ("Penalty", 0.8),
    ],
)
def test_events_can_be_read_off_positions(halves, readings, label, tolerance_s):
    for play, read_all in zip(halves, readings, strict=True):
        told = [event.frame for event in play.events if event.label == label]
        read = [reading.frame for reading in read_all if reading.label == label]
        # The last seconds may cut an event off after it was told.
        told = [frame for frame in told if frame < play.n_frames - 2 * RATE_HZ]
        read = [frame for frame in read if frame < play.n_frames - 2 * RATE_HZ]
        assert len(told) == len(read), (told, read)
        assert all(abs(a - b) <= tolerance_s * RATE_HZ for a, b in zip(told, read, strict=True))


def test_a_tampered_match_is_noticed():
    """The reading is not blind: a ball that passes beside the post is no goal."""
    play = play_sample(np.random.default_rng([3, 1]), 90 * RATE_HZ)
    assert any(reading.label == "Goal" for reading in readings_of(play))
    play.ball_xyz_m[:, 1] += 8.0
    assert not any(reading.label == "Goal" for reading in readings_of(play))


def test_people_are_human(halves):
    for play in halves:
        velocity = np.diff(play.person_xy_m[:, :25].astype(float), axis=0) * RATE_HZ
        speed = np.linalg.norm(velocity, axis=2)
        # A substitute or the next half's line-up appears elsewhere: no single step of these counts.
        assert np.nanmax(speed) < 9.6
        acceleration = np.linalg.norm(np.diff(velocity, axis=0), axis=2) * RATE_HZ
        assert np.nanpercentile(acceleration, 99.9) < 5.5
        assert 1.2 < np.nanmean(speed[:, :22]) < 2.8


def test_labels_teams_and_order(halves):
    for play in halves:
        frames = [event.frame for event in play.events]
        assert frames == sorted(frames)
        assert {event.label for event in play.events} <= set(SOCCERNET_V2.labels)
        for event in play.events:
            if event.label != "Ball out of play":
                assert event.team in ("home", "away")
                assert event.person is not None and play.people[event.person].team == event.team


def test_nobody_but_the_kicker_touches_the_centre_circle_at_kick_off(halves):
    for play in halves:
        for event in play.events:
            if event.label != "Kick-off":
                continue
            xy = play.person_xy_m[event.frame]
            for person, place in zip(play.people, xy, strict=True):
                if person.team not in (None, event.team) and np.isfinite(place[0]):
                    assert np.linalg.norm(place) > 9.15 - 0.3


# Counts of a half in SoccerNet-v2's 100 validation games: (mean, standard deviation).
REAL_COUNTS = {
    "Ball out of play": (31.27, 6.38), "Throw-in": (18.59, 5.23), "Foul": (10.88, 4.03),
    "Indirect free-kick": (9.54, 5.05),
    "Clearance": (7.58, 2.70), "Shots on target": (5.91, 3.00), "Shots off target": (4.92, 2.39),
    "Corner": (4.76, 2.33),
    "Kick-off": (2.68, 1.34), "Direct free-kick": (2.19, 2.45), "Offside": (2.08, 1.55), "Yellow card": (1.89, 1.52),
    "Goal": (1.85, 1.50), "Substitution": (2.80, 2.58), "Penalty": (0.18, 0.41), "Red card": (0.07, 0.25),
    "Yellow->red card": (0.04, 0.20),
}  # fmt: skip
# Seconds from the first to the second label where nothing lies between: 25th, 50th, 75th percentile there.
REAL_GAPS_S = {
    ("Ball out of play", "Throw-in"): (5.8, 9.6, 14.4),
    ("Ball out of play", "Clearance"): (15.4, 22.6, 27.8),
    ("Ball out of play", "Corner"): (19.7, 25.0, 30.2),
    ("Throw-in", "Ball out of play"): (9.6, 22.6, 44.6),
    ("Foul", "Indirect free-kick"): (10.1, 15.8, 25.9),
    ("Foul", "Direct free-kick"): (28.8, 42.7, 53.8),
    ("Goal", "Kick-off"): (46.1, 54.2, 60.8),
}


@pytest.mark.slow
def test_rates_and_gaps_are_those_of_real_matches():
    """Five whole matches: mean counts within four standard errors and 15 %, middle gaps within 30 %."""
    counts: Counter[str] = Counter()
    gaps: dict[tuple[str, str], list[float]] = {pair: [] for pair in REAL_GAPS_S}
    n_matches = 5
    for seed in range(n_matches):
        play = play_match(np.random.default_rng([77, seed]), 2 * HALF_FRAMES)
        assert [period.half for period in play.periods] == [1, 2]
        assert play.periods[0].home_attacks == -play.periods[1].home_attacks
        counts.update(event.label for event in play.events)
        for a, b in pairwise(play.events):
            if (a.label, b.label) in gaps and a.half == b.half:
                gaps[a.label, b.label].append((b.frame - a.frame) / RATE_HZ)
    for label, (mean, deviation) in REAL_COUNTS.items():
        ours = counts[label] / (2 * n_matches)
        error = deviation / np.sqrt(2 * n_matches)
        assert abs(ours - mean) < 4 * error + 0.15 * mean, (
            f"{label}: {ours:.2f} a half, real {mean}"
        )
    for pair, quartiles in REAL_GAPS_S.items():
        ours = np.percentile(gaps[pair], [25, 50, 75])
        assert abs(ours[1] / quartiles[1] - 1) < 0.3, (pair, ours, quartiles)
        assert ours[0] < ours[1] < ours[2]
