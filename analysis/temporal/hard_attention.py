"""Entities of a frame and the frame as a whole: adaptive hard attention and two small encoders (algorithms K.1)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

_TINY = 1e-6


class SpreadNorm(nn.Module):
    """(x - mean) / (unbiased spread + 1e-6), scaled and moved by learned numbers."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))
        self.shift = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        """(..., width) -> the same shape."""
        mean, spread = x.mean(dim=-1, keepdim=True), x.std(dim=-1, keepdim=True)
        return (x - mean) / (spread + _TINY) * self.scale + self.shift


class EntityEncoder(nn.Module):
    """Attention among tokens, and two feed-forward parts of their own weights; norms behind, dropout 0.1.

    Args:
        width: of tokens.
        n_heads: 8 as published.
        feed_forward: 2048 as published.
    """

    def __init__(self, width: int, n_heads: int = 8, feed_forward: int = 2048) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(width, n_heads, dropout=0.1, batch_first=True)
        self.parts = nn.ModuleList(
            nn.Sequential(
                nn.Linear(width, feed_forward), nn.ReLU(), nn.Dropout(0.1),
                nn.Linear(feed_forward, width), nn.Dropout(0.1),
            )
            for _ in range(2)
        )  # fmt: skip
        self.norms = nn.ModuleList(SpreadNorm(width) for _ in range(3))
        self.last = SpreadNorm(width)

    def forward(self, tokens: Tensor, is_absent: Tensor | None = None) -> Tensor:
        """(B, N, width), (B, N) bool -> (B, N, width)."""
        answer, _ = self.attention(
            tokens, tokens, tokens, key_padding_mask=is_absent, need_weights=False
        )
        hidden = self.norms[0](tokens + answer)
        for part, norm in zip(self.parts, list(self.norms)[1:], strict=True):
            hidden = norm(hidden + part(hidden))
        return self.last(hidden)


class HardAttention(nn.Module):
    """The frame and what matters in it as one vector.

    Args:
        n_frame: width of the frame's vector.
        n_entity: width of an entity's.
        width: of the answer.
        n_heads, feed_forward: of the encoders.
    """

    def __init__(
        self, n_frame: int, n_entity: int, width: int, n_heads: int = 8, feed_forward: int = 2048
    ) -> None:
        super().__init__()
        self.frame = nn.Sequential(SpreadNorm(n_frame), nn.Linear(n_frame, width))
        self.entity = nn.Sequential(SpreadNorm(n_entity), nn.Linear(n_entity, width))
        self.among = EntityEncoder(width, n_heads, feed_forward)
        self.both = EntityEncoder(width, n_heads, feed_forward)

    def shares(self, frames: Tensor, entities: Tensor, counts: Tensor) -> tuple[Tensor, Tensor]:
        """What is looked at.

        Args:
            frames: (N, n_frame).
            entities: (N, K, n_entity).
            counts: (N,) how many of the K there are.

        Returns:
            (N, K) attention that sums to 1 over those there are, and (N, K) bool: at least an even share, so kept.
        """
        return self._shares(self.frame(frames), self.entity(entities), counts)

    def _shares(self, frame: Tensor, entity: Tensor, counts: Tensor) -> tuple[Tensor, Tensor]:
        is_there = torch.arange(entity.shape[1], device=counts.device) < counts[:, None]
        strength = (frame[:, None] + entity).float().norm(dim=-1)
        share = strength.masked_fill(~is_there, -torch.inf).softmax(dim=1)
        share = torch.nan_to_num(share)  # nobody there at all
        even = 1 / counts.clamp_min(1)[:, None]
        return share, is_there & (share >= even - 1e-7)

    def forward(self, frames: Tensor, entities: Tensor, counts: Tensor) -> Tensor:
        """As ``shares`` -> (N, width)."""
        frame, entity = self.frame(frames), self.entity(entities)
        _, kept = self._shares(frame, entity, counts)
        n_kept = kept.sum(dim=1, keepdim=True)
        # Only frames in which something is kept go through the encoder: all-masked rows have no answer.
        local = torch.zeros_like(frame)
        rows = n_kept[:, 0] > 0
        if rows.any():
            entity, absent = _packed(entity[rows], kept[rows])
            hidden = self.among(entity, absent)
            # Masked again behind the norm, whose shift would leak into the sum (K.4).
            hidden = hidden.masked_fill(absent[..., None], 0)
            local[rows] = (hidden.sum(dim=1) / n_kept[rows]).to(local.dtype)
        return self.both(torch.stack([frame, local], dim=1)).mean(dim=1)


def _packed(entity: Tensor, kept: Tensor) -> tuple[Tensor, Tensor]:
    """Those that are kept in front, and no more places than the fullest frame needs.

    Most places hold nobody, and the encoder's feed-forward parts cost as much for them as for anybody.

    Args:
        entity: (N, K, width).
        kept: (N, K) bool.

    Returns:
        (N, M, width) and (N, M) bool, True for nobody, M at most K.
    """
    order = torch.argsort(~kept, dim=1, stable=True)[:, : int(kept.sum(dim=1).max())]
    picked = entity.gather(1, order[..., None].expand(-1, -1, entity.shape[-1]))
    return picked, ~kept.gather(1, order)


def focal_loss(logits: Tensor, target: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Sum of the focal losses of independent classes over a batch, a clip: (B, ...) both."""
    plain = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    share = torch.sigmoid(logits)
    right = share * target + (1 - share) * (1 - target)
    weight = alpha * target + (1 - alpha) * (1 - target)
    return (weight * (1 - right) ** gamma * plain).sum() / len(logits)
