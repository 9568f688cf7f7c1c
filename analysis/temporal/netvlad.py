"""Pooling of a window's frames into one vector: maximum, mean, NetVLAD, and each before and after the middle (I.1)."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class NetVlad(nn.Module):
    """Residuals to learned cluster centres, summed over time by soft assignment.

    Args:
        n_features: D.
        n_clusters: K.
    """

    def __init__(self, n_features: int, n_clusters: int) -> None:
        super().__init__()
        scale = 1 / n_features**0.5
        self.assignment = nn.Parameter(torch.randn(n_features, n_clusters) * scale)
        self.centres = nn.Parameter(torch.randn(n_features, n_clusters) * scale)
        self.n_channels = n_features * n_clusters

    def forward(self, frames: Tensor) -> Tensor:
        """(B, T, D) -> (B, D K), feature-major, of length 1."""
        frames = functional.normalize(frames, dim=2)
        share = (frames @ self.assignment).softmax(dim=2)  # (B, T, K)
        residual = frames.transpose(1, 2) @ share - share.sum(dim=1)[:, None, :] * self.centres
        residual = functional.normalize(residual, dim=1)  # (B, D, K)
        return functional.normalize(residual.flatten(1), dim=1)


class MaxPool(nn.Module):
    """The largest value of every feature over the window."""

    def __init__(self, n_features: int) -> None:
        super().__init__()
        self.n_channels = n_features

    def forward(self, frames: Tensor) -> Tensor:
        """(B, T, D) -> (B, D)."""
        return frames.amax(dim=1)


class BeforeAndAfter(nn.Module):
    """Two pools of their own for the frames before and after the middle: the idea of NetVLAD++.

    Args:
        before, after: pools with ``n_channels``.
    """

    def __init__(self, before: nn.Module, after: nn.Module) -> None:
        super().__init__()
        self.before, self.after = before, after
        self.n_channels = int(before.n_channels) + int(after.n_channels)  # type: ignore[arg-type]

    def forward(self, frames: Tensor) -> Tensor:
        """(B, T, D) -> (B, sum of both)."""
        middle = frames.shape[1] // 2
        return torch.cat([self.before(frames[:, :middle]), self.after(frames[:, middle:])], dim=1)


class PooledClassifier(nn.Module):
    """Window -> scores of background and classes: projection where needed, pool, dropout 0.4, one linear layer.

    Args:
        n_features: width of the input; other than ``pool_width`` it is projected, without activation.
        n_classes: C; column 0 of the answer is the background.
        pool: of ``pool_width`` features.
        pool_width: 512 as published.
    """

    def __init__(
        self, n_features: int, n_classes: int, pool: nn.Module, pool_width: int = 512
    ) -> None:
        super().__init__()
        self.projection = (
            nn.Identity() if n_features == pool_width else nn.Linear(n_features, pool_width)
        )
        self.pool = pool
        self.dropout = nn.Dropout(0.4)
        self.classifier = nn.Linear(int(pool.n_channels), n_classes + 1)  # type: ignore[arg-type]

    def rows(self, features: Tensor) -> Tensor:
        """(..., n_features) -> (..., pool_width)."""
        return self.projection(features)

    def judge(self, windows: Tensor) -> Tensor:
        """(B, T, pool_width) -> (B, 1 + C) logits."""
        return self.classifier(self.dropout(self.pool(windows)))

    def forward(self, frames: Tensor) -> Tensor:
        """(B, T, D) -> (B, 1 + C) logits."""
        return self.judge(self.rows(frames))
