from dataclasses import replace

import numpy as np
import pytest

from analysis.core.vocabulary import ROLES
from analysis.localization.sides import attack_directions
from analysis.localization.team_colours import assign_teams, row_teams
from tests.analysis import scenes

RED, BLUE, KEEPER, REFEREE = (190, 30, 40), (40, 60, 180), (230, 220, 40), (15, 15, 15)


def match(n_samples=60, kits=(RED, BLUE), seed=0, flip_after=None, step_ms=500):
    """Ten of each kit (the first defends the left goal), its keeper on the left, one referee in the middle."""
    random = np.random.default_rng(seed)
    times, places, colours, truth = [], [], [], []
    for i in range(n_samples):
        sign = -1.0 if flip_after is not None and i >= flip_after else 1.0
        for kit in (0, 1):
            own = -1.0 if kit == 0 else 1.0
            for _ in range(10):
                places.append((sign * (own * 8 + random.normal(0, 12)), random.uniform(-28, 28)))
                colours.append(
                    np.array(kits[kit]) * random.uniform(0.75, 1.15) + random.normal(0, 8, 3)
                )
                truth.append(kit)
        places += [(sign * -49.0, 1.0), (random.normal(0, 3), 2.0)]
        colours += [
            np.array(KEEPER) + random.normal(0, 5, 3),
            np.array(REFEREE) + random.normal(0, 5, 3),
        ]
        truth += [2, 3]
        times += [i * step_ms] * 22
    colours = np.clip(colours, 0, 255)
    return scenes.players_track(times, places, colours), np.array(truth)


def test_two_kits_a_keeper_and_a_referee_are_told_apart():
    track, truth = match()
    (labelled,), colours = assign_teams([track], scenes.PITCH)
    players = truth < 2
    assert (labelled.team[players] == truth[players]).mean() > 0.97
    assert (labelled.role[players] == ROLES.index("player")).mean() > 0.95
    assert (labelled.role[truth == 2] == ROLES.index("goalkeeper")).mean() > 0.9
    assert (labelled.team[truth == 2] == 0).mean() > 0.9  # before the left goal: the home keeper
    assert (labelled.role[truth == 3] == ROLES.index("referee")).mean() > 0.9
    assert (labelled.team[truth == 3] == -1).all()
    assert colours.confidence > 0.9
    np.testing.assert_allclose(colours.home_rgb, RED, atol=25)
    np.testing.assert_allclose(colours.away_rgb, BLUE, atol=25)


def test_home_defends_the_left_goal_first_and_can_be_switched():
    track, _truth = match(kits=(BLUE, RED))
    (labelled,), colours = assign_teams([track], scenes.PITCH)
    np.testing.assert_allclose(colours.home_rgb, BLUE, atol=25)
    (other,), switched = assign_teams([track], scenes.PITCH, swapped=True)
    assert switched.home_rgb == colours.away_rgb and switched.away_rgb == colours.home_rgb
    known = labelled.team >= 0
    assert (other.team[known] == 1 - labelled.team[known]).all()


def test_kits_are_the_same_over_all_videos_of_a_match():
    first, truth = match(seed=1)
    second, _ = match(seed=2, flip_after=0)
    (one, two), _ = assign_teams([first, second], scenes.PITCH)
    for labelled in (one, two):
        assert (labelled.team[truth < 2] == truth[truth < 2]).mean() > 0.97
    assert attack_directions(one)[0].home_attacks == 1
    assert attack_directions(two)[0].home_attacks == -1


def test_similar_kits_lower_the_confidence_and_are_not_guessed():
    track, _ = match(kits=(RED, (184, 36, 44)))
    (_labelled,), colours = assign_teams([track], scenes.PITCH)
    assert colours.confidence < 0.6
    _, apart = assign_teams([match()[0]], scenes.PITCH)
    assert apart.confidence > colours.confidence + 0.3


def test_one_look_does_not_tell_similar_kits_apart():
    """Tracks may not change kits: a kit read wrong would break them, so alike kits are not read at all."""
    (told,) = row_teams([match()[0]])
    assert (told >= 0).mean() > 0.8
    for other in ((184, 36, 44), (150, 60, 60)):
        (alike,) = row_teams([match(kits=(RED, other))[0]])
        assert (alike == -1).all()


def test_a_track_wears_the_kit_that_it_shows_twice_as_often_as_the_other():
    track, truth = match()
    rows = np.flatnonzero(truth < 2)[:24]
    first, second = (rows[truth[rows] == kit] for kit in (0, 1))
    ids = np.full(len(track), -1)
    ids[[*first[:8], *second[:3]]] = 5
    ids[[*first[8:12], *second[4:8]]] = 6
    (labelled,), _ = assign_teams([replace(track, track_id=ids)], scenes.PITCH)
    assert (labelled.team[ids == 5] == 0).all()
    assert set(labelled.team[ids == 6]) == {0, 1}, "half and half is nobody's"


def test_the_same_rows_give_the_same_answer():
    track, _ = match(seed=5)
    (one,), first = assign_teams([track], scenes.PITCH)
    (two,), second = assign_teams([track], scenes.PITCH)
    assert np.array_equal(one.team, two.team) and first == second


def test_too_few_people_make_no_teams():
    track = scenes.players_track([0, 0], [[0, 0], [1, 1]])
    (labelled,), colours = assign_teams([track], scenes.PITCH)
    assert (labelled.team == -1).all() and colours.home_rgb is None and colours.confidence == 0
    assert assign_teams([], scenes.PITCH)[0] == []


def test_unknown_colours_have_no_team():
    track, _truth = match()
    colour = track.colour_rgb.copy()
    colour[:5] = np.nan
    track = scenes.players_track(track.times_ms, track.pitch_xy_m, colour)
    (labelled,), _ = assign_teams([track], scenes.PITCH)
    assert (labelled.team[:5] == -1).all()


def test_a_long_video_is_cut_where_the_ends_change():
    track, truth = match(n_samples=400, flip_after=210, step_ms=14_000)
    team = np.where(truth < 2, truth, -1)
    track = scenes.players_track(track.times_ms, track.pitch_xy_m, team=team)
    first, second = attack_directions(track)
    assert (first.home_attacks, second.home_attacks) == (1, -1)
    assert second.start_ms == pytest.approx(210 * 14_000, abs=5 * 14_000)
    known = attack_directions(track, period_starts_ms=(210 * 14_000,))
    assert [span.home_attacks for span in known] == [1, -1]
