"""The dense graph convolution is GENConv, and a batch of padded graphs answers as each graph alone."""

import torch
from torch_geometric.nn import GENConv

from analysis.spotting.models.calf_calibration.branches import GraphBranch
from analysis.temporal.graph_convolution import DeepGraphNetwork, SoftmaxGraphConvolution


def test_it_equals_the_published_convolution():
    torch.manual_seed(0)
    ours = SoftmaxGraphConvolution(16)
    theirs = GENConv(16, 16, aggr="softmax", t=1.0, learn_t=True, num_layers=2, norm="layer")
    ours.temperature.data.fill_(1.7)
    theirs.aggr_module.t.data.fill_(1.7)
    for own, other in ((0, 0), (1, 1), (3, 4)):
        ours.mlp[own].load_state_dict(theirs.mlp[other].state_dict())
    nodes = torch.randn(9, 16)
    adjacency = torch.rand(9, 9) < 0.4
    adjacency.fill_diagonal_(False)
    adjacency[3] = False  # a node without neighbours
    target, source = adjacency.nonzero(as_tuple=True)
    expected = theirs(nodes, torch.stack([source, target]))
    torch.testing.assert_close(ours(nodes[None], adjacency[None])[0], expected)


def test_padding_does_not_change_a_graphs_answer():
    torch.manual_seed(1)
    network = DeepGraphNetwork(8, 20, width=16, n_layers=14).eval()
    assert len(network.convolutions) == 14
    nodes = torch.randn(1, 4, 8)
    adjacency = torch.tensor([[[0, 1, 1, 0], [1, 0, 0, 0], [1, 0, 0, 1], [0, 0, 1, 0]]]).bool()
    alone = network(nodes, torch.ones(1, 4, dtype=torch.bool), adjacency)
    padded = torch.cat([nodes, torch.zeros(1, 5, 8)], dim=1)
    wide = torch.zeros(1, 9, 9, dtype=torch.bool)
    wide[:, :4, :4] = adjacency
    together = network(padded, torch.arange(9)[None] < 4, wide)
    torch.testing.assert_close(alone, together)


def test_frames_of_which_nothing_is_known_share_one_answer():
    torch.manual_seed(2)
    branch = GraphBranch(8).eval()
    n_nodes = torch.tensor([[3, 1, 5, 1, 2]])
    nodes = torch.randn(1, 5, 5, 8) * (torch.arange(5) < n_nodes[..., None])[..., None]
    nodes[0, [1, 3]] = 0
    adjacency = torch.rand(1, 5, 5, 5) < 0.5
    adjacency &= (torch.arange(5) < n_nodes[..., None])[..., None, :]
    adjacency[0, [1, 3]] = False
    answer = branch(nodes, n_nodes, adjacency)[0, :, :, 0].T
    torch.testing.assert_close(answer[1], answer[3])
    for i in range(5):
        one = branch(nodes[:, i : i + 1], n_nodes[:, i : i + 1], adjacency[:, i : i + 1])
        torch.testing.assert_close(answer[i], one[0, :, 0, 0])
