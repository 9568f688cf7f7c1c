"""What is heard: loudness of 64 bands, fifty times in each half second (algorithms I.5)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.core.problems import PlanProblem
from analysis.core.records import FeatureSequence, FloatArray
from analysis.representations.base import HalfView
from analysis.video.reel import SOUND_HZ

__all__ = ["N_BANDS", "N_STEPS", "LogMel", "Settings", "build", "mel_filters"]

N_BANDS, N_STEPS = 64, 50
ROW_MS = 500
_HOP = SOUND_HZ // 100
_WINDOW, _SPECTRUM = SOUND_HZ // 40, 2048
_LOWEST_HZ, _HIGHEST_HZ = 125.0, 7500.0
_FLOOR = 0.01
_ROWS_AT_ONCE = 60


@dataclass(frozen=True)
class Settings:
    """Nothing to set: sizes are those of the published sound networks."""


class LogMel:
    """See the card."""

    def __init__(self) -> None:
        self.filters = mel_filters()

    def build(self, half: HalfView) -> FeatureSequence:
        """(T, 50 * 64) float32 at two rows a second on the clock of the calibrations, bands fastest.

        Raises:
            PlanProblem: the half comes without its video.
        """
        if half.sound is None:
            raise PlanProblem(["log_mel listens to the video, which this half comes without"])
        times_ms = half.calibrations.times_ms
        rows = [np.zeros((0, N_STEPS * N_BANDS), np.float32)]
        for begin in range(0, len(times_ms), _ROWS_AT_ONCE):
            part = times_ms[begin : begin + _ROWS_AT_ONCE]
            first, last = int(part[0]), int(part[-1]) + ROW_MS
            heard = half.sound(first, last + 50)
            rows.append(np.stack([self.row(heard, int(ms) - first) for ms in part]))
        return FeatureSequence(np.concatenate(rows), 1000 / ROW_MS)

    def row(self, sound: NDArray[np.int16], start_ms: int) -> NDArray[np.float32]:
        """(50 * 64,) of the half second that begins at ``start_ms`` of the sound; zeros where there is silence."""
        start = start_ms * SOUND_HZ // 1000
        stretch = np.zeros(_HOP * (N_STEPS - 1) + _WINDOW)
        own = sound[start : start + len(stretch)]
        stretch[: len(own)] = own / 32768
        place = np.arange(N_STEPS)[:, None] * _HOP + np.arange(_WINDOW)
        spectrum = np.abs(np.fft.rfft(stretch[place] * np.hanning(_WINDOW), _SPECTRUM))
        # Silence is 0: the logarithm counts from its floor.
        bands = np.log((spectrum @ self.filters + _FLOOR) / _FLOOR)
        return bands.astype(np.float32).ravel()


def build(settings: Settings, device: str = "cpu") -> LogMel:
    """The representation; ``device`` is accepted for uniformity."""
    del settings, device
    return LogMel()


def mel_filters() -> FloatArray:
    """(1025, 64) triangles, even on the mel scale from 125 to 7500 Hz."""
    mel = np.linspace(*(2595 * np.log10(1 + hz / 700) for hz in (_LOWEST_HZ, _HIGHEST_HZ)), N_BANDS + 2)  # fmt: skip
    edges = 700 * (10 ** (mel / 2595) - 1)
    hz = np.fft.rfftfreq(_SPECTRUM, 1 / SOUND_HZ)[:, None]
    rising = (hz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hz) / (edges[2:] - edges[1:-1])
    return np.asarray(np.clip(np.minimum(rising, falling), 0, None))
