"""Who is there: two squads of eleven and five substitutes each, three officials, and people beside the pitch."""

from dataclasses import replace

import numpy as np

from analysis.core.pitch import PitchSpec
from analysis.synthetic.records import MatchPlay, Person

N_SUBSTITUTES = 5
_FIRST = [
    "Ada",
    "Ben",
    "Cai",
    "Dov",
    "Eli",
    "Finn",
    "Gil",
    "Hal",
    "Ivo",
    "Jan",
    "Kai",
    "Leo",
    "Max",
    "Nik",
    "Oto",
    "Pim",
]
_LAST = [
    "Abel",
    "Berg",
    "Crane",
    "Dahl",
    "Ender",
    "Falk",
    "Grau",
    "Holm",
    "Ilic",
    "Jost",
    "Kern",
    "Lund",
    "Moor",
    "Nagy",
    "Orme",
    "Pohl",
]


def draw_people(rng: np.random.Generator) -> tuple[Person, ...]:
    """Home 0-10 (0 keeps goal), away 11-21, officials 22-24, then five home and five away substitutes."""
    people: list[Person] = []

    def add(team: str | None, role: str, jersey: int) -> None:
        keeper = role == "goalkeeper"
        people.append(
            Person(
                person_id=len(people) + 1,
                team=team,
                role=role,
                jersey=jersey,
                name=f"{_FIRST[rng.integers(16)]} {_LAST[rng.integers(16)]}",
                height_m=float(np.clip(rng.normal(1.88 if keeper else 1.82, 0.05), 1.68, 1.98)),
                top_speed_ms=float(rng.uniform(6.6, 7.6) if keeper else rng.uniform(7.4, 9.1)),
                look=int(rng.integers(6)),
            )
        )

    for team in ("home", "away"):
        add(team, "goalkeeper", 1)
        for jersey in range(2, 12):
            add(team, "player", jersey)
    for _ in range(3):
        add(None, "referee", 0)
    for team in ("home", "away"):
        for jersey in range(12, 12 + N_SUBSTITUTES):
            add(team, "player", jersey)
    return tuple(people)


def substitutes_of(team: int) -> range:
    """Indices in ``people`` of the substitutes of team 0 (home) or 1 (away)."""
    first = 25 + team * N_SUBSTITUTES
    return range(first, first + N_SUBSTITUTES)


def with_bystanders(
    play: MatchPlay, rng: np.random.Generator, pitch: PitchSpec, most: int = 25
) -> MatchPlay:
    """The match with up to ``most`` staff, stewards and ball boys who stand round the pitch (role ``staff``)."""
    n_people = int(rng.integers(0, most + 1))
    half_x, half_y = pitch.length_m / 2, pitch.width_m / 2
    places = np.empty((n_people, 2))
    for k in range(n_people):
        side = rng.random()
        if side < 0.5:
            places[k] = rng.normal(0, 20), -half_y - rng.uniform(1.2, 6.5)
        elif side < 0.7:
            places[k] = rng.uniform(-half_x, half_x), half_y + rng.uniform(2.0, 6.0)
        else:
            places[k] = (
                rng.choice([-1, 1]) * (half_x + rng.uniform(3.0, 8.0)),
                rng.uniform(-half_y, half_y),
            )
    first = len(play.people) + 1
    staff = tuple(
        Person(
            first + k,
            None,
            "staff",
            0,
            "",
            float(rng.uniform(1.5, 1.92)),
            2.0,
            int(rng.integers(6)),
        )
        for k in range(n_people)
    )
    standing = np.broadcast_to(places.astype(np.float32), (play.n_frames, n_people, 2))
    xy = np.concatenate([play.person_xy_m, standing], axis=1)
    return replace(play, people=play.people + staff, person_xy_m=xy)
