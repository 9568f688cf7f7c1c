"""What is believed of many people at once: place, velocity and looks, and how likely one goes on as another.

Like ``motion``, with all people of a sample in one array and both axes of the ground together: the pixel of a foot says
little about the distance to the camera and much about everything across it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.localization.motion import START_SPEED_M_S, transition

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Means of shirts run over so many looks, kits that were read are forgotten by this share a look.
MOST_LOOKS, VOTE_KEPT = 9.0, 0.9
# Weighted Lab units between the mean shirts of one person; beyond ``MOST_LOOK_COST`` unlike is unlike.
LOOK_SPREAD, MOST_LOOK_COST, UNKNOWN_LOOK_COST = 30.0, 4.0, 1.0
LEAST_LOOK_NOISE = 0.3
# Nobody runs faster, plus what two places may be off.
FASTEST_M_S, FASTEST_SLACK_M = 8.5, 1.0
# Who was not found for longer may be anybody; every second of it makes it a little less likely.
LONGEST_MS, ABSENT_COST_S = 8000, 0.2
BACKWARDS = np.array([1.0, 1.0, -1.0, -1.0])


@dataclass(frozen=True, slots=True)
class Sightings:
    """N rows in the order of time.

    Args:
        times_ms: (N,).
        places: (N, 2) metres.
        spreads: (N, 2, 2) their covariances.
        looks: (N, 3) weighted Lab of shirts, NaN where unknown.
        kits: (N,) 0 or 1, -1 where nobody can tell.
    """

    times_ms: IntArray
    places: FloatArray
    spreads: FloatArray
    looks: FloatArray
    kits: IntArray

    def __len__(self) -> int:
        return len(self.times_ms)

    def some(self, rows: slice) -> "Sightings":
        """A stretch of the rows."""
        return Sightings(
            self.times_ms[rows], self.places[rows], self.spreads[rows], self.looks[rows], self.kits[rows]
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Crowd:
    """Beliefs at each of N rows, after it and all rows of the same person on one side of it in time.

    Args:
        state: (N, 4) place and velocity; looking back in time, velocity too runs backwards.
        spread: (N, 4, 4).
        look, n_looks: (N, 3) mean shirt and (N,) of how many looks.
        votes: (N, 2) for either kit, older ones less.
    """

    state: FloatArray
    spread: FloatArray
    look: FloatArray
    n_looks: FloatArray
    votes: FloatArray

    @classmethod
    def unknown(cls, n: int) -> "Crowd":
        """Nothing believed of N rows yet."""
        return cls(
            np.zeros((n, 4)), np.zeros((n, 4, 4)), np.full((n, 3), np.nan), np.zeros(n), np.zeros((n, 2))
        )  # fmt: skip

    def take_in(self, rows: IntArray, neighbours: IntArray, seen: Sightings) -> None:
        """Beliefs at ``rows`` (R,) from those at the same people's ``neighbours`` (R,), negative where none is."""
        first, later = rows[neighbours < 0], rows[neighbours >= 0]
        self.state[first, :2], self.state[first, 2:] = seen.places[first], 0.0
        self.spread[first] = np.diag([0.0, 0.0, START_SPEED_M_S**2, START_SPEED_M_S**2])
        self.spread[first, :2, :2] = seen.spreads[first]
        self.look[first] = seen.looks[first]
        self.n_looks[first] = np.isfinite(seen.looks[first, 0])
        self.votes[first] = 0.0
        if len(later):
            before = neighbours[neighbours >= 0]
            self._move(later, before, seen)
            self._look(later, before, seen)
        for kit in (0, 1):
            self.votes[rows, kit] += seen.kits[rows] == kit

    def kit(self, rows: IntArray) -> IntArray:
        """(R,) 0 or 1 where the looks clearly wear one, else -1."""
        votes = self.votes[rows]
        unclear = votes.max(axis=1) <= 2 * votes.min(axis=1)
        return np.where(unclear, -1, votes.argmax(axis=1))

    def _move(self, rows: IntArray, before: IntArray, seen: Sightings) -> None:
        """Predict and correct (Kalman 1960)."""
        seconds = np.abs(seen.times_ms[rows] - seen.times_ms[before]) / 1000
        state, spread = _later(self.state[before], self.spread[before], seconds)
        gain = spread[:, :, :2] @ np.linalg.inv(spread[:, :2, :2] + seen.spreads[rows])
        off = seen.places[rows] - state[:, :2]
        self.state[rows] = state + (gain @ off[..., None])[..., 0]
        self.spread[rows] = spread - gain @ spread[:, :2]

    def _look(self, rows: IntArray, before: IntArray, seen: Sightings) -> None:
        is_seen, n_before = np.isfinite(seen.looks[rows, 0]), self.n_looks[before]
        weight = np.where(is_seen, 1 / (np.minimum(n_before, MOST_LOOKS) + 1), 0.0)[:, None]
        known = np.where((n_before > 0)[:, None], self.look[before], seen.looks[rows])
        new = np.where(is_seen[:, None], seen.looks[rows], known)
        self.look[rows] = known + weight * (new - known)
        self.n_looks[rows] = np.minimum(n_before, MOST_LOOKS) + is_seen
        self.votes[rows] = VOTE_KEPT * self.votes[before]


