"""RMS-Net: regression, masking, sampling (Tomei et al. 2021, Regression and Masking for Soccer Event Spotting).

The paper does not state activations: here ReLU follows the first layer, both convolutions and the second layer.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from analysis.spotting.inputs import NetworkInputs
from analysis.spotting.learned import FloatArray, LabelledHalf, Shape
from analysis.spotting.models.rmsnet.clips import WINDOW_FRAMES, MaskedClips
from analysis.temporal.suppression import Kept
from analysis.training.loop import TrainingPlan

OFFSET_WEIGHT = 10.0


class RmsNet(nn.Module):
    """Rows to 256, two convolutions of nine frames, the maximum over time, and two heads.

    Args:
        n_features: D.
        n_classes: C.
    """

    def __init__(self, n_features: int, n_classes: int) -> None:
        super().__init__()
        self.first = nn.Linear(n_features, 256)
        self.conv_1 = nn.Conv1d(256, 256, 9, padding=4)
        self.conv_2 = nn.Conv1d(256, 128, 9, padding=4)
        self.dropout = nn.Dropout(0.1)
        self.second = nn.Linear(128, 64)
        self.classes = nn.Linear(64, n_classes + 1)
        self.offset = nn.Linear(64, 1)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, D) -> class logits (B, 1 + C), background first, and the offset's logit (B,)."""
        hidden = functional.relu(self.first(features)).transpose(1, 2)  # (B, 256, T)
        hidden = functional.relu(self.conv_1(hidden))
        hidden = self.dropout(functional.relu(self.conv_2(hidden))).amax(dim=2)
        hidden = functional.relu(self.second(hidden))
        return self.classes(hidden), self.offset(hidden)[:, 0]


class RmsMethod:
    """See ``learned.Method``."""

    def network(self, shape: Shape) -> nn.Module:
        """A fresh network."""
        return RmsNet(shape.n_features, len(shape.labels))

    def plan(self, preset: str) -> TrainingPlan:
        """Published: SGD, 50 epochs of 31 765 clips; on the CPU a few minutes."""
        if preset == "gpu":
            epoch = 31_765 // 64
            return TrainingPlan(
                50 * epoch, batch_size=64, learning_rate=0.05, weight_decay=1e-4, warm_up_steps=epoch, optimiser="sgd",
                validate_every=epoch, patience=10, keep_best=True, mean_decay=0.0, loader_workers=8,
            )  # fmt: skip
        return TrainingPlan(
            600, batch_size=32, learning_rate=0.05, weight_decay=1e-4, warm_up_steps=60, optimiser="sgd",
            mean_decay=0.98, loader_workers=0, bfloat16=True,
        )  # fmt: skip

    def examples(
        self, halves: Sequence[LabelledHalf], shape: Shape, *, is_training: bool
    ) -> MaskedClips:
        """Clips with one event at any place, and a few without; masked in training."""
        return MaskedClips(halves, shape, is_training=is_training)

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Cross-entropy, and ten times the squared error of the offset where there is an event."""
        logits, offset = network(batch["features"])
        label = batch["label"]
        classes = functional.cross_entropy(logits.float(), label)
        error = (torch.sigmoid(offset.float()) - batch["offset"]) ** 2
        has_event = (label > 0).float()
        regression = (error * has_event).sum() / has_event.sum().clamp_min(1)
        return {
            "total": classes + OFFSET_WEIGHT * regression,
            "classes": classes,
            "offset": regression,
        }

    def scores(
        self, network: nn.Module, inputs: NetworkInputs, shape: Shape, device: str
    ) -> FloatArray:
        """Windows side by side; all classes at the offset's row, since average precision wants every score."""
        n_rows = len(inputs)
        n_windows = -(-n_rows // WINDOW_FRAMES)
        rows = np.zeros((n_windows * WINDOW_FRAMES, inputs.features.shape[1]), np.float32)
        rows[:n_rows] = inputs.features
        windows = torch.from_numpy(rows.reshape(n_windows, WINDOW_FRAMES, -1)).to(device)
        logits, offset = network(windows)
        share = logits.float().softmax(dim=1)[:, 1:].cpu().numpy()
        within = torch.sigmoid(offset.float()).cpu().numpy() * WINDOW_FRAMES
        frame = np.arange(n_windows) * WINDOW_FRAMES + np.round(within).astype(np.int64)
        scores = np.zeros((n_rows, len(shape.labels)))
        np.maximum.at(scores, np.minimum(frame, n_rows - 1), share)
        return scores

    def peaks(self, scores: FloatArray) -> Kept:
        """No suppression, as published: a window speaks once."""
        rows = np.flatnonzero(scores > 0)
        order = rows[np.argsort(-scores[rows], kind="stable")]
        return order, scores[order]


METHOD = RmsMethod()
