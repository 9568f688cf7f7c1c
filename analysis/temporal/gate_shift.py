"""The gate-shift module: some channels look a frame ahead and some a frame back, as much as a gate lets them (J.9).

Sudhakaran et al. 2020, Gate-shift networks for video action recognition.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


def fold_size(n_channels: int) -> int:
    """Channels that shift: a quarter, in fours."""
    return min(n_channels, math.ceil(n_channels / 4 / 4) * 4)


class GateShift(nn.Module):
    """In front of a convolution that it replaces: shift a share of the channels in time, then convolve.

    Args:
        convolution: what follows.
        n_channels: of its input.
    """

    def __init__(self, convolution: nn.Module, n_channels: int) -> None:
        super().__init__()
        self.convolution = convolution
        self.fold = fold_size(n_channels)
        self.norm = nn.BatchNorm3d(self.fold)
        self.gate = nn.Conv3d(self.fold, 2, 3, padding=1, groups=2)
        self.n_frames = 1

    def forward(self, hidden: Tensor) -> Tensor:
        """(B T, C, H, W) -> what the convolution makes of it; ``n_frames`` says T."""
        return self.convolution(self.shifted(hidden))

    def shifted(self, hidden: Tensor) -> Tensor:
        """(B T, C, H, W) -> the same shape; channels past the fold are untouched."""
        # Splits and negative padding in place of slices: the gradient of a slice is a whole tensor of zeros with the
        # slice in it, and here those were most of a training step.
        folded, rest = hidden.split([self.fold, hidden.shape[1] - self.fold], dim=1)
        clips = folded.unflatten(0, (-1, self.n_frames)).transpose(1, 2)  # (B, fold, T, H, W)
        gates = torch.tanh(self.gate(torch.relu(self.norm(clips))))  # (B, 2, T, H, W)
        half = self.fold // 2
        ahead, back = clips.split([half, self.fold - half], dim=1)
        gate_ahead, gate_back = gates.split(1, dim=1)
        gated_ahead, gated_back = gate_ahead * ahead, gate_back * back
        later = functional.pad(gated_ahead, (0, 0, 0, 0, -1, 1))
        earlier = functional.pad(gated_back, (0, 0, 0, 0, 1, -1))
        moved = torch.cat([later + ahead - gated_ahead, earlier + back - gated_back], dim=1)
        moved = moved.transpose(1, 2).flatten(0, 1).to(hidden.dtype)
        return torch.cat([moved, rest], dim=1)
