"""COMEDIAN (Denize et al. 2024, Self-supervised learning and knowledge distillation using transformers; algorithms L).

A transformer over the patches of each pair of pictures, a transformer over the pairs' tokens in time, and a class for
every token; rows share the answer of their pair.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from analysis.spotting.clips import ClipMethod
from analysis.spotting.learned import Shape
from analysis.temporal import suppression
from analysis.temporal.trunks import sine_positions
from analysis.training.loop import TrainingPlan

PAIR = 2


@dataclass(frozen=True, slots=True)
class Size:
    """Width, layers and heads of the spatial part, layers of the temporal one, pixels of a patch and of a side."""

    width: int
    n_spatial: int
    n_heads: int
    n_temporal: int
    patch_px: int
    side_px: int
    clip_rows: int


# ViT-tiny and six layers over 64 s, as published; and one that a processor can turn.
SIZES = {
    "published": Size(192, 12, 3, 6, 16, 224, 128),
    "small": Size(64, 2, 2, 2, 16, 64, 32),
}
TEACHER_WIDTH = 512


class Layers(nn.Module):
    """Pre-norm encoder layers; published transformers of this kind have a feed-forward part of four times the width."""

    def __init__(self, width: int, n_heads: int, n_layers: int) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(
            width, n_heads, 4 * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True,
        )  # fmt: skip
        self.layers = nn.TransformerEncoder(
            layer, n_layers, norm=nn.LayerNorm(width), enable_nested_tensor=False
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, N, width) -> the same shape."""
        return self.layers(tokens)


class PairEncoder(nn.Module):
    """A pair of pictures to one vector: tubes of two pictures and a patch, a class token, transformer layers."""

    positions: Tensor

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.size = size
        n_patches = (size.side_px // size.patch_px) ** 2
        self.tubes = nn.Conv3d(
            3, size.width, (PAIR, size.patch_px, size.patch_px), (PAIR, size.patch_px, size.patch_px)
        )  # fmt: skip
        self.token = nn.Parameter(torch.zeros(1, 1, size.width))
        self.positions = nn.Parameter(0.02 * torch.randn(1, 1 + n_patches, size.width))
        self.layers = Layers(size.width, size.n_heads, size.n_spatial)

    def forward(self, views: Tensor) -> Tensor:
        """(B, T, H, W, 3) in 0..255, T even -> (B, T / 2, width)."""
        n_batch, n_frames = views.shape[:2]
        side = self.size.side_px
        pictures = views.flatten(0, 1).permute(0, 3, 1, 2).float() / 127.5 - 1
        pictures = functional.interpolate(pictures, (side, side), mode="area")
        pairs = pictures.view(n_batch * n_frames // PAIR, PAIR, 3, side, side).transpose(1, 2)
        patches = self.tubes(pairs).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.token.expand(len(patches), -1, -1), patches], dim=1)
        hidden = self.layers(tokens + self.positions)[:, 0]
        return hidden.view(n_batch, n_frames // PAIR, -1)


class Comedian(nn.Module):
    """See the module; the projections serve the first two stages and are not used afterwards.

    Args:
        n_classes: C.
        size: one of ``SIZES``.
    """

    time: Tensor

    def __init__(self, n_classes: int, size: str) -> None:
        super().__init__()
        own = SIZES[size]
        self.spatial = PairEncoder(own)
        self.register_buffer("time", sine_positions(own.clip_rows // PAIR, own.width))
        self.temporal = Layers(own.width, own.n_heads, own.n_temporal)
        self.mask = nn.Parameter(torch.zeros(own.width))
        self.projection = nn.Linear(own.width, TEACHER_WIDTH)
        self.classifier = nn.Linear(own.width, 1 + n_classes)

    def tokens(self, views: Tensor, is_masked: Tensor | None = None) -> Tensor:
        """(B, T, H, W, 3), (B, T / 2) bool of pairs that are hidden -> (B, T / 2, width)."""
        pairs = self.spatial(views)
        if is_masked is not None:
            pairs = torch.where(is_masked[..., None], self.mask.to(pairs.dtype), pairs)
        return self.temporal(pairs + self.time[: pairs.shape[1]])

    def forward(self, views: Tensor) -> Tensor:
        """(B, T, H, W, 3) in 0..255 -> (B, T, 1 + C) logits."""
        return self.classifier(self.tokens(views)).repeat_interleave(PAIR, dim=1)


@dataclass(frozen=True)
class ComedianMethod(ClipMethod):
    """The last stage, and how answers are read: hard suppression of ten rows, as the published default."""

    def peaks(self, scores: Any) -> suppression.Kept:
        """Ten rows wide."""
        return suppression.hard_symmetric(scores, 10, threshold=0.001)


def _make(shape: Shape) -> nn.Module:
    return Comedian(len(shape.labels), shape.size)


CLIP_ROWS = {name: size.clip_rows for name, size in SIZES.items()}
_BATCHES = 100 * 300 * 50 // 64
METHOD = ComedianMethod(
    _make,
    CLIP_ROWS,
    {
        "gpu": TrainingPlan(
            20 * _BATCHES // 100, batch_size=64, learning_rate=2.5e-4, weight_decay=0.05, loader_workers=8,
            mean_decay=0.0, bfloat16=True,
        ),
        "cpu": TrainingPlan(300, batch_size=2, learning_rate=5e-4, weight_decay=0.05, loader_workers=0, bfloat16=True),
    },
    is_softmax=False,
    foreground_weight=1.0,
    radius_rows=1,
    mix_alpha=0.1,
    border_rows=4,
    takes_largest=True,
)  # fmt: skip
