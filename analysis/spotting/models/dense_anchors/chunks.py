"""Chunks of 112 s with dense targets and class-balanced weights (algorithms J.4 - J.6)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from analysis.spotting.inputs import feature_window
from analysis.spotting.learned import LabelledHalf, Shape
from analysis.temporal.displacement import balanced_weights, dense_targets

CHUNK_FRAMES = 224
CONFIDENCE_RADIUS_S, DISPLACEMENT_RADIUS_S = 3.0, 6.0
POSITIVE_SHARE = 0.03
EVENT_SHARE = 0.9


class WeightedChunks:
    """Chunks of halves; nine in ten hold an event drawn uniformly.

    Args:
        halves: with their events.
        shape: classes and rate.
        n_chunks: of one round.
    """

    def __init__(self, halves: Sequence[LabelledHalf], shape: Shape, n_chunks: int) -> None:
        self.halves, self.n_chunks = halves, n_chunks
        radii = CONFIDENCE_RADIUS_S * shape.rate_hz, DISPLACEMENT_RADIUS_S * shape.rate_hz
        self.targets = [
            dense_targets([half.event_frames[c] for c in shape.columns], len(half.inputs), *radii)
            for half in halves
        ]
        self.events = [
            (i, int(frame))
            for i, half in enumerate(halves)
            for column in shape.columns
            for frame in half.event_frames[column]
        ]
        n_rows = float(sum(len(half.inputs) for half in halves))
        near = np.sum([sure.sum(axis=0) for sure, _ in self.targets], axis=0)
        within = np.sum([np.isfinite(away).sum(axis=0) for _, away in self.targets], axis=0)
        self.weights = balanced_weights(near, n_rows, POSITIVE_SHARE).astype(np.float32)
        # Classes that are seldom must not swamp the rest: the published sets have no class without events.
        self.weights = np.minimum(self.weights, 100.0)
        self.class_weight = np.minimum(balanced_weights(within, n_rows, 1.0)[1], 1000.0)

    def __len__(self) -> int:
        return self.n_chunks

    def example(self, index: int, seed: int) -> Mapping[str, Any]:
        """``features`` (224, D), ``confidence``, ``weight``, ``displacement`` (224, C), ``class_weight`` (C,)."""
        rng = np.random.default_rng([seed, index])
        if self.events and rng.random() < EVENT_SHARE:
            i, frame = self.events[int(rng.integers(len(self.events)))]
            start = frame - int(rng.integers(CHUNK_FRAMES))
        else:
            i = int(rng.integers(len(self.halves)))
            start = int(rng.integers(max(1, len(self.halves[i].inputs) - CHUNK_FRAMES + 1)))
        start = max(0, min(start, len(self.halves[i].inputs) - CHUNK_FRAMES))
        sure, away = (_filled(part[start : start + CHUNK_FRAMES]) for part in self.targets[i])
        rows = feature_window(self.halves[i].inputs.features, start, start + CHUNK_FRAMES)
        return {
            "features": torch.from_numpy(rows),
            "confidence": torch.from_numpy(np.nan_to_num(sure)),
            "weight": torch.from_numpy(np.where(sure > 0, self.weights[1], self.weights[0])),
            "displacement": torch.from_numpy(away),
            "class_weight": torch.from_numpy(self.class_weight.astype(np.float32)),
        }


def _filled(part: np.ndarray) -> np.ndarray:
    """Up to a whole chunk, NaN behind the end."""
    missing = CHUNK_FRAMES - len(part)
    return np.concatenate([part, np.full((missing, part.shape[1]), np.nan, part.dtype)])
