"""UGLF (algorithms K): what the frame says as a whole, joined with the people in it that matter.

Published: the frame's vector from E2E-Spot's trunk and entities from a frozen vision-language detector (256 numbers
each, up to 50). Here any feature stream speaks for the frame, and entities are the people of our own detector on the
pitch (``player_graph``); cards and boards are not among them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from analysis.spotting.clips import ClipMethod
from analysis.spotting.learned import Shape
from analysis.temporal.hard_attention import HardAttention, focal_loss
from analysis.training.loop import TrainingPlan

# Size -> (width, heads, feed-forward part, clip rows).
SIZES = {"published": (368, 8, 2048, 100), "small": (64, 4, 128, 48)}


class Uglf(nn.Module):
    """Frame and entities of a clip -> classes of its rows.

    Args:
        n_features: of the frame's vector.
        n_entity: of an entity's.
        n_classes: C.
        size: one of ``SIZES``.
    """

    def __init__(self, n_features: int, n_entity: int, n_classes: int, size: str) -> None:
        super().__init__()
        width, n_heads, feed_forward, _ = SIZES[size]
        self.attention = HardAttention(n_features, n_entity, width, n_heads, feed_forward)
        self.recurrent = nn.GRU(width, width, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(0.5)
        self.classifier = nn.Linear(2 * width, 1 + n_classes)

    def forward(self, features: Tensor, nodes: Tensor, n_nodes: Tensor) -> Tensor:
        """(B, T, F), (B, T, K, N), (B, T) -> (B, T, 1 + C) logits."""
        n_batch, n_frames = n_nodes.shape
        fused = self.attention(features.flatten(0, 1), nodes.flatten(0, 1), n_nodes.flatten())
        hidden, _ = self.recurrent(fused.view(n_batch, n_frames, -1))
        return self.classifier(self.dropout(hidden))

    def looked_at(self, features: Tensor, nodes: Tensor, n_nodes: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, K) attention and which entities were kept: the evidence beside ``forward``'s answer."""
        shape = (*n_nodes.shape, nodes.shape[2])
        share, kept = self.attention.shares(
            features.flatten(0, 1), nodes.flatten(0, 1), n_nodes.flatten()
        )
        return share.view(shape), kept.view(shape)


def _make(shape: Shape) -> nn.Module:
    return Uglf(shape.n_features, shape.branch_width, len(shape.labels), shape.size)


@dataclass(frozen=True)
class UglfMethod(ClipMethod):
    """Clips with the focal loss of the published code."""

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Focal, over every class and the background, a clip; no mix-up with entities."""
        inputs = {name: value for name, value in batch.items() if name != "target"}
        return {"total": focal_loss(network(**inputs).float(), (batch["target"] > 0).float())}


_EPOCH = 5000 // 8
METHOD = UglfMethod(
    _make,
    {size: values[3] for size, values in SIZES.items()},
    {
        "gpu": TrainingPlan(
            150 * _EPOCH, batch_size=8, learning_rate=1e-3, warm_up_steps=3 * _EPOCH, loader_workers=8, mean_decay=0.0,
        ),
        "cpu": TrainingPlan(500, batch_size=8, learning_rate=1e-3, loader_workers=0, bfloat16=True),
    },
    is_softmax=False,
)  # fmt: skip
