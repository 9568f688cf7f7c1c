"""What finds shots: a method that judges small pictures while a film is decoded, and tells its shots at the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.core.records import CameraShot

FloatArray = NDArray[np.float32]

# Mean probability of the main camera over a film below which it is no broadcast; a finder's settings may differ.
LEAST_MAIN_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything known about one video when its shots are told.

    Args:
        picture_ms: (T,) times of the pictures looked at, about 25 a second.
        changes: (T, N_FEATURES), see ``changes``.
        sample_ms: (N,) times of the samples that other stages work on.
        looks: (N, 13) probability of each camera in ``vocabulary.CAMERAS``.
        end_ms: where the video ends.
        calibrated: (N,) confidence of the sample's calibration, NaN where none was tried; None before calibrating.
        eye_m: (N, 3) where the calibration puts the camera, NaN where it does not; None before calibrating.
    """

    picture_ms: NDArray[np.int64]
    changes: FloatArray
    sample_ms: NDArray[np.int64]
    looks: FloatArray
    end_ms: int
    calibrated: FloatArray | None = None
    eye_m: FloatArray | None = None


class ShotFinder(Protocol):
    """A method folder's ``build(settings, device)`` returns one."""

    def looks(self, images: Sequence[NDArray[np.uint8]]) -> FloatArray:
        """(N, 13) probability of each camera for RGB pictures (H, W, 3) of any size."""
        ...

    def shots(self, evidence: Evidence) -> list[CameraShot]:
        """Shots from the first picture to ``end_ms``, without gap or overlap; confidence is that of the beginning."""
        ...