def unlikeliness(
    past: Crowd, future: Crowd, before: IntArray, after: IntArray, seen: Sightings
) -> FloatArray:
    """(I, J) minus twice the logarithm of how likely rows ``before`` (I,) go on as rows ``after`` (J,).

    Both sides tell a place and a velocity, and these must meet; infinite for what nobody does: run too fast, change
    shirts, be away for too long.

    Args:
        past: beliefs from all earlier rows.
        future: beliefs from all later rows, looking back.
    """
    seconds = (seen.times_ms[after] - seen.times_ms[before][:, None]) / 1000
    moved = np.linalg.norm(future.state[after, :2] - past.state[before, None, :2], axis=-1)
    one, other = past.kit(before)[:, None], future.kit(after)
    possible = (
        (moved <= FASTEST_M_S * seconds + FASTEST_SLACK_M)
        & ((one < 0) | (other < 0) | (one == other))
        & (seconds <= LONGEST_MS / 1000)
    )
    # Of all pairs of a sample some tenth are possible.
    i, j = np.nonzero(possible)
    cost = np.full(possible.shape, np.inf)
    cost[i, j] = _pairs(past, future, before[i], after[j], seconds[i, j])
    return cost


def _pairs(
    past: Crowd, future: Crowd, before: IntArray, after: IntArray, seconds: FloatArray
) -> FloatArray:
    """(P,) for P pairs of rows."""
    state, spread = _later(past.state[before], past.spread[before], seconds)
    spread = spread + future.spread[after] * BACKWARDS[:, None] * BACKWARDS
    off = future.state[after] * BACKWARDS - state
    miss = np.sum(off * np.linalg.solve(spread, off[..., None])[..., 0], axis=-1)
    width = np.log(np.linalg.det(spread))
    apart = np.linalg.norm(past.look[before] - future.look[after], axis=-1)
    noise = 1 / np.maximum(past.n_looks[before], 1) + 1 / np.maximum(future.n_looks[after], 1)
    unlike = (apart / LOOK_SPREAD) ** 2 / (2 * np.maximum(noise, LEAST_LOOK_NOISE))
    unlike = np.nan_to_num(np.minimum(unlike, MOST_LOOK_COST), nan=UNKNOWN_LOOK_COST)
    return np.asarray(miss + width + unlike + ABSENT_COST_S * seconds)


def _later(
    state: FloatArray, spread: FloatArray, seconds: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """States (..., 4) and spreads after (...) seconds without looking."""
    matrix, noise = (_both_axes(part) for part in transition(seconds))
    return (
        (matrix @ state[..., None])[..., 0],
        matrix @ spread @ np.swapaxes(matrix, -1, -2) + noise,
    )


def _both_axes(one_axis: FloatArray) -> FloatArray:
    """(..., 4, 4) for x and y out of (..., 2, 2) for place and velocity along either."""
    both = one_axis[..., :, None, :, None] * np.eye(2)[:, None, :]
    return both.reshape(*one_axis.shape[:-2], 4, 4)
