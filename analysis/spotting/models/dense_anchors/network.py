"""Dense detection anchors (Soares et al. 2022, Temporally precise action spotting).

Two networks of one shape, as in the challenge version: one for confidences, learned with mix-up, one for displacements.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from analysis.spotting.inputs import NetworkInputs
from analysis.spotting.learned import FloatArray, LabelledHalf, Shape
from analysis.spotting.models.dense_anchors.chunks import (
    CHUNK_FRAMES,
    DISPLACEMENT_RADIUS_S,
    WeightedChunks,
)
from analysis.temporal import suppression
from analysis.temporal.chunks import cut, plan_chunks, stitch
from analysis.temporal.displacement import (
    confidence_loss,
    displaced_scores,
    displacement_loss,
)
from analysis.temporal.trunks import TransformerTrunk, UNet1d
from analysis.training.loop import TrainingPlan

# Size -> channels of the trunk; the U-net's first level, the transformer's tokens.
SIZES = {"unet": 64, "small-unet": 16, "small": 16, "transformer": 64}
MIX_ALPHA = 2.0
BORDER_FRAMES = 100
SUPPRESSION_FRAMES = 8
CHUNKS_AT_ONCE = 16


class AnchorNetwork(nn.Module):
    """Rows to the trunk's width, the trunk, and one convolution of three rows.

    Args:
        n_features: D; over 512 it is reduced to 512 first.
        n_classes: C.
        size: one of ``SIZES``.
    """

    def __init__(self, n_features: int, n_classes: int, size: str) -> None:
        super().__init__()
        width = SIZES[size]
        # The small trunk goes straight to its width: the published first step would be most of its work.
        wide = [512] if n_features > 512 and not size.startswith("small") else []
        steps = [n_features, *wide, 4 * width, width]
        layers: list[nn.Module] = []
        for before, after in pairwise(steps):
            layers += [nn.Linear(before, after), nn.ReLU()]
        self.reduction = nn.Sequential(*layers)
        self.is_transformer = size == "transformer"
        self.trunk: nn.Module = (
            TransformerTrunk(width, CHUNK_FRAMES, is_learned=True)
            if self.is_transformer
            else UNet1d(width)
        )
        self.head = nn.Conv1d(width, n_classes, 3, padding=1)
        for module in self.modules():
            if isinstance(module, nn.Conv1d | nn.ConvTranspose1d | nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, features: Tensor) -> Tensor:
        """(B, 224, D) -> (B, 224, C)."""
        hidden = self.reduction(features)
        if self.is_transformer:
            return self.head(self.trunk(hidden).transpose(1, 2)).transpose(1, 2)
        return self.head(self.trunk(hidden.transpose(1, 2))).transpose(1, 2)


class DenseAnchors(nn.Module):
    """Confidences and displacements, by a network each."""

    def __init__(self, n_features: int, n_classes: int, size: str) -> None:
        super().__init__()
        self.confidence = AnchorNetwork(n_features, n_classes, size)
        self.displacement = AnchorNetwork(n_features, n_classes, size)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 224, D) -> logits and displacements in [-1, 1] of the radius, (B, 224, C) each."""
        return self.confidence(features), torch.tanh(self.displacement(features))


class DenseMethod:
    """See ``learned.Method``."""

    def network(self, shape: Shape) -> nn.Module:
        """A fresh network."""
        return DenseAnchors(shape.n_features, len(shape.labels), shape.size)

    def plan(self, preset: str) -> TrainingPlan:
        """Published: 1000 epochs of 8192 chunks with sharpness-aware steps; on the CPU minutes."""
        if preset == "gpu":
            epoch = 8192 // 256
            return TrainingPlan(
                1000 * epoch, batch_size=256, learning_rate=1e-3, weight_decay=2e-4, warm_up_steps=0, course="linear",
                sam_radius=0.5, mean_decay=0.0, loader_workers=8, bfloat16=True,
            )  # fmt: skip
        return TrainingPlan(
            500, batch_size=16, learning_rate=1e-3, weight_decay=2e-4, warm_up_steps=30, course="linear",
            sam_radius=0.1, mean_decay=0.98, loader_workers=0, bfloat16=True,
        )  # fmt: skip

    def examples(
        self, halves: Sequence[LabelledHalf], shape: Shape, *, is_training: bool
    ) -> WeightedChunks:
        """Chunks, most of them round events."""
        return WeightedChunks(halves, shape, n_chunks=8192 if is_training else 128)

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Weighted cross-entropy on mixed chunks, Huber on plain ones."""
        features, target, weight = batch["features"], batch["confidence"], batch["weight"]
        displaced = torch.tanh(network.displacement(features))  # type: ignore[operator]
        distance = displacement_loss(displaced, batch["displacement"], batch["class_weight"][0])
        if network.training:
            share = torch.distributions.Beta(MIX_ALPHA, MIX_ALPHA).sample((len(features), 1, 1))
            share = share.to(features.device)
            order = torch.randperm(len(features), device=features.device)
            features, target, weight = (
                share * part + (1 - share) * part[order] for part in (features, target, weight)
            )
        logits = network.confidence(features)  # type: ignore[operator]
        confidence = confidence_loss(logits, target, weight)
        return {"total": confidence + distance, "confidence": confidence, "displacement": distance}

    def scores(
        self, network: nn.Module, inputs: NetworkInputs, shape: Shape, device: str
    ) -> FloatArray:
        """Confidences at the rows they point to."""
        chunks = plan_chunks(len(inputs), CHUNK_FRAMES, BORDER_FRAMES)
        confidence, displacement = [], []
        for begin in range(0, len(chunks), CHUNKS_AT_ONCE):
            part = chunks[begin : begin + CHUNKS_AT_ONCE]
            windows = cut(inputs.features, part, CHUNK_FRAMES).astype(np.float32)
            logits, moves = network(torch.from_numpy(windows).to(device))
            confidence.append(functional.sigmoid(logits.float()).cpu().numpy())
            displacement.append(moves.float().cpu().numpy())
        radius = DISPLACEMENT_RADIUS_S * shape.rate_hz
        sure, away = (
            stitch(np.concatenate(parts).astype(np.float64), chunks, len(inputs))
            for parts in (confidence, displacement)
        )
        return displaced_scores(sure, away * radius)

    def peaks(self, scores: FloatArray) -> suppression.Kept:
        """Linear soft suppression of nominal 4 s."""
        return suppression.soft_linear(scores, SUPPRESSION_FRAMES, floor=0.005)


METHOD = DenseMethod()
