"""Replays to learn from and to measure on: what is on air in simulated halves, and which events it repeats.

The half's samples say twice a second which camera is on air; what each replay repeats follows from the director's own
rule. Spotted events are made from the true ones where no spotter has run: found or not, some decimetres of a second
off, with a confidence, and false ones between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.core.records import ActionSpot, CameraShot
from analysis.core.vocabulary import CAMERAS, SOCCERNET_V2
from analysis.synthetic.director import NOT_SHOWN, STOPS, repeated_event
from analysis.synthetic.halves import SimulatedHalf
from analysis.synthetic.records import RATE_HZ

# As the default spotter does on unseen halves: most events, most confidences high, a false one every minute or so.
_FOUND, _FALSE_A_MINUTE, _SPREAD_MS = 0.8, 1.5, 500.0


@dataclass(frozen=True, slots=True)
class Replayed:
    """A replay and the event it repeats: indices in the half's shots and events."""

    shot: int
    event: int


def shots_of(half: SimulatedHalf) -> list[CameraShot]:
    """The half's shots, their ends known to half a second; what leads into and out of replays is a logo."""
    on_air = half.camera * 2 + half.is_replay
    begins = np.flatnonzero(np.r_[True, np.diff(on_air) != 0])
    ends_ms = [*(int(half.times_ms[k]) for k in begins[1:]), half.duration_ms]
    shots = []
    was_replay = False
    for begin, end_ms in zip(begins.tolist(), ends_ms, strict=True):
        is_replay = bool(half.is_replay[begin])
        shots.append(
            CameraShot(
                int(half.times_ms[begin]), end_ms, CAMERAS.labels[int(half.camera[begin])],
                "logo" if is_replay != was_replay else "abrupt", is_replay, 1.0,
            )
        )  # fmt: skip
        was_replay = is_replay
    return shots


def replays_of(half: SimulatedHalf, shots: Sequence[CameraShot]) -> list[Replayed]:
    """What each replay repeats; replays of nothing known are left out."""
    labels = [SOCCERNET_V2.labels[int(k)] for k in half.event_label]
    frames = [int(ms) * RATE_HZ // 1000 for ms in half.event_ms]
    found = []
    for i, shot in enumerate(shots):
        if shot.is_replay:
            stop = _last_stop(labels, half.event_ms, shot.start_ms)
            if stop is not None:
                found.append(Replayed(i, repeated_event(labels, frames, stop)))
    return found


def _last_stop(labels: Sequence[str], event_ms: NDArray[np.int64], before_ms: int) -> int | None:
    """The event that opened the pause in which a replay is shown."""
    stop: int | None = None
    last: int | None = None
    for k, label in enumerate(labels):
        if event_ms[k] > before_ms:
            break
        if label in NOT_SHOWN:
            stop = None
        elif stop is None and label in STOPS:
            stop = last = k
    return last


def spots_of(half: SimulatedHalf, rng: np.random.Generator) -> list[ActionSpot]:
    """Candidates as a spotter might give them."""
    spots = []
    for time_ms, label in zip(half.event_ms.tolist(), half.event_label.tolist(), strict=True):
        if rng.random() < _FOUND:
            shift_ms = rng.normal(0, _SPREAD_MS)
            spots.append(
                ActionSpot(
                    1, max(0, int(time_ms + shift_ms)), SOCCERNET_V2.labels[label], float(rng.beta(4, 2))
                )
            )  # fmt: skip
    for _ in range(rng.poisson(_FALSE_A_MINUTE * half.duration_ms / 60_000)):
        label = SOCCERNET_V2.labels[int(rng.choice(half.event_label))]
        time_ms = int(rng.integers(half.duration_ms))
        spots.append(ActionSpot(1, time_ms, label, float(rng.beta(2, 5))))
    return spots
