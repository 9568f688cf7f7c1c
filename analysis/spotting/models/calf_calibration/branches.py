"""The four ways in which calibration enters (algorithms D.2): every branch gives (B, 76 m, T, 1).

* ``3d``: small top views through 3-D convolutions; * ``stp``: vectors through a second pyramid; * ``fcl``: vectors
through one linear layer a frame; * ``gcn``: player graphs through fourteen graph convolutions.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from analysis.temporal.graph_convolution import DeepGraphNetwork
from analysis.temporal.pyramid import (
    BASE_CHANNELS,
    LEVEL_CHANNELS,
    SpatioTemporalPyramid,
    over_time,
    pyramid_kernels,
)

GROUPS = 6


def _once(known: Tensor) -> tuple[Tensor, Tensor]:
    """Frames of which nothing is known have one answer, computed once.

    Args:
        known: (F,) bool.

    Returns:
        (A,) frames to compute, all known ones and the first other; (F,) which of these answers each frame has.
    """
    asked = torch.cat([known.nonzero()[:, 0], (~known).nonzero()[:1, 0]])
    return asked, torch.where(known, known.cumsum(0) - 1, len(asked) - 1)


class ViewBranch(nn.Module):
    """3-D convolutions over top views of 64 x 32.

    Args:
        receptive_frames, multiplier: of the pyramid.
    """

    def __init__(self, receptive_frames: int, multiplier: int = 2) -> None:
        super().__init__()
        width = BASE_CHANNELS * multiplier
        self.conv_1 = nn.Conv3d(3, BASE_CHANNELS, (1, 5, 5))
        self.conv_2 = nn.Conv3d(BASE_CHANNELS, width, (1, 5, 5))
        self.kernels = pyramid_kernels(receptive_frames)
        self.levels = nn.ModuleList(
            nn.Conv3d(width, channels * multiplier, (kernel, 1, 1))
            for kernel, channels in zip(self.kernels, LEVEL_CHANNELS, strict=True)
        )

    def forward(self, views: Tensor) -> Tensor:
        """(B, T, 32, 64, 3) uint8 -> (B, 76 m, T, 1)."""
        n_batch, n_frames = views.shape[:2]
        pictures = views.flatten(0, 1)
        asked, place = _once(pictures.flatten(1).amax(dim=1) > 0)
        places = self._pictures(pictures[asked])[place].unflatten(0, (n_batch, n_frames))
        outputs = [places.amax(dim=3).transpose(1, 2)]  # (B, 16m, T)
        # Over time every place is a row of its own.
        rows = places.permute(0, 3, 2, 1).flatten(0, 1)
        for level in self.levels:
            found = over_time(rows, level.weight.flatten(2), level.bias)
            outputs.append(functional.relu(found.unflatten(0, (n_batch, -1)).amax(dim=1)))
        return torch.cat(outputs, dim=1).unsqueeze(-1)

    def _pictures(self, pictures: Tensor) -> Tensor:
        """(A, 32, 64, 3) uint8 -> (A, 16 m, 5): the two layers that look at one frame each.

        In two dimensions, rows of pixels innermost; maxima go before the ReLU, which they do not feel.
        """
        hidden = pictures.permute(0, 3, 1, 2).float().div_(127).sub_(1)  # (A, 3, 32, 64)
        for layer, size in ((self.conv_1, 4), (self.conv_2, 2)):
            hidden = functional.conv2d(hidden, layer.weight[:, :, 0], layer.bias)
            hidden = functional.relu(functional.max_pool2d(hidden, size))
        return hidden.flatten(2)


class VectorPyramidBranch(nn.Module):
    """A spatio-temporal pyramid over feature vectors of top views."""

    def __init__(self, n_features: int, receptive_frames: int, multiplier: int = 2) -> None:
        super().__init__()
        self.pyramid = SpatioTemporalPyramid(n_features, receptive_frames, multiplier)

    def forward(self, vectors: Tensor) -> Tensor:
        """(B, T, F) -> (B, 76 m, T, 1)."""
        return self.pyramid(vectors[:, None])


class VectorLayerBranch(nn.Module):
    """One linear layer a frame: no temporal mixing. The best published variant."""

    def __init__(self, n_features: int, multiplier: int = 2) -> None:
        super().__init__()
        n_channels = (BASE_CHANNELS + sum(LEVEL_CHANNELS)) * multiplier
        self.layer = nn.Conv2d(1, n_channels, (1, n_features))

    def forward(self, vectors: Tensor) -> Tensor:
        """(B, T, F) -> (B, 76 m, T, 1)."""
        return functional.relu(self.layer(vectors[:, None]))


class GraphBranch(nn.Module):
    """Graph convolutions over the players of every frame, then the strongest of them.

    Args:
        n_features: of a node.
        multiplier: of the pyramid.
        rows_held: rows that one graph stands for; 1 as published, 2 for half the work.
    """

    def __init__(self, n_features: int, multiplier: int = 2, rows_held: int = 1) -> None:
        super().__init__()
        self.rows_held = rows_held
        n_channels = (BASE_CHANNELS + sum(LEVEL_CHANNELS)) * multiplier
        self.graph = DeepGraphNetwork(n_features, n_channels)

    def forward(self, nodes: Tensor, n_nodes: Tensor, adjacency: Tensor) -> Tensor:
        """(B, T, N, F), (B, T) and (B, T, N, N) bool -> (B, 76 m, T, 1)."""
        n_rows = n_nodes.shape[1]
        nodes, n_nodes, adjacency = (
            rows[:, :: self.rows_held] for rows in (nodes, n_nodes, adjacency)
        )
        n_batch, n_frames = n_nodes.shape
        nodes, adjacency, counts = nodes.flatten(0, 1), adjacency.flatten(0, 1), n_nodes.flatten()
        # A frame of which nothing is known is one node of zeros.
        asked, place = _once((counts > 1) | (nodes[:, 0] != 0).any(dim=1))
        # Small frames apart from crowded ones: a group is padded to its own largest.
        order = counts[asked].argsort()
        answers = [
            self._answers(nodes[group], adjacency[group], counts[group])
            for group in asked[order].tensor_split(min(GROUPS, len(asked)))
        ]
        found = torch.cat(answers)[order.argsort()[place]]
        by_frame = found.view(n_batch, n_frames, -1).permute(0, 2, 1)
        if self.rows_held > 1:
            by_frame = by_frame.repeat_interleave(self.rows_held, dim=2)[..., :n_rows]
        return by_frame.unsqueeze(-1)

    def _answers(self, nodes: Tensor, adjacency: Tensor, counts: Tensor) -> Tensor:
        most = int(counts.max())
        is_node = torch.arange(most, device=nodes.device) < counts[:, None]
        return self.graph(nodes[:, :most], is_node, adjacency[:, :most, :most])
