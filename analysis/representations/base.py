"""What every representation is: the tracks of a half in, one stream out. One builder serves training and serving."""

from dataclasses import dataclass
from typing import Protocol

from analysis.core.pitch import PitchSpec
from analysis.core.records import CalibrationTrack, PlayersTrack, Stream


@dataclass(frozen=True, slots=True)
class HalfView:
    """The tracks of one half, on the calibration track's clock.

    Args:
        calibrations, players: as recorded.
        pitch: size of the pitch.
        floor: confidence under which a calibration counts as absent; stands once, in the recipe.
    """

    calibrations: CalibrationTrack
    players: PlayersTrack
    pitch: PitchSpec
    floor: float


class Representation(Protocol):
    """A method folder's ``build(settings, device)`` returns one."""

    def build(self, half: HalfView) -> Stream:
        """The stream on the clock of ``half.calibrations.times_ms``; its card states the value of "nothing known"."""
        ...
