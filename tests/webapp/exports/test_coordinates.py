"""Landmarks of the pitch in every system: values worked out by hand, and those of kloppy's own tables."""

import pytest

from webapp.exports.coordinates import SYSTEMS, to_system

PITCH = (105.0, 68.0)
CENTRE, CORNERS = (0.0, 0.0), [(-52.5, -34.0), (52.5, 34.0)]
POINTS = [
    CENTRE, *CORNERS, (-52.5, 34.0), (41.5, 0.0), (-41.5, 0.0), (36.0, 20.16), (47.0, 9.16), (30.0, 10.0),
]  # fmt: skip
# The point (30, 10) is the one that a forgotten flip cannot hide from.
BY_HAND = {
    "touchline": {CENTRE: (0, 0), (30.0, 10.0): (30, 10)},
    "soccernet": {(-52.5, -34.0): (-52.5, 34), (30.0, 10.0): (30, -10)},
    "tracab": {(-52.5, -34.0): (-5250, -3400), (30.0, 10.0): (3000, 1000)},
    "sportvu": {(-52.5, -34.0): (0, 68), (30.0, 10.0): (82.5, 24)},
    "sportec": {(-52.5, -34.0): (0, 0), (30.0, 10.0): (82.5, 44)},
    "spadl": {(-52.5, -34.0): (0, 0), (41.5, 0.0): (94, 34), (30.0, 10.0): (82.5, 44)},
    "metrica": {(-52.5, -34.0): (0, 1), (52.5, 34.0): (1, 0), (30.0, 10.0): (0.785714, 0.352941)},
    "datafactory": {(-52.5, -34.0): (-1, 1), (30.0, 10.0): (0.571429, -0.294118)},
    "statsbomb": {
        CENTRE: (60, 40), (-52.5, -34.0): (0, 80), (52.5, 34.0): (120, 0), (41.5, 0.0): (108, 40),
        (-41.5, 0.0): (12, 40), (36.0, 20.16): (102, 18), (47.0, 9.16): (114, 30), (30.0, 10.0): (95.16, 29.08),
    },
    "opta": {
        CENTRE: (50, 50), (-52.5, -34.0): (0, 0), (52.5, 34.0): (100, 100), (41.5, 0.0): (88.5, 50),
        (36.0, 20.16): (83, 78.9), (47.0, 9.16): (94.2, 63.2), (30.0, 10.0): (77.51, 64.40),
    },
    "wyscout": {
        CENTRE: (50, 50), (-52.5, -34.0): (0, 100), (41.5, 0.0): (90, 50), (36.0, 20.16): (84, 19),
        (47.0, 9.16): (94, 37), (30.0, 10.0): (79.89, 35.63),
    },
}  # fmt: skip


@pytest.mark.parametrize("name", SYSTEMS)
def test_landmarks(name):
    for point, expected in BY_HAND[name].items():
        assert to_system(name, point, PITCH) == pytest.approx(expected, abs=0.006), point


@pytest.mark.parametrize("name", [n for n, s in SYSTEMS.items() if s.turns])
def test_a_team_that_attacks_left_is_turned_half_way_round(name):
    for x, y in POINTS:
        turned = to_system(name, (x, y), PITCH, attacks_right=False)
        assert turned == pytest.approx(to_system(name, (-x, -y), PITCH))


@pytest.mark.parametrize("name", [n for n, s in SYSTEMS.items() if not s.turns])
def test_the_ground_stays_where_it_is_for_the_others(name):
    assert to_system(name, (30, 10), PITCH, attacks_right=False) == to_system(name, (30, 10), PITCH)


@pytest.mark.parametrize("size", [PITCH, (100.0, 64.0), (110.0, 75.0)])
def test_equal_to_kloppys_tables(size):
    from kloppy.domain import Dimension, Point
    from kloppy.domain.models import pitch as kloppy_pitch

    length, width = size
    tables = {
        "opta": (kloppy_pitch.OptaPitchDimensions(), True),
        "wyscout": (kloppy_pitch.WyscoutPitchDimensions(), False),
        "statsbomb": (
            kloppy_pitch.ImperialPitchDimensions(
                x_dim=Dimension(0, 120), y_dim=Dimension(0, 80), standardized=True
            ),
            False,
        ),
    }
    for name, (table, is_up) in tables.items():
        for i in range(-26, 27, 4):
            for j in range(-16, 17, 4):
                x, y = i * length / 54, j * width / 34
                at = Point(x + length / 2, y + width / 2)
                theirs = table.from_metric_base(at, length, width)
                their_y = theirs.y if is_up else table.y_dim.max - theirs.y
                assert to_system(name, (x, y), size) == pytest.approx((theirs.x, their_y), abs=1e-6)
