"""What every detector is: a batch of frames in, people and ball of each out."""

from collections.abc import Sequence
from typing import Protocol

from analysis.core.records import Calibration, Detections, Frame


class Detector(Protocol):
    """A method folder's ``build(settings, device)`` returns one."""

    def detect(
        self, frames: Sequence[Frame], calibrations: Sequence[Calibration | None]
    ) -> list[Detections]:
        """One ``Detections`` a frame. Calibrations (of the frames' own size) may guide sizes and the field mask."""
        ...
