"""Pools against hand-computed values and the published sizes of NetVLAD++."""

import torch

from analysis.spotting.learned import Shape
from analysis.spotting.models.netvlad_pp.network import METHOD
from analysis.temporal.netvlad import BeforeAndAfter, MaxPool, NetVlad


def test_netvlad_by_hand():
    pool = NetVlad(2, 2)
    pool.assignment.data = torch.tensor([[20.0, 0.0], [0.0, 20.0]])
    pool.centres.data = torch.tensor([[0.0, 1.0], [0.0, 0.0]])
    # Both frames belong wholly to one cluster each: residuals (1, 0) - (0, 0) and (0, 1) - (1, 0).
    answer = pool(torch.tensor([[[3.0, 0.0], [0.0, 5.0]]])).view(2, 2)
    half = 0.5**0.5
    expected = torch.tensor([[1.0, -half], [0.0, half]]) / 2**0.5
    torch.testing.assert_close(answer, expected, atol=1e-5, rtol=0)


def test_before_and_after_see_their_own_frames():
    pool = BeforeAndAfter(MaxPool(1), MaxPool(1))
    assert pool(torch.tensor([[[1.0], [5.0], [2.0], [3.0]]])).tolist() == [[5.0, 3.0]]


def test_netvlad_pp_has_the_published_width():
    # 2 x 512 x 32 = 32,768 numbers before the classifier (algorithms I.1).
    network = METHOD.network(Shape(n_features=512))
    assert network.pool.n_channels == 32_768
    assert network.classifier.weight.shape == (18, 32_768)
    assert isinstance(network.projection, torch.nn.Identity)
    assert METHOD.network(Shape(n_features=2048)).projection.weight.shape == (512, 2048)
    assert METHOD.frames(Shape(rate_hz=2.0)) == 30
