"""What every calibrator is: frames in, a calibration or a refusal for each out, in order."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from analysis.core.pitch import PitchSpec
from analysis.core.records import Calibration, Frame


class Calibrator(Protocol):
    """A method folder's ``build(settings, device)`` returns one."""

    def calibrate(self, frames: Iterable[Frame], pitch: PitchSpec) -> Iterator[Calibration | None]:
        """One answer a frame, in order, streaming: None where there is nothing to say (no pitch in view).

        A ``Calibration`` with status ``refused`` tells a best guess that must not be used.
        """
        ...
