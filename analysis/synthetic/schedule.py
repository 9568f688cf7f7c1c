"""What happens next in a match: stretches of open play, and what ends them, at the rates of real matches.

The rates were read off the 200 halves of SoccerNet-v2's validation labels: how often each stop occurs in a half, and
that the time from a restart to the next stop is close to exponential (quartiles 13, 24 and 49 s). Matches differ: each
bends the rates a little, and one team has more of the ball.
"""

from dataclasses import dataclass

import numpy as np

# Stops a half of 47 minutes. A corner may bring shots by itself, see ``CORNER_SHOT``.
RATES_PER_HALF: dict[str, float] = {
    "touch": 19.6,
    "goal_kick": 3.3,
    "corner": 3.0,
    "foul_far": 7.9,
    "foul_near": 2.1,
    "offside": 2.2,
    "penalty": 0.18,
    "save": 2.4,
    "save_corner": 0.9,
    "off": 2.6,
    "off_corner": 0.3,
    "goal": 1.25,
}
CORNER_SHOT = 0.33
"""Share of corners with a shot at once."""
CORNER_OUTCOMES = {"off": 0.5, "off_corner": 0.05, "save": 0.25, "save_corner": 0.1, "goal": 0.1}
FREE_KICK_SHOT = 0.5
"""Share of direct free kicks shot at goal; the others are crossed."""
FREE_KICK_OUTCOMES = {"off": 0.4, "off_corner": 0.1, "save": 0.34, "save_corner": 0.1, "goal": 0.06}
PENALTY_OUTCOMES = {"goal": 0.77, "save": 0.15, "off": 0.08}
YELLOW_SHARE, RED_SHARE = 0.165, 0.006
"""Of fouls."""
SECOND_YELLOW_SHARE = 0.2
"""Of cards a booked player would get."""
MEAN_STRETCH_S = 31.0
"""From a restart until the next stop begins to be played for; the acting adds some seconds."""
SUBSTITUTIONS = (0.35, 5.2)
"""Mean number in the first and the second half, both teams together."""


@dataclass(frozen=True, slots=True)
class Stop:
    """What ends a stretch of open play: ``kind`` in ``RATES_PER_HALF``, for ``team`` 0 or 1, after ``after_s``."""

    kind: str
    team: int
    after_s: float
    card: str | None = None


class Schedule:
    """The course of one match.

    Args:
        rng: the only source of chance.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.kinds = list(RATES_PER_HALF)
        rates = np.array([RATES_PER_HALF[kind] for kind in self.kinds])
        self.weights = rates * rng.lognormal(0, 0.22, len(rates))
        self.weights /= self.weights.sum()
        self.home_share = float(np.clip(rng.normal(0.53, 0.09), 0.25, 0.75))
        self.tempo = float(rng.lognormal(0, 0.1))

    def next_stop(self) -> Stop:
        """The next thing that interrupts play."""
        rng = self.rng
        kind = str(rng.choice(self.kinds, p=self.weights))
        team = 0 if rng.random() < self.home_share else 1
        after_s = 1.0 + float(rng.exponential(MEAN_STRETCH_S * self.tempo))
        return Stop(kind, team, after_s, self._card(kind))

    def _card(self, kind: str) -> str | None:
        if not (kind.startswith("foul") or kind == "penalty"):
            return None
        draw = self.rng.random() * (0.5 if kind == "penalty" else 1.0)
        if draw < RED_SHARE:
            return "Red card"
        return "Yellow card" if draw < RED_SHARE + YELLOW_SHARE else None

    def substitutions(self, half: int, seconds: float) -> list[tuple[float, int]]:
        """(time in the half, team) in order; none in halves shorter than five minutes."""
        n_all = int(self.rng.poisson(SUBSTITUTIONS[min(half, 2) - 1] * seconds / 2760))
        if seconds < 300:
            return []
        times = np.sort(self.rng.uniform(0.12, 0.95, n_all)) * seconds
        return [(float(t), int(self.rng.integers(2))) for t in times]


def pick(rng: np.random.Generator, shares: dict[str, float]) -> str:
    """One key, with the given probabilities."""
    return str(rng.choice(list(shares), p=np.array(list(shares.values()))))
