"""A match on the pitch: a schedule of stops is acted out at 25 Hz, with open play in between.

The schedule says what happens (so that rates can be those of real matches), the acting makes it physically true: every
event of the truth can be read off the positions.
"""

import numpy as np

from analysis.core.pitch import STANDARD_PITCH, PitchSpec
from analysis.synthetic import formations
from analysis.synthetic.incidents import Incidents
from analysis.synthetic.records import RATE_HZ, MatchPlay, Period
from analysis.synthetic.restarts import QUICK
from analysis.synthetic.schedule import PENALTY_OUTCOMES, Schedule, Stop, pick
from analysis.synthetic.squads import draw_people
from analysis.synthetic.world import VideoOver, World

_KICK_OFF_S = 2.0
_ACTING_S = 5.0
"""A stop is played for so long before it happens, about."""
_LONGEST_HALF_S = 55 * 60


def play_match(
    rng: np.random.Generator, n_frames: int, pitch: PitchSpec = STANDARD_PITCH
) -> MatchPlay:
    """A match at the rates of real ones; more than 55 minutes are played as two halves with sides changed.

    Args:
        rng: the only source of chance.
        n_frames: at 25 Hz.
        pitch: size of the pitch.
    """
    acts = _kitted_out(rng, n_frames, pitch)
    schedule = Schedule(rng)
    n_halves = 1 if n_frames <= _LONGEST_HALF_S * RATE_HZ else 2
    stops = [round(n_frames * (k + 1) / n_halves) for k in range(n_halves)]
    first = int(rng.integers(2))
    for half, stop_frame in enumerate(stops, start=1):
        start = acts.world.frame
        acts.begin_half(half, stop_frame)
        seconds = (stop_frame - start) / RATE_HZ
        acts.waiting = [
            (start / RATE_HZ + t, team) for t, team in schedule.substitutions(half, seconds)
        ]
        try:
            acts.kick_off(first if half == 1 else 1 - first, _KICK_OFF_S)
            while True:
                stop = schedule.next_stop()
                _play_until(acts, acts.world.frame + max(0.0, stop.after_s - _ACTING_S) * RATE_HZ)
                _act(acts, stop)
        except VideoOver:
            acts.end_half(start)
    return _recorded(acts)


def play_sample(
    rng: np.random.Generator, n_frames: int, pitch: PitchSpec = STANDARD_PITCH
) -> MatchPlay:
    """A short match with a throw-in, a corner and a goal with its kick-off, as far as its length allows.

    A 90-second one has them all; a 20-second one has a kick-off and a throw-in.
    """
    acts = _kitted_out(rng, n_frames, pitch)
    acts.waits, acts.corners_bring_shots = QUICK, False
    first = int(rng.integers(2))
    acts.begin_half(1, n_frames)
    try:
        acts.kick_off(first, _KICK_OFF_S)
        _play_until(acts, rng.uniform(6.0, 9.0) * RATE_HZ)
        _act(acts, Stop("touch", 1 - first, 0.0))
        _play_until(acts, rng.uniform(20.0, 24.0) * RATE_HZ)
        _act(acts, Stop("corner", first, 0.0))
        acts.shoot(first, "goal")
        _play_until(acts, rng.uniform(79.0, 82.0) * RATE_HZ)
        _act(acts, Stop("touch", first, 0.0))
        schedule = Schedule(rng)
        while True:
            _play_until(acts, acts.world.frame + rng.uniform(8, 15) * RATE_HZ)
            _act(acts, schedule.next_stop())
    except VideoOver:
        acts.end_half(0)
    return _recorded(acts)


def _kitted_out(rng: np.random.Generator, n_frames: int, pitch: PitchSpec) -> "_Acts":
    return _Acts(World(rng, draw_people(rng), n_frames, pitch))


class _Acts(Incidents):
    """Incidents with a beginning and an end of each half."""

    def begin_half(self, half: int, stop_frame: int) -> None:
        """Sides are changed after the first half, and everybody stands ready, give or take a step."""
        world = self.world
        self.half, world.stop_frame = half, stop_frame
        world.attack = np.array([1.0, -1.0]) * (1 if half == 1 else -1)
        world.flight, world.holder, world.ball = None, -1, np.zeros(3)
        world.clear_orders()
        world.velocity[:] = 0
        for team in (0, 1):
            places = formations.kickoff_targets(
                world.shapes[team], kicks_off=False, pitch=world.pitch
            )
            world.position[world.slots_of(team)] = places * world.attack[team]
        world.position[:22] += self.rng.normal(0, 0.6, (22, 2))
        line = world.half_xy[1] + 0.9
        world.position[22:] = [[-3.0, 8.5], [8.0, -line], [-8.0, line]]

    def end_half(self, start: int) -> None:
        """Write the period down."""
        kickoff = next((e.frame for e in self.events if e.half == self.half), start)
        self.whistles.append(self.world.stop_frame - 1)
        sign = int(self.world.attack[0])
        self.periods.append(Period(self.half, start, self.world.stop_frame, kickoff, sign))


def _recorded(acts: Incidents) -> MatchPlay:
    world = acts.world
    return MatchPlay(
        people=world.people,
        person_xy_m=world.person_xy_m,
        ball_xyz_m=world.ball_xyz_m,
        is_live=world.live,
        events=tuple(sorted(acts.events, key=lambda event: event.frame)),
        periods=tuple(acts.periods),
        whistles=tuple(acts.whistles),
        gathered=tuple(acts.gathered),
    )


def _play_until(acts: Incidents, frame: float) -> None:
    while acts.world.frame < frame:
        acts.play_on()


def _act(acts: Incidents, stop: Stop) -> None:
    """Carry one planned stop out."""
    if stop.kind == "touch":
        acts.ball_out_at_touch(stop.team)
    elif stop.kind == "goal_kick":
        acts.misplaced_to_goal_kick(stop.team)
    elif stop.kind == "corner":
        acts.corner_won(stop.team)
    elif stop.kind == "foul_far":
        acts.foul(stop.team, near_goal=False, card=stop.card)
    elif stop.kind == "foul_near":
        acts.foul(stop.team, near_goal=True, card=stop.card)
    elif stop.kind == "offside":
        acts.offside(stop.team)
    elif stop.kind == "penalty":
        acts.penalty_given(stop.team, pick(acts.rng, PENALTY_OUTCOMES), stop.card)
    else:
        acts.approach_goal(stop.team)
        acts.shoot(stop.team, stop.kind)
