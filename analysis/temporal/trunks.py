"""Trunks of dense detection anchors: a one-dimensional U-net and a transformer encoder (algorithms J.3, H.2)."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class Bottleneck(nn.Module):
    """Pre-activation residual block over time: 1x1 to a quarter, 3, 1x1 back; no norm, biases everywhere."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        inner = n_out // 4
        self.layers = nn.Sequential(
            nn.ReLU(), nn.Conv1d(n_in, inner, 1),
            nn.ReLU(), nn.Conv1d(inner, inner, 3, padding=1),
            nn.ReLU(), nn.Conv1d(inner, n_out, 1),
        )  # fmt: skip
        self.shortcut = nn.Identity() if n_in == n_out else nn.Conv1d(n_in, n_out, 1)

    def forward(self, hidden: Tensor) -> Tensor:
        """(B, n_in, T) -> (B, n_out, T)."""
        return self.shortcut(hidden) + self.layers(hidden)


class UNet1d(nn.Module):
    """Levels of halved length and doubled width, joined again by addition.

    Args:
        n_channels: of the first level (64 as published, 4 x width).
        n_levels: 6 as published: widths 64 to 2048, lengths 224 to 7.
    """

    def __init__(self, n_channels: int = 64, n_levels: int = 6) -> None:
        super().__init__()
        widths = [n_channels * 2**level for level in range(n_levels)]
        self.divisor = 2 ** (n_levels - 1)
        self.down = nn.ModuleList(
            nn.Sequential(Bottleneck(before, width), Bottleneck(width, width))
            for before, width in zip([n_channels, *widths], widths, strict=False)
        )
        self.raise_ = nn.ModuleList(
            nn.ConvTranspose1d(2 * width, width, 2, stride=2) for width in widths[:-1]
        )
        self.up = nn.ModuleList(
            nn.Sequential(Bottleneck(width, width), Bottleneck(width, width))
            for width in widths[:-1]
        )
        self.n_channels = n_channels

    def forward(self, hidden: Tensor) -> Tensor:
        """(B, n_channels, T) -> the same shape; T a multiple of 2 ** (n_levels - 1)."""
        skips = []
        for i, block in enumerate(self.down):
            hidden = block(functional.max_pool1d(hidden, 2) if i else hidden)
            skips.append(hidden)
        for i in reversed(range(len(self.up))):
            hidden = self.up[i](self.raise_[i](hidden) + skips[i])
        return functional.relu(hidden)


def sine_positions(n_frames: int, width: int) -> Tensor:
    """(T, width) sine and cosine encoding of the frame number."""
    place = torch.arange(n_frames)[:, None].float()
    rate = torch.exp(torch.arange(0, width, 2).float() * (-math.log(10_000.0) / width))
    table = torch.zeros(n_frames, width)
    table[:, 0::2] = torch.sin(place * rate)
    table[:, 1::2] = torch.cos(place * rate)[:, : width // 2]
    return table


class TransformerTrunk(nn.Module):
    """Pre-norm encoder layers over the frames of a window.

    Args:
        width: of tokens; the feed-forward part has four times as many.
        n_frames: T.
        n_layers, n_heads: 3 and 4 in both sources.
        is_learned: learned positions (dense anchors) or sine and cosine (the Baidu report).
    """

    def __init__(
        self, width: int, n_frames: int, n_layers: int = 3, n_heads: int = 4, *, is_learned: bool
    ) -> None:
        super().__init__()
        if is_learned:
            self.positions = nn.Parameter(torch.randn(n_frames, width) * 0.02)
        else:
            self.register_buffer("positions", sine_positions(n_frames, width))
        layer = nn.TransformerEncoderLayer(
            width, n_heads, 4 * width, dropout=0.0, activation="gelu", layer_norm_eps=1e-6,
            batch_first=True, norm_first=True,
        )  # fmt: skip
        self.encoder = nn.TransformerEncoder(
            layer,
            n_layers,
            norm=nn.LayerNorm(width, eps=1e-6),
            enable_nested_tensor=False,
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, T, width) -> the same shape."""
        return self.encoder(tokens + self.positions[: tokens.shape[1]])
