"""The pictures of a half themselves, made small, for spotters that learn from pixels."""

from dataclasses import dataclass

import cv2
import numpy as np

from analysis.core.problems import PlanProblem
from analysis.core.records import TopViewTrack
from analysis.representations.base import HalfView

__all__ = ["Settings", "SmallFrames", "build"]


@dataclass(frozen=True)
class Settings:
    """Args: width_px, height_px: of the small pictures; rate_hz: pictures a second."""

    width_px: int = 224
    height_px: int = 128
    rate_hz: float = 2.0


class SmallFrames:
    """See the card."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def build(self, half: HalfView) -> TopViewTrack:
        """(T, height, width, 3) uint8 with the pictures' own times.

        Raises:
            PlanProblem: the half comes without its pictures.
        """
        if half.frames is None:
            raise PlanProblem(["small_frames reads pictures, which this half comes without"])
        own = self.settings
        images, times_ms = [], []
        for frame in half.frames(own.rate_hz):
            size = (own.width_px, own.height_px)
            images.append(cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA))
            times_ms.append(frame.time_ms)
        empty = np.zeros((0, own.height_px, own.width_px, 3), np.uint8)
        return TopViewTrack(
            np.stack(images).astype(np.uint8) if images else empty, np.array(times_ms, np.int64)
        )


def build(settings: Settings, device: str = "cpu") -> SmallFrames:
    """The representation; ``device`` is accepted for uniformity."""
    del device
    return SmallFrames(settings)
