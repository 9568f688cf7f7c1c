"""The spatio-temporal pyramid that CALF, its calibration branch and its grounding variant share (algorithms B6)."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class SpatioTemporalPyramid(nn.Module):
    """Per-frame convolutions followed by four temporal ones of growing reach.

    Args:
        n_features: width F of the input.
        receptive_frames: longest temporal kernel; the others are a seventh, a third and a half of it, rounded up.
        multiplier: m; the output has 76 m channels (152 for the published 2).
    """

    def __init__(self, n_features: int, receptive_frames: int, multiplier: int = 2) -> None:
        super().__init__()
        first, second = 64 * multiplier, 16 * multiplier
        self.conv_1 = nn.Conv2d(1, first, (1, n_features))
        self.conv_2 = nn.Conv2d(first, second, (1, 1))
        self.kernels = [math.ceil(receptive_frames / part) for part in (7, 3, 2, 1)]
        self.pyramid = nn.ModuleList(
            nn.Conv2d(second, channels * multiplier, (kernel, 1))
            for kernel, channels in zip(self.kernels, (4, 8, 16, 32), strict=True)
        )
        self.n_channels = 76 * multiplier

    def forward(self, features: Tensor) -> Tensor:
        """(B, 1, T, F) -> (B, 76 m, T, 1)."""
        hidden = functional.relu(self.conv_1(features))  # (B, 64m, T, 1)
        hidden = functional.relu(self.conv_2(hidden))  # (B, 16m, T, 1)
        levels = [hidden]
        for kernel, convolution in zip(self.kernels, self.pyramid, strict=True):
            before = (kernel - 1) // 2
            padded = functional.pad(hidden, (0, 0, before, kernel - 1 - before))
            levels.append(functional.relu(convolution(padded)))
        return torch.cat(levels, dim=1)
