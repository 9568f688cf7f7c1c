"""A small network that reads transitions from numbers of change."""

import torch
from torch import Tensor, nn

from analysis.core.vocabulary import TRANSITIONS
from analysis.shots.changes import N_FEATURES


class TransitionNet(nn.Module):
    """(B, T, N_FEATURES) -> (B, T, 3) logits of abrupt, smooth, logo; sees 31 pictures to either side."""

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.first = nn.Conv1d(N_FEATURES, width, 3, padding=1)
        self.blocks = nn.ModuleList(
            nn.Conv1d(width, width, 5, padding=2 * d, dilation=d) for d in (1, 2, 4, 8)
        )
        self.last = nn.Conv1d(width, len(TRANSITIONS), 1)

    def forward(self, features: Tensor) -> Tensor:
        """Logits."""
        # Most numbers are small most of the time: roots spread them.
        seen = features.clamp(-1, 1).abs().sqrt() * features.sign()
        hidden = torch.relu(self.first(seen.transpose(1, 2)))
        for block in self.blocks:
            hidden = hidden + torch.relu(block(hidden))
        return self.last(hidden).transpose(1, 2)


class TransitionNets(nn.Module):
    """A few networks that learned apart; what only one of them sees is mostly nothing.

    Args:
        n_nets: how many.
    """

    def __init__(self, n_nets: int) -> None:
        super().__init__()
        self.nets = nn.ModuleList(TransitionNet() for _ in range(n_nets))

    def forward(self, features: Tensor) -> Tensor:
        """(B, T, 3) mean logits."""
        return torch.stack([net(features) for net in self.nets]).mean(0)
