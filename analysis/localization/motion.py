"""How people move: a Kalman filter and its smoother on the pitch, the same for both axes (algorithms B.2).

The state is a place and a velocity that dies away within ``VELOCITY_LASTS_S``, pushes are white. Both axes share one
2x2 covariance, since their noise is taken to be equal.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

VELOCITY_LASTS_S = 2.5
# What a step may bring is taken tight while it is asked who is who, and wide when the path is drawn.
PUSH_M_S2, PATH_PUSH_M_S2 = 4.5, 5.0
START_SPEED_M_S = 3.0


@dataclass(frozen=True, slots=True)
class Belief:
    """Where somebody is and how they move; with leading axes, many people at once.

    Args:
        place, velocity: (..., 2) metres, metres a second.
        spread: (..., 2, 2) covariance of place and velocity along either axis.
    """

    place: FloatArray
    velocity: FloatArray
    spread: FloatArray

    def of(self, who: int | NDArray[np.int64]) -> "Belief":
        """What is believed of one of many, or of some of them."""
        return Belief(self.place[who], self.velocity[who], self.spread[who])


def first_belief(place: FloatArray, sigma_m: float | FloatArray) -> Belief:
    """Somebody seen for the first time."""
    spread = np.zeros((*np.shape(sigma_m), 2, 2))
    spread[..., 0, 0], spread[..., 1, 1] = np.square(sigma_m), START_SPEED_M_S**2
    return Belief(place, np.zeros_like(place), spread)


def transition(
    seconds: float | FloatArray, push: float = PUSH_M_S2
) -> tuple[FloatArray, FloatArray]:
    """(..., 2, 2) matrix and (..., 2, 2) noise of a step in time, or of many (...)."""
    kept = np.exp(-np.asarray(seconds, np.float64) / VELOCITY_LASTS_S)
    reach = VELOCITY_LASTS_S * (1 - kept)
    matrix, noise = np.zeros((2, *kept.shape, 2, 2))
    matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 1, 1] = 1.0, reach, kept
    noise[..., 0, 0], noise[..., 1, 1] = reach**4 / 4, reach**2
    noise[..., 0, 1] = noise[..., 1, 0] = reach**3 / 2
    return matrix, push**2 * noise


def predicted(belief: Belief, seconds: float | FloatArray, push: float = PUSH_M_S2) -> Belief:
    """Later, without having looked."""
    return _moved(belief, *transition(seconds, push))


def _moved(belief: Belief, matrix: FloatArray, noise: FloatArray) -> Belief:
    return Belief(
        belief.place + matrix[..., 0, 1, None] * belief.velocity,
        matrix[..., 1, 1, None] * belief.velocity,
        matrix @ belief.spread @ np.swapaxes(matrix, -1, -2) + noise,
    )


def corrected(belief: Belief, place: FloatArray, sigma_m: float | FloatArray) -> Belief:
    """After seeing the person at a place."""
    spread = belief.spread
    gain = spread[..., 0] / (spread[..., 0, 0] + np.square(sigma_m))[..., None]
    off = place - belief.place
    return Belief(
        belief.place + gain[..., 0, None] * off,
        belief.velocity + gain[..., 1, None] * off,
        spread - gain[..., :, None] * spread[..., 0, None, :],
    )


def smoothed(
    times_ms: NDArray[np.int64], places: FloatArray, sigmas_m: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """One person's path with the benefit of hindsight (Rauch, Tung and Striebel 1965).

    Args:
        times_ms: (T,) ascending.
        places: (T, 2) metres, NaN where nobody was seen.
        sigmas_m: (T,) spread of what was seen.

    Returns:
        (T, 2) places and (T,) their spread.
    """
    before, after = [], []
    matrices, noises = transition(np.diff(times_ms) / 1000, PATH_PUSH_M_S2)
    belief = first_belief(places[0], float(sigmas_m[0]))
    for i in range(len(times_ms)):
        if i:
            belief = _moved(belief, matrices[i - 1], noises[i - 1])
            before.append(belief)
            if np.isfinite(places[i, 0]):
                belief = corrected(belief, places[i], float(sigmas_m[i]))
        after.append(belief)
    state = np.stack([after[-1].place, after[-1].velocity])
    spread = after[-1].spread
    found, sure = [state[0]], [spread[0, 0]]
    for i in range(len(times_ms) - 2, -1, -1):
        gain = after[i].spread @ matrices[i].T @ np.linalg.inv(before[i].spread)
        here = np.stack([after[i].place, after[i].velocity])
        state = here + gain @ (state - np.stack([before[i].place, before[i].velocity]))
        spread = after[i].spread + gain @ (spread - before[i].spread) @ gain.T
        found.append(state[0])
        sure.append(spread[0, 0])
    return np.array(found[::-1]), np.sqrt(np.maximum(sure[::-1], 1e-6))
