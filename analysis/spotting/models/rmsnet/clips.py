"""The clips RMS-Net learns from: events at uniform offsets, classes balanced, frames before the event masked."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from analysis.spotting.inputs import feature_window
from analysis.spotting.learned import LabelledHalf, Shape

WINDOW_FRAMES = 41
N_FOREGROUND = 30_000
MASK_CHANCE, MASK_UP_TO = 1 / 3, 0.5


class MaskedClips:
    """One round: ``N_FOREGROUND`` clips with an event, and one C-th of that without any.

    A clip with several events belongs to the one it was drawn for; the paper is silent about them.

    Args:
        halves: with their events.
        shape: classes.
        is_training: mask, and draw; otherwise a small fixed set.
    """

    def __init__(self, halves: Sequence[LabelledHalf], shape: Shape, *, is_training: bool) -> None:
        self.halves, self.is_training = halves, is_training
        self.events: list[list[tuple[int, int]]] = [
            [(i, int(f)) for i, half in enumerate(halves) for f in half.event_frames[column]]
            for column in shape.columns
        ]
        self.present = [place for place, own in enumerate(self.events) if own]
        self.quiet = [
            (i, start) for i, half in enumerate(halves) for start in quiet_windows(half, shape)
        ]
        self.n_foreground = N_FOREGROUND if is_training else 512
        self.n_background = self.n_foreground // len(shape.labels) if self.quiet else 0

    def __len__(self) -> int:
        return self.n_foreground + self.n_background

    def example(self, index: int, seed: int) -> Mapping[str, Any]:
        """``features`` (41, D), ``label`` (0 is background), ``offset`` in [0, 1)."""
        rng = np.random.default_rng([seed, index])
        if index >= self.n_foreground or not self.present:
            i, start = self._background(rng)
            return _example(self._rows(i, start), 0, 0.0)
        place = int(rng.choice(self.present))
        i, frame = self.events[place][int(rng.integers(len(self.events[place])))]
        n_rows = len(self.halves[i].inputs)
        earliest, latest = max(0, frame - WINDOW_FRAMES + 1), min(frame, n_rows - WINDOW_FRAMES)
        start = int(rng.integers(earliest, max(earliest, latest) + 1))
        rows = self._rows(i, start)
        offset = (frame - start) / WINDOW_FRAMES
        if self.is_training and self.quiet and offset <= MASK_UP_TO and rng.random() < MASK_CHANCE:
            other, begin = self._background(rng)
            rows[: frame - start] = self._rows(other, begin)[: frame - start]
        return _example(rows, 1 + place, offset)

    def _background(self, rng: np.random.Generator) -> tuple[int, int]:
        return self.quiet[int(rng.integers(len(self.quiet)))]

    def _rows(self, i: int, start: int) -> np.ndarray:
        return feature_window(self.halves[i].inputs.features, start, start + WINDOW_FRAMES).copy()


def quiet_windows(half: LabelledHalf, shape: Shape) -> list[int]:
    """Starts of windows side by side that hold no event."""
    is_event = np.zeros(len(half.inputs), bool)
    for column in shape.columns:
        is_event[half.event_frames[column]] = True
    starts = range(0, len(is_event) - WINDOW_FRAMES + 1, WINDOW_FRAMES)
    return [start for start in starts if not is_event[start : start + WINDOW_FRAMES].any()]


def _example(rows: np.ndarray, label: int, offset: float) -> dict[str, Any]:
    return {
        "features": torch.from_numpy(rows),
        "label": torch.tensor(label),
        "offset": torch.tensor(offset, dtype=torch.float32),
    }
