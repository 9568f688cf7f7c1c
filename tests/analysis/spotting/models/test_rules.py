import numpy as np
import pytest

from analysis.core.pitch import PitchSpec
from analysis.spotting.models.rules import Settings, build
from tests.analysis import formations

SPOTTER = build(Settings())
SITUATIONS = {
    "Kick-off": formations.kick_off_places,
    "Corner": formations.corner_places,
    "Throw-in": formations.throw_in_places,
    "Penalty": formations.penalty_places,
    "Direct free-kick": formations.wall_places,
}


@pytest.mark.parametrize("label", SITUATIONS)
@pytest.mark.parametrize("seed", range(3))
def test_each_formation_is_found_when_it_ends(label, seed):
    streams, moment_ms = formations.staged(SITUATIONS[label], seed)
    spots = SPOTTER.spot(streams, PitchSpec())
    hits = [s for s in spots if s.label == label and abs(s.position_ms - moment_ms) <= 1500]
    assert len(hits) == 1 and hits[0].confidence >= 0.3
    others = [s for s in spots if s.label != label and s.confidence >= 0.3]
    assert others == []


@pytest.mark.parametrize("seed", range(4))
def test_open_play_has_no_set_pieces(seed):
    random = np.random.default_rng(seed)
    parts = []
    places, teams = formations.open_play_places(random)
    for _ in range(8):
        path = formations.moving(places, 10, random)
        parts.append(path)
        places = path[-1]
    spots = SPOTTER.spot(formations.streams_of(np.concatenate(parts), teams), PitchSpec())
    assert [s for s in spots if s.confidence >= 0.3] == []


def test_a_linesman_at_the_touch_line_throws_nothing_in():
    streams, _ = formations.staged(formations.throw_in_places)
    team = streams["players"].team
    team[15::20] = -1
    spots = SPOTTER.spot(streams, PitchSpec())
    assert [s for s in spots if s.label == "Throw-in"] == []


def test_who_and_where_are_told():
    streams, _ = formations.staged(formations.corner_places)
    (corner,) = [s for s in SPOTTER.spot(streams, PitchSpec()) if s.label == "Corner"]
    assert corner.team == "home" and corner.pitch_xy_m == (52.5, 34.0)
