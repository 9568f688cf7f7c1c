"""What every representation is: the tracks of a half in, one stream out. One builder serves training and serving."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import PitchSpec
from analysis.core.records import CalibrationTrack, Frame, PlayersTrack, Stream


@dataclass(frozen=True, slots=True)
class HalfView:
    """The tracks of one half, on the calibration track's clock.

    Args:
        calibrations, players: as recorded.
        pitch: size of the pitch.
        floor: confidence under which a calibration counts as absent; stands once, in the recipe.
        frames: rate in hertz -> the half's pictures, for representations of pictures; None without a video.
        sound: (start_ms, end_ms) -> one channel at ``video.reel.SOUND_HZ``, silence where there is none; None without a
            video.
    """

    calibrations: CalibrationTrack
    players: PlayersTrack
    pitch: PitchSpec
    floor: float
    frames: Callable[[float], Iterator[Frame]] | None = None
    sound: Callable[[int, int], NDArray[np.int16]] | None = None


class Representation(Protocol):
    """A method folder's ``build(settings, device)`` returns one."""

    def build(self, half: HalfView) -> Stream:
        """The stream on the clock of ``half.calibrations.times_ms``; its card states the value of "nothing known"."""
        ...
