"""Residual graph convolutions on many small graphs at once (algorithms D.2, branch GCN).

The published branch uses GENConv with softmax aggregation. Its message depends on the sender alone, so the softmax over
a node's neighbours is two products with the adjacency matrix. Graphs of one frame have at most some thirty nodes:
padded to one size, a batch of them is a batched matrix product, and no array of edges times channels is ever made.
Equal to ``torch_geometric.nn.GENConv`` (a test says so).

On a processor the passes over nodes cost more than the products, so the aggregation has a gradient written by hand
that keeps four arrays, and dropout draws sixteen bits a number.
"""

from typing import Any

import torch
from torch import Tensor, nn

DROPPED = 0.1
_LEAST = 1e-12


class _NeighbourMean(torch.autograd.Function):
    """Nodes plus the softmax-weighted mean of their neighbours' messages.

    The published message is ``relu(node) + 1e-7``: the weights do not feel a constant and the mean moves by it, less
    than a rounding, so it is left out.
    """

    @staticmethod
    def forward(ctx: Any, nodes: Tensor, temperature: Tensor, adjacency: Tensor) -> Tensor:
        """nodes (G, N, W), temperature (), adjacency (G, N, N) of the nodes' type -> (G, N, W)."""
        width = nodes.shape[-1]
        message = nodes.relu()
        # Any constant of a graph and channel cancels; with the largest product it, no power is above 1.
        top = message.amax(dim=1, keepdim=True) * (temperature > 0)
        both = message.new_empty(*message.shape[:2], 2 * width)
        above, power = both[..., :width], both[..., width:]
        torch.exp((message - top).mul_(temperature), out=power)
        torch.mul(power, message, out=above)
        sums = torch.bmm(adjacency, both)
        below = sums[..., width:].clamp_min_(_LEAST)
        mean = sums[..., :width].div_(below)
        ctx.save_for_backward(message, power, sums, temperature, adjacency)
        return nodes + mean

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None]:
        """Of nodes and temperature."""
        (gradient,) = gradients
        message, power, sums, temperature, adjacency = ctx.saved_tensors
        width = message.shape[-1]
        mean, below = sums[..., :width], sums[..., width:]
        arriving = torch.empty_like(sums)
        torch.div(gradient, below, out=arriving[..., :width])
        torch.mul(arriving[..., :width], mean, out=arriving[..., width:]).neg_()
        leaving = torch.bmm(adjacency.transpose(1, 2), arriving)
        of_message, of_power = leaving[..., :width], leaving[..., width:]
        of_power.addcmul_(message, of_message).mul_(power)
        of_message.mul_(power).addcmul_(of_power, temperature.to(message.dtype))
        of_temperature = (of_power * message).sum(dtype=torch.float32).to(temperature.dtype)
        of_nodes = torch.ops.aten.threshold_backward(of_message, message, 0)
        return gradient + of_nodes, of_temperature, None


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
            nn.ReLU(inplace=True),
            nn.Linear(2 * width, width, bias=False),
        )

    def forward(self, nodes: Tensor, adjacency: Tensor) -> Tensor:
        """nodes (G, N, W); adjacency (G, N, N), 1 where column j is a neighbour of row i -> (G, N, W)."""
        weight = adjacency.to(nodes.dtype)
        gathered: Tensor = _NeighbourMean.apply(nodes, self.temperature[0], weight)  # type: ignore[no-untyped-call]
        found: Tensor = self.mlp(gathered)
        return found


def kept_share(like: Tensor, dropped: float) -> Tensor:
    """Dropout's factors: 0 with probability ``dropped``, else 1 over the rest; shape and type of ``like``.

    Sixteen bits of random numbers of 64 each, kept as integers: a random number for every factor, and truth values
    turned into factors, cost many times as much.
    """
    n_numbers = -(-like.numel() // 4)
    bits = torch.empty(n_numbers, dtype=torch.int64, device=like.device)
    bits.random_(-(2**63), 2**63 - 1)
    kept = bits.view(torch.int16)[: like.numel()].view(like.shape)
    return kept.ge_(round((dropped - 0.5) * 2**16)).to(like.dtype).div_(1 - dropped)


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

    def forward(self, nodes: Tensor, is_node: Tensor, adjacency: Tensor) -> Tensor:
        """nodes (G, N, F), is_node (G, N) bool, adjacency (G, N, N) bool -> (G, n_channels)."""
        hidden = self.encoder(nodes)
        adjacency = adjacency.to(hidden.dtype)
        hidden = self.convolutions[0](hidden, adjacency)
        for norm, convolution in zip(self.norms[1:], self.convolutions[1:], strict=True):
            change = norm(convolution(hidden, adjacency)).relu_()
            hidden = hidden + self._thinned(change)
        # The first layer's norm had no use yet; the published code ends with it.
        hidden = self._thinned(self.norms[0](hidden).relu_())
        answers = self.out(hidden).masked_fill(~is_node[:, :, None], -torch.inf)
        return answers.amax(dim=1)

    def _thinned(self, hidden: Tensor) -> Tensor:
        return hidden * kept_share(hidden, DROPPED) if self.training else hidden
