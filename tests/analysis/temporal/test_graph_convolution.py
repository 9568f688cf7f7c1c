"""The dense graph convolution is GENConv, and a batch of padded graphs answers as each graph alone."""

import pytest
import torch
from torch_geometric.nn import GENConv

from analysis.spotting.models.calf_calibration.branches import GraphBranch
from analysis.temporal.graph_convolution import (
    DeepGraphNetwork,
    SoftmaxGraphConvolution,
    kept_share,
)


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
    weights = torch.randn(9, 16)
    (weights * expected).sum().backward()
    (weights * ours(nodes[None], adjacency[None])[0]).sum().backward()
    other = dict(theirs.named_parameters())
    torch.testing.assert_close(ours.temperature.grad, other["aggr_module.t"].grad.view(1))
    for own, name in ((0, "mlp.0.weight"), (1, "mlp.1.weight"), (3, "mlp.4.weight")):
        torch.testing.assert_close(ours.mlp[own].weight.grad, other[name].grad)


@pytest.mark.parametrize("temperature", [1.3, -0.8])
def test_the_gradient_written_by_hand_is_the_numerical_one(temperature):
    torch.manual_seed(3)
    convolution = SoftmaxGraphConvolution(4).double()
    convolution.temperature.data.fill_(temperature)
    nodes = torch.randn(2, 5, 4, dtype=torch.float64, requires_grad=True)
    adjacency = torch.rand(2, 5, 5) < 0.5
    adjacency[0, 2] = False  # a node without neighbours

    def answer(nodes, temperature):
        values = {"temperature": temperature}
        return torch.func.functional_call(convolution, values, (nodes, adjacency))

    start = torch.tensor([temperature], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(answer, (nodes, start))


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_dropout_drops_its_share_and_keeps_the_mean(kind):
    torch.manual_seed(4)
    factors = kept_share(torch.empty(999, 501, dtype=kind), 0.1)
    assert factors.shape == (999, 501) and factors.dtype == kind
    assert set(factors.unique().tolist()) == {0.0, (torch.ones((), dtype=kind) / 0.9).item()}
    # 500,000 draws: three standard deviations of the share are 0.0013.
    assert abs((factors == 0).double().mean() - 0.1) < 0.0013
    dropped = (factors == 0).double().flatten()
    neighbours = (dropped[1:] * dropped[:-1]).mean()
    assert abs(neighbours - 0.01) < 0.0006


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


def test_a_graph_held_for_two_rows_answers_for_both():
    torch.manual_seed(5)
    every, second = GraphBranch(8).eval(), GraphBranch(8, rows_held=2).eval()
    second.load_state_dict(every.state_dict())
    n_nodes = torch.randint(1, 6, (2, 7))
    nodes = torch.randn(2, 7, 5, 8) * (torch.arange(5) < n_nodes[..., None])[..., None]
    adjacency = torch.zeros(2, 7, 5, 5, dtype=torch.bool)
    answer = second(nodes, n_nodes, adjacency)
    assert answer.shape == (2, 152, 7, 1)
    rows = torch.tensor([0, 0, 2, 2, 4, 4, 6])
    torch.testing.assert_close(answer, every(nodes, n_nodes, adjacency)[:, :, rows])
