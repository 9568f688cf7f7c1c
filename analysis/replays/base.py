"""What grounds replays: a method that proposes the live moments a replay may repeat."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from analysis.core.records import ActionSpot, CameraShot


@dataclass(frozen=True, slots=True)
class Proposal:
    """A live moment that a replay may repeat, with a score in [0, 1]."""

    time_ms: int
    score: float


Grounded = list[tuple[CameraShot, list[Proposal]]]


class Grounder(Protocol):
    """A method folder's ``build(settings, device)`` returns one."""

    def ground(self, shots: Sequence[CameraShot], spots: Sequence[ActionSpot]) -> Grounded:
        """(replay shot, its proposals, the best first) of every replay of one video.

        Args:
            shots: of one video, in time order.
            spots: candidate events of the same video, in any order.
        """
        ...
