"""What a simulated match consists of: people, positions over time, events. Frames count from 0 at 25 Hz."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

RATE_HZ = 25
N_SLOTS = 25
"""Places of people on the pitch: 0-10 home, 11-21 away, 22 referee, 23 near and 24 far assistant."""
REFEREE, NEAR_ASSISTANT, FAR_ASSISTANT = 22, 23, 24


@dataclass(frozen=True, slots=True)
class Person:
    """One human of the match.

    Args:
        person_id: 1.. within the match; the ``player_id`` and ``track_id`` of every file.
        team: ``home``, ``away`` or None for officials.
        role: in ``vocabulary.ROLES``; assistants are referees too.
        jersey: number on the shirt, 0 for officials.
        name: invented.
        height_m: 1.68 to 1.98.
        top_speed_ms: metres a second at a sprint.
        look: index of skin and hair.
    """

    person_id: int
    team: str | None
    role: str
    jersey: int
    name: str
    height_m: float
    top_speed_ms: float
    look: int


@dataclass(frozen=True, slots=True)
class MatchEvent:
    """One event of the truth.

    Args:
        frame: at 25 Hz from the video's beginning.
        label: in ``vocabulary.SOCCERNET_V2``.
        team: ``home``, ``away`` or None.
        person: index in ``MatchPlay.people`` of the one who acts, or None.
        pitch_xy_m: where the ball is, metres.
        half: 1 or 2.
    """

    frame: int
    label: str
    team: str | None
    person: int | None
    pitch_xy_m: tuple[float, float]
    half: int


@dataclass(frozen=True, slots=True)
class Period:
    """One half: frames [start, stop); its kick-off is at ``kickoff``. ``home_attacks`` is +1 or -1 along x."""

    half: int
    start: int
    stop: int
    kickoff: int
    home_attacks: int


@dataclass(frozen=True, slots=True)
class MatchPlay:
    """Everything that happens on the pitch, metres in the frame of ``core.pitch``.

    Args:
        people: everybody, substitutes included.
        person_xy_m: (T, P, 2) float32; NaN while a person is not on the grass.
        ball_xyz_m: (T, 3) float32.
        is_live: (T,) whether the ball is in play.
        events: in time order.
        periods: in time order.
        whistles: frames at which the referee blows.
        gathered: frames [start, stop) in which people stand round the referee.
    """

    people: tuple[Person, ...]
    person_xy_m: NDArray[np.float32]
    ball_xyz_m: NDArray[np.float32]
    is_live: NDArray[np.bool_]
    events: tuple[MatchEvent, ...]
    periods: tuple[Period, ...]
    whistles: tuple[int, ...] = ()
    gathered: tuple[tuple[int, int], ...] = field(default=())

    @property
    def n_frames(self) -> int:
        """T."""
        return len(self.ball_xyz_m)
