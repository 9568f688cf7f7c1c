"""Spotters that judge short windows: which classes lie within, asked round every row (algorithms H.2, I)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from analysis.spotting.inputs import NetworkInputs, feature_window
from analysis.spotting.learned import FloatArray, LabelledHalf, Shape
from analysis.temporal import suppression
from analysis.training.loop import TrainingPlan

WINDOWS_AT_ONCE = 256


class WindowNetwork(Protocol):
    """A network in two steps, so that what concerns single rows is computed once for all windows."""

    def rows(self, features: Tensor) -> Tensor:
        """(..., D) -> (..., width) of every row by itself."""
        ...

    def judge(self, windows: Tensor) -> Tensor:
        """(B, T, width) -> (B, 1 + C) logits; column 0 is the background."""
        ...


@dataclass(frozen=True)
class WindowMethod:
    """What the pooling baselines and the transformer on embeddings share.

    Args:
        make: shape -> network of the kind ``WindowNetwork``.
        window_s: length of a window.
        suppression_s: of the hard suppression.
        plans: preset -> plan.
        mix_alpha: of mix-up's beta distribution; 0 for none.
    """

    make: Callable[[Shape], nn.Module]
    window_s: float
    suppression_s: float
    plans: Mapping[str, TrainingPlan]
    mix_alpha: float = 0.0

    def network(self, shape: Shape) -> nn.Module:
        """A fresh network."""
        return self.make(shape)

    def plan(self, preset: str) -> TrainingPlan:
        """As published on ``gpu``, minutes on ``cpu``."""
        return self.plans[preset]

    def frames(self, shape: Shape) -> int:
        """Rows of a window."""
        return round(self.window_s * shape.rate_hz)

    def examples(
        self, halves: Sequence[LabelledHalf], shape: Shape, *, is_training: bool
    ) -> "Windows":
        """Windows side by side."""
        del is_training
        return Windows(halves, shape, self.frames(shape))

    def loss(self, network: Any, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Binary cross-entropy on logits, mean over windows and classes; windows and labels mixed in pairs."""
        features, labels = batch["features"], batch["labels"]
        if self.mix_alpha > 0 and network.training:
            share = torch.distributions.Beta(self.mix_alpha, self.mix_alpha).sample(
                (len(features),)
            )
            share = share.to(features.device)[:, None]
            order = torch.randperm(len(features), device=features.device)
            features = share[:, :, None] * features + (1 - share[:, :, None]) * features[order]
            labels = share * labels + (1 - share) * labels[order]
        logits = network.judge(network.rows(features))
        return {"total": functional.binary_cross_entropy_with_logits(logits.float(), labels)}

    def scores(self, network: Any, inputs: NetworkInputs, shape: Shape, device: str) -> FloatArray:
        """Probability of each class in the window round each row; windows at the ends repeat the last row.

        The published code left the last row out; here every row has its window.
        """
        features = torch.from_numpy(inputs.features.astype(np.float32)).to(device)
        rows = network.rows(features)
        length = self.frames(shape)
        first = torch.arange(len(rows), device=device) - length // 2
        span = torch.arange(length, device=device)
        found = []
        for begin in range(0, len(rows), WINDOWS_AT_ONCE):
            place = (first[begin : begin + WINDOWS_AT_ONCE, None] + span).clamp(0, len(rows) - 1)
            found.append(torch.sigmoid(network.judge(rows[place]).float())[:, 1:])
        return np.asarray(torch.cat(found).cpu().numpy(), np.float64)

    def peaks(self, scores: FloatArray) -> suppression.Kept:
        """Hard suppression, right end of the window left out."""
        return suppression.hard(scores, 2 * self.suppression_s, threshold=0.0)


class Windows:
    """Windows side by side with the classes inside; one that no event falls in is background.

    Args:
        halves: with their events.
        shape: classes.
        n_frames: rows of a window; the last one of a half is filled with zeros.
    """

    def __init__(self, halves: Sequence[LabelledHalf], shape: Shape, n_frames: int) -> None:
        self.halves, self.n_frames = halves, n_frames
        self.places: list[tuple[int, int]] = []
        labels = []
        for i, half in enumerate(halves):
            n_windows = -(-len(half.inputs) // n_frames)
            own = np.zeros((n_windows, 1 + len(shape.labels)), np.float32)
            for place, column in enumerate(shape.columns):
                own[half.event_frames[column] // n_frames, 1 + place] = 1
            own[:, 0] = ~own[:, 1:].any(axis=1)
            labels.append(own)
            self.places += [(i, window) for window in range(n_windows)]
        self.labels = np.concatenate(labels)

    def __len__(self) -> int:
        return len(self.places)

    def example(self, index: int, seed: int) -> Mapping[str, Any]:
        """``features`` (T, D) and ``labels`` (1 + C,)."""
        del seed
        i, window = self.places[index]
        start = window * self.n_frames
        rows = feature_window(self.halves[i].inputs.features, start, start + self.n_frames)
        return {
            "features": torch.from_numpy(rows),
            "labels": torch.from_numpy(self.labels[index]),
        }


PUBLISHED_POOLING = TrainingPlan(
    40_000, batch_size=256, learning_rate=1e-3, weight_decay=0.0, warm_up_steps=0, optimiser="adam",
    course="constant", validate_every=400, plateau_patience=10, patience=40, keep_best=True, mean_decay=0.0,
    loader_workers=8,
)  # fmt: skip
POOLING_IN_MINUTES = TrainingPlan(
    600, batch_size=64, learning_rate=1e-3, weight_decay=0.0, warm_up_steps=20, optimiser="adam",
    mean_decay=0.98, loader_workers=0, bfloat16=True, validate_every=100, keep_best=True,
)  # fmt: skip
