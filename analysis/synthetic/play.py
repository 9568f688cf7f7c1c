"""A match on the pitch: a schedule of incidents is acted out at 25 Hz, with open play in between.

The schedule says what happens (so that rates can be those of real matches), the acting makes it physically true: every
event of the truth can be read off the positions.
"""

from dataclasses import dataclass

import numpy as np

from analysis.core.pitch import STANDARD_PITCH, PitchSpec
from analysis.synthetic import formations
from analysis.synthetic.incidents import Incidents
from analysis.synthetic.records import RATE_HZ, MatchPlay, Period
from analysis.synthetic.restarts import QUICK
from analysis.synthetic.squads import draw_people
from analysis.synthetic.world import VideoOver, World


@dataclass(frozen=True, slots=True)
class Planned:
    """One incident: not before ``at_s`` of its period; ``team`` 0 or 1; ``detail`` by kind."""

    at_s: float
    kind: str
    team: int
    detail: str = ""


def play_sample(
    rng: np.random.Generator, n_frames: int, pitch: PitchSpec = STANDARD_PITCH
) -> MatchPlay:
    """A short match with a throw-in, a corner and a goal with its kick-off, as far as its length allows.

    A 90-second one has them all; a 20-second one has a kick-off and a throw-in.
    """
    first = int(rng.integers(2))
    plan = [
        Planned(float(rng.uniform(6.0, 9.0)), "touch", 1 - first),
        Planned(float(rng.uniform(20.0, 24.0)), "corner", first),
        Planned(0.0, "goal", first),
        Planned(float(rng.uniform(79.0, 82.0)), "touch", first),
    ]
    return _play(rng, n_frames, plan, pitch)


def _play(
    rng: np.random.Generator, n_frames: int, plan: list[Planned], pitch: PitchSpec
) -> MatchPlay:
    people = draw_people(rng)
    world = World(rng, people, n_frames, pitch)
    acts = Incidents(world)
    acts.waits = QUICK
    _line_up(acts)
    first = 1 - plan[0].team
    try:
        acts.kick_off(first, 2.0)
        for planned in plan:
            _play_until(acts, planned.at_s)
            _act(acts, planned)
        while True:
            acts.play_on()
    except VideoOver:
        pass
    kickoff = next((e.frame for e in acts.events if e.label == "Kick-off"), 0)
    return MatchPlay(
        people=people,
        person_xy_m=world.person_xy_m,
        ball_xyz_m=world.ball_xyz_m,
        is_live=world.live,
        events=tuple(acts.events),
        periods=(Period(1, 0, n_frames, kickoff, 1),),
        whistles=tuple(acts.whistles),
        gathered=tuple(acts.gathered),
    )


def _line_up(acts: Incidents) -> None:
    """Everybody stands where the kick-off wants them, give or take a step."""
    world = acts.world
    for team in (0, 1):
        places = formations.kickoff_targets(world.shapes[team], kicks_off=False, pitch=world.pitch)
        world.position[world.slots_of(team)] = places * world.attack[team]
    world.position[:22] += acts.rng.normal(0, 0.6, (22, 2))
    world.position[22:] = [
        [-3.0, 8.5],
        [8.0, -world.half_xy[1] - 0.9],
        [-8.0, world.half_xy[1] + 0.9],
    ]


def _play_until(acts: Incidents, seconds: float) -> None:
    while acts.world.frame < seconds * RATE_HZ:
        acts.play_on()


def _act(acts: Incidents, planned: Planned) -> None:
    """Carry one planned incident out."""
    if planned.kind == "touch":
        acts.ball_out_at_touch(planned.team)
    elif planned.kind == "corner":
        acts.corner_won(planned.team)
    elif planned.kind == "goal":
        if acts.world.possession != planned.team or abs(acts.world.ball[0]) < 30:
            acts.approach_goal(planned.team)
        acts.shoot(planned.team, "goal")
