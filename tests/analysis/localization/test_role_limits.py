"""What the laws of the game say of roles in one picture, by hand."""

import numpy as np

from analysis.localization.role_limits import GOALKEEPER, PLAYER, REFEREE, plausible_roles

RED, BLACK, NEON, BLUE = (220.0, 30, 30), (20.0, 20, 20), (120.0, 250, 60), (40.0, 60, 200)


def shares(*likeliest):
    """0.6 for the named role and 0.2 for the others, falling a little from one person to the next."""
    found = np.full((len(likeliest), 3), 0.2)
    for i, role in enumerate(likeliest):
        found[i, role] = 0.6 - 0.01 * i
    return found


def roles_of(likeliest, colours, is_sure=None):
    sure = np.ones(len(likeliest), bool) if is_sure is None else np.array(is_sure)
    return plausible_roles(shares(*likeliest), np.array(colours, float), sure).tolist()


def test_three_referees_and_two_goalkeepers_in_kits_of_their_own_are_left_alone():
    likeliest = [REFEREE] * 3 + [GOALKEEPER] * 2 + [PLAYER] * 6
    colours = [BLACK] * 3 + [NEON, BLUE] + [RED] * 6
    assert roles_of(likeliest, colours) == likeliest


def test_a_team_in_black_is_no_eleven_referees():
    assert roles_of([REFEREE] * 7 + [PLAYER] * 4, [BLACK] * 11) == [PLAYER] * 11


def test_a_team_in_neon_is_no_eleven_goalkeepers_even_when_two_are_called_so():
    assert roles_of([GOALKEEPER] * 2 + [PLAYER] * 9, [NEON] * 11) == [PLAYER] * 11


def test_of_five_referees_dressed_differently_the_likeliest_three_stay():
    colours = [(50.0 * i, 200 - 40 * i, 90) for i in range(5)]
    assert roles_of([REFEREE] * 5, colours) == [REFEREE] * 3 + [PLAYER] * 2


def test_who_is_hardly_there_is_not_counted():
    likeliest, colours = [REFEREE] + [PLAYER] * 5, [BLACK] * 6
    assert roles_of(likeliest, colours, [True] + [False] * 5) == likeliest
    assert roles_of(likeliest, colours) == [PLAYER] * 6


def test_without_colours_only_the_number_counts():
    nothing = [(np.nan,) * 3] * 5
    assert roles_of([REFEREE] * 5, nothing) == [REFEREE] * 3 + [PLAYER] * 2


def test_nobody_is_nobody():
    assert plausible_roles(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0, bool)).tolist() == []
