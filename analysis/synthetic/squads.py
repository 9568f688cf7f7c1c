"""Who plays: two squads of eleven and five substitutes each, and three officials, drawn from a seed."""

import numpy as np

from analysis.synthetic.records import Person

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
