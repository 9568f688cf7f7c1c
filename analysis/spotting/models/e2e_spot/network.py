"""E2E-Spot (Hong et al. 2022, Spotting temporally precise, fine-grained events in video; algorithms J.9)."""

from typing import Any

import torch
from torch import Tensor, nn

from analysis.spotting.clips import ClipMethod
from analysis.spotting.learned import Shape
from analysis.temporal.gate_shift import GateShift
from analysis.training.loop import TrainingPlan

# Size -> (stem, widths, depths, width of a group) of the RegNet-Y; the first two are the published 200MF and 800MF.
SIZES: dict[str, tuple[int, list[int], list[int], int]] = {
    "200mf": (32, [24, 56, 152, 368], [1, 1, 4, 7], 8),
    "800mf": (32, [64, 128, 320, 768], [1, 3, 8, 2], 16),
    "small": (16, [16, 32, 64, 96], [1, 1, 1, 1], 8),
}
CLIP_ROWS = {"200mf": 100, "800mf": 100, "small": 32}
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
MOST_HIDDEN = 768


class PictureTrunk(nn.Module):
    """RegNet-Y whose blocks begin with a gate shift; pictures of a clip to one vector each.

    Args:
        size: one of ``SIZES``.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, size: str) -> None:
        super().__init__()
        from transformers import RegNetConfig, RegNetModel

        stem, widths, depths, group = SIZES[size]
        config = RegNetConfig(
            embedding_size=stem, hidden_sizes=widths, depths=depths, groups_width=group, layer_type="y"
        )  # fmt: skip
        self.trunk: Any = RegNetModel(config)
        self.n_channels = widths[-1]
        self.shifts: list[GateShift] = []
        before = stem
        for stage, width in zip(self.trunk.encoder.stages, widths, strict=True):
            for block in stage.layers:
                block.layer[0] = GateShift(block.layer[0], before)
                self.shifts.append(block.layer[0])
                before = width
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1), persistent=False)

    def forward(self, views: Tensor) -> Tensor:
        """(B, T, H, W, 3) in 0..255 -> (B, T, n_channels)."""
        n_batch, n_frames = views.shape[:2]
        for shift in self.shifts:
            shift.n_frames = n_frames
        pictures = views.flatten(0, 1).permute(0, 3, 1, 2).float() / 255
        hidden = self.trunk((pictures - self.mean) / self.std).pooler_output
        return hidden.flatten(1).view(n_batch, n_frames, -1)


class E2ESpot(nn.Module):
    """Pictures of a clip -> classes of its rows.

    Args:
        n_classes: C.
        size: one of ``SIZES``.
    """

    def __init__(self, n_classes: int, size: str) -> None:
        super().__init__()
        self.pictures = PictureTrunk(size)
        hidden = min(self.pictures.n_channels, MOST_HIDDEN)
        self.recurrent = nn.GRU(
            self.pictures.n_channels, hidden, batch_first=True, bidirectional=True
        )
        self.dropout = nn.Dropout(0.5)
        self.classifier = nn.Linear(2 * hidden, 1 + n_classes)

    def forward(self, views: Tensor) -> Tensor:
        """(B, T, H, W, 3) in 0..255 -> (B, T, 1 + C) logits."""
        hidden, _ = self.recurrent(self.pictures(views))
        return self.classifier(self.dropout(hidden))


def _make(shape: Shape) -> nn.Module:
    return E2ESpot(len(shape.labels), shape.size)


_EPOCH = 5000 // 8
METHOD = ClipMethod(
    _make,
    CLIP_ROWS,
    {
        "gpu": TrainingPlan(
            150 * _EPOCH, batch_size=8, learning_rate=1e-3, warm_up_steps=3 * _EPOCH, loader_workers=8, mean_decay=0.0,
            bfloat16=True,
        ),
        "cpu": TrainingPlan(300, batch_size=2, learning_rate=1e-3, loader_workers=0, bfloat16=True),
    },
    mix_alpha=0.2,
)  # fmt: skip
