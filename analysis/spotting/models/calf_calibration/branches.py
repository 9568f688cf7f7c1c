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
    pyramid_kernels,
    same_padding,
)

GROUPS = 6


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
        hidden = views.permute(0, 4, 1, 2, 3).float() / 127 - 1  # (B, 3, T, 32, 64)
        hidden = functional.max_pool3d(functional.relu(self.conv_1(hidden)), (1, 4, 4))
        hidden = functional.max_pool3d(functional.relu(self.conv_2(hidden)), (1, 2, 2))
        outputs = [hidden.amax(dim=(3, 4))]  # from (B, 16m, T, 1, 5)
        for kernel, convolution in zip(self.kernels, self.levels, strict=True):
            padded = functional.pad(hidden, (0, 0, 0, 0, *same_padding(kernel)))
            outputs.append(functional.relu(convolution(padded)).amax(dim=(3, 4)))
        return torch.cat(outputs, dim=1).unsqueeze(-1)


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
    """Graph convolutions over the players of every frame, then the strongest of them."""

    def __init__(self, n_features: int, multiplier: int = 2) -> None:
        super().__init__()
        n_channels = (BASE_CHANNELS + sum(LEVEL_CHANNELS)) * multiplier
        self.graph = DeepGraphNetwork(n_features, n_channels)

    def forward(self, nodes: Tensor, n_nodes: Tensor, adjacency: Tensor) -> Tensor:
        """(B, T, N, F), (B, T) and (B, T, N, N) bool -> (B, 76 m, T, 1)."""
        n_batch, n_frames = n_nodes.shape
        nodes, adjacency, counts = nodes.flatten(0, 1), adjacency.flatten(0, 1), n_nodes.flatten()
        # A frame of which nothing is known is one node of zeros: all of them have one answer, computed once.
        known = (counts > 1) | (nodes[:, 0] != 0).any(dim=1)
        asked = torch.cat([known.nonzero()[:, 0], (~known).nonzero()[:1, 0]])
        asked = asked[counts[asked].argsort()]
        # Small frames apart from crowded ones: a group is padded to its own largest.
        answers = [
            self._answers(nodes[group], adjacency[group], counts[group])
            for group in asked.tensor_split(min(GROUPS, len(asked)))
        ]
        place = torch.zeros_like(counts)
        place[asked] = torch.arange(len(asked), device=nodes.device)
        unknown = ~known
        if unknown.any():
            place[unknown] = place[asked[~known[asked]]]
        return torch.cat(answers)[place].view(n_batch, n_frames, -1).permute(0, 2, 1).unsqueeze(-1)

    def _answers(self, nodes: Tensor, adjacency: Tensor, counts: Tensor) -> Tensor:
        most = int(counts.max())
        is_node = torch.arange(most, device=nodes.device) < counts[:, None]
        return self.graph(nodes[:, :most], is_node, adjacency[:, :most, :most])
