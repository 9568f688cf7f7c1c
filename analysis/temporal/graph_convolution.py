"""Residual graph convolutions on many small graphs at once (algorithms D.2, branch GCN).

The published branch uses GENConv with softmax aggregation. Its message depends on the sender alone, so the softmax over
a node's neighbours is two products with the adjacency matrix. Graphs of one frame have at most some thirty nodes:
padded to one size, a batch of them is a batched matrix product, and no array of edges times channels is ever made.
Equal to ``torch_geometric.nn.GENConv`` (a test says so).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

EPSILON = 1e-7


class SoftmaxGraphConvolution(nn.Module):
    """GENConv: ReLU messages, softmax aggregation of a learned temperature, two-layer perceptron.

    Args:
        width: channels of nodes.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.temperature = nn.Parameter(torch.ones(1))
        self.mlp = nn.Sequential(
            nn.Linear(width, 2 * width, bias=False),
            nn.LayerNorm(2 * width),
            nn.ReLU(),
            nn.Linear(2 * width, width, bias=False),
        )

    def forward(self, nodes: Tensor, adjacency: Tensor) -> Tensor:
        """nodes (G, N, W); adjacency (G, N, N), 1 where column j is a neighbour of row i -> (G, N, W)."""
        message = functional.relu(nodes) + EPSILON
        scaled = (self.temperature * message).float()
        # Any constant of a graph and channel cancels; the largest one keeps the exponential in range.
        power = torch.exp(scaled - scaled.amax(dim=1, keepdim=True)).to(message.dtype)
        weight = adjacency.to(message.dtype)
        above = weight @ (power * message)
        below = weight @ power
        gathered = above / below.clamp_min(1e-12 if below.dtype == torch.float32 else 1e-6)
        return self.mlp(nodes + gathered)


class DeepGraphNetwork(nn.Module):
    """Fourteen residual layers, then the strongest node of each frame (Li et al.'s DeepGCN as the paper uses it).

    Args:
        n_features: of a node.
        n_channels: of the output, 76 m.
        width: of hidden nodes.
        n_layers: convolutions.
    """

    def __init__(
        self, n_features: int, n_channels: int, width: int = 64, n_layers: int = 14
    ) -> None:
        super().__init__()
        self.encoder = nn.Linear(n_features, width)
        self.convolutions = nn.ModuleList(SoftmaxGraphConvolution(width) for _ in range(n_layers))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(n_layers))
        self.out = nn.Linear(width, n_channels)
        self.dropout = nn.Dropout(0.1)

    def forward(self, nodes: Tensor, is_node: Tensor, adjacency: Tensor) -> Tensor:
        """nodes (G, N, F), is_node (G, N) bool, adjacency (G, N, N) bool -> (G, n_channels)."""
        hidden = self.encoder(nodes)
        hidden = self.convolutions[0](hidden, adjacency)
        for norm, convolution in zip(self.norms[1:], self.convolutions[1:], strict=True):
            change = functional.relu(norm(convolution(hidden, adjacency)))
            hidden = hidden + self.dropout(change)
        # The first layer's norm had no use yet; the published code ends with it.
        hidden = self.dropout(functional.relu(self.norms[0](hidden)))
        answers = self.out(hidden).masked_fill(~is_node[:, :, None], -torch.inf)
        return answers.amax(dim=1)
