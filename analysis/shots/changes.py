"""How much each picture differs from those before it: a few numbers a picture, from its thumbnail.

Pictures come at about 25 a second; faster films are thinned by ``Thinned``. All numbers are causal, so they can be had
while a film is decoded for something else, and nothing but the last two thirds of a second is kept.
"""

from collections import deque

import cv2
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
Thumbnail = NDArray[np.uint8]

_APART_MS = 30.0
_BINS = (8, 6, 6)
_LAGS = (1, 2, 4, 8, 16)
_MATCHED_LAGS = (1, 4)
_WINDOW = cv2.createHanningWindow((64, 36), cv2.CV_32F)
N_FEATURES = 26
FINE = N_FEATURES - 1
"""The last number: mean change of the fine picture from the one before, 1 at twelve grey levels."""


class Thinned:
    """Which of a film's pictures to look at, so that 25 to 33 a second are."""

    def __init__(self) -> None:
        self._last_ms = -_APART_MS

    def takes(self, time_ms: float) -> bool:
        """Whether the picture of this time, later than the last one, is looked at."""
        if time_ms - self._last_ms < _APART_MS:
            return False
        self._last_ms = time_ms
        return True


class ChangeMeter:
    """Numbers of change of one picture after the other."""

    def __init__(self) -> None:
        self._past: deque[tuple[Thumbnail, FloatArray, FloatArray, FloatArray]] = deque(
            maxlen=_LAGS[-1]
        )

    def step(self, thumb: Thumbnail) -> FloatArray:
        """(N_FEATURES,) of the next thumbnail (36, 64, 3) YUV; 0..1 mostly."""
        histogram = _histogram(thumb)
        coarse = cv2.resize(thumb, (16, 9), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        grey = thumb[..., 0].astype(np.float32)
        values: list[float] = []
        for lag in _LAGS:
            old = self._past[-lag] if len(self._past) >= lag else None
            values += _against(thumb, histogram, coarse, old)
        values += [self._crossing(coarse, reach) for reach in (2, 4)]
        values += [self._matched(grey, lag) for lag in _MATCHED_LAGS]
        values += _state(thumb, coarse)
        fine = np.abs(thumb.astype(np.int16) - self._past[-1][0]).mean() if self._past else 0.0
        values.append(min(1.0, float(fine) / 12))
        self._past.append((thumb, histogram, coarse, grey))
        return np.array(values, np.float32)

    def _crossing(self, coarse: FloatArray, reach: int) -> float:
        """How far the picture ``reach`` back is from the mean of its neighbours at that distance (dissolves)."""
        if len(self._past) < 2 * reach:
            return 0.0
        middle, old = self._past[-reach][2], self._past[-2 * reach][2]
        whole = float(np.abs(coarse - old).mean())
        bent = float(np.abs(middle - (coarse + old) / 2).mean())
        return whole - 2 * bent

    def _matched(self, grey: FloatArray, lag: int) -> float:
        """How well one shift explains the change: near 1 for a camera that turns, near 0 for another picture."""
        if len(self._past) < lag:
            return 1.0
        _, response = cv2.phaseCorrelate(self._past[-lag][3], grey, _WINDOW)
        return float(np.clip(response, 0, 1))


def _histogram(thumb: Thumbnail) -> FloatArray:
    counts = cv2.calcHist([thumb], [0, 1, 2], None, list(_BINS), [0, 256, 0, 256, 0, 256])
    return np.asarray(counts.ravel() / (thumb.shape[0] * thumb.shape[1]), np.float32)


def _against(
    thumb: Thumbnail,
    histogram: FloatArray,
    coarse: FloatArray,
    old: tuple[Thumbnail, FloatArray, FloatArray, FloatArray] | None,
) -> list[float]:
    """Colours lost and won, mean change of blocks, share of blocks that changed much."""
    if old is None:
        return [0.0, 0.0, 0.0]
    blocks = np.abs(coarse - old[2]).max(2)
    return [
        float(np.abs(histogram - old[1]).sum() / 2),
        float(blocks.mean()),
        float((blocks > 0.12).mean()),
    ]


def _state(thumb: Thumbnail, coarse: FloatArray) -> list[float]:
    """Brightness, its spread, colourfulness, the shares of the commonest tone and of grass, and edges."""
    luma = coarse[..., 0]
    chroma = np.abs(coarse[..., 1:] - 0.5).max(2)
    green = (thumb[..., 1] < 124) & (thumb[..., 2] < 124) & (thumb[..., 0] > 30)
    tones = np.bincount((luma * 15.99).astype(np.int64).ravel(), minlength=16)
    edges = np.abs(np.diff(luma, axis=1)).mean()
    return [
        float(luma.mean()), float(luma.std()), float(chroma.mean()), float(tones.max() / luma.size),
        float(green.mean()), float(edges),
    ]  # fmt: skip


def features_of(thumbs: NDArray[np.uint8]) -> FloatArray:
    """(T, N_FEATURES) of a sequence of thumbnails (T, 36, 64, 3)."""
    meter = ChangeMeter()
    return np.array([meter.step(thumb) for thumb in thumbs]).reshape(-1, N_FEATURES)
