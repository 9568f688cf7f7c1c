"""The spatio-temporal pyramid that CALF, its calibration branch and its grounding variant share (algorithms B6)."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

LEVEL_CHANNELS = (4, 8, 16, 32)
BASE_CHANNELS = 16


def pyramid_kernels(receptive_frames: int) -> list[int]:
    """Lengths of the four temporal kernels: a seventh, a third, a half and all of the reach, rounded up."""
    return [math.ceil(receptive_frames / part) for part in (7, 3, 2, 1)]


def same_padding(kernel: int) -> tuple[int, int]:
    """Zeros before and after, so that a temporal kernel keeps the length."""
    before = (kernel - 1) // 2
    return before, kernel - 1 - before


def over_time(rows: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """A convolution over time that keeps the length.

    Computed as a picture one pixel high whose channels lie innermost: half the time of one dimension, a third of that
    of three.

    Args:
        rows: (B, C, T).
        weight: (C', C, K).
        bias: (C',).

    Returns:
        (B, C', T).
    """
    padded = functional.pad(rows, same_padding(weight.shape[-1]))
    order = torch.channels_last
    flat = padded.unsqueeze(2).contiguous(memory_format=order)
    kernel = weight.unsqueeze(2).contiguous(memory_format=order)
    return functional.conv2d(flat, kernel, bias).squeeze(2)


def along_time(convolution: nn.Conv2d, hidden: Tensor) -> Tensor:
    """``over_time`` with the weights of the published two-dimensional layer.

    Args:
        convolution: kernel (K, 1).
        hidden: (B, C, T, 1).

    Returns:
        (B, C', T, 1).
    """
    return over_time(hidden[..., 0], convolution.weight[..., 0], convolution.bias).unsqueeze(-1)


def along_features(convolution: nn.Conv2d, rows: Tensor) -> Tensor:
    """A convolution over all features of each frame.

    Args:
        convolution: kernel (1, F), one channel in.
        rows: (B, 1, T, F).

    Returns:
        (B, C', T, 1).
    """
    hidden = functional.linear(rows[:, 0], convolution.weight.flatten(1), convolution.bias)
    return hidden.transpose(1, 2).unsqueeze(-1)


class TemporalPyramid(nn.Module):
    """Four temporal convolutions of growing reach beside their input.

    Args:
        receptive_frames: longest temporal kernel.
        multiplier: m; the input has 16 m channels, the output 76 m.
    """

    def __init__(self, receptive_frames: int, multiplier: int = 2) -> None:
        super().__init__()
        self.kernels = pyramid_kernels(receptive_frames)
        self.levels = nn.ModuleList(
            nn.Conv2d(BASE_CHANNELS * multiplier, channels * multiplier, (kernel, 1))
            for kernel, channels in zip(self.kernels, LEVEL_CHANNELS, strict=True)
        )
        self.n_channels = (BASE_CHANNELS + sum(LEVEL_CHANNELS)) * multiplier

    def forward(self, hidden: Tensor) -> Tensor:
        """(B, 16 m, T, 1) -> (B, 76 m, T, 1)."""
        outputs = [hidden]
        for level in self.levels:
            outputs.append(functional.relu(along_time(level, hidden)))
        return torch.cat(outputs, dim=1)


class SpatioTemporalPyramid(nn.Module):
    """Per-frame convolutions followed by the temporal pyramid.

    Args:
        n_features: width F of the input.
        receptive_frames: longest temporal kernel.
        multiplier: m; the output has 76 m channels (152 for the published 2, 304 for the fuzzy classes' 4).
    """

    def __init__(self, n_features: int, receptive_frames: int, multiplier: int = 2) -> None:
        super().__init__()
        first, second = 64 * multiplier, BASE_CHANNELS * multiplier
        self.conv_1 = nn.Conv2d(1, first, (1, n_features))
        self.conv_2 = nn.Conv2d(first, second, (1, 1))
        self.pyramid = TemporalPyramid(receptive_frames, multiplier)
        self.kernels = self.pyramid.kernels
        self.n_channels = self.pyramid.n_channels

    def forward(self, features: Tensor) -> Tensor:
        """(B, 1, T, F) -> (B, 76 m, T, 1)."""
        hidden = functional.relu(along_features(self.conv_1, features))  # (B, 64m, T, 1)
        hidden = functional.relu(self.conv_2(hidden))  # (B, 16m, T, 1)
        return self.pyramid(hidden)
