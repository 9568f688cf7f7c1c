"""Taking people away: who goes, who stays, and an attention that is known to matter or not."""

import numpy as np
import torch

from analysis.benchmarks._attention_deletion import Deletion, deletion, difference, without
from analysis.core.registry import SPOTTERS
from analysis.spotting.learned import LearnedSpotter
from analysis.spotting.models.uglf.training_run import SHAPES
from tests.analysis.spotting.made_halves import fitted, made_half


def test_the_most_worthy_go_and_the_others_move_up():
    nodes = torch.arange(1.0, 6).view(1, 1, 5, 1).repeat(1, 2, 1, 1)
    n_nodes = torch.tensor([[4, 2]])
    worth = torch.tensor([[[0.1, 0.9, 0.3, 0.8, 5.0], [0.9, 0.1, 7.0, 7.0, 7.0]]])
    moved, n_left = without(nodes, n_nodes, worth, 2)
    assert n_left.tolist() == [[2, 2]], "who is not there cannot go, and two of two stay"
    assert moved[0, 0, :, 0].tolist() == [1, 3, 0, 0, 0]
    assert moved[0, 1, :2, 0].tolist() == [1, 2]


def test_the_difference_has_an_interval_that_knows_halves():
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(20), 10)
    fall = rng.normal(0.1, 0.05, 200)
    mean, low, high = difference([Deletion(group, np.ones(200), fall, np.zeros(200))])
    assert low < mean < high
    assert low > 0.08 and high < 0.12
    nothing = difference([Deletion(group, np.ones(200), fall, fall)])
    assert nothing == (0.0, 0.0, 0.0)


def test_a_network_is_asked_about_every_event():
    torch.manual_seed(0)
    half = made_half(SHAPES[""])
    shape, method = fitted(SHAPES[""], half), SPOTTERS.load("uglf").METHOD
    spotter = LearnedSpotter([(method, shape, method.network(shape))], 1, "cpu")
    found = deletion(spotter, [half, half])
    assert len(found.score) == 2 * 4
    assert found.group.tolist() == [0] * 4 + [1] * 4
    assert np.abs(found.attended).max() <= 1 and found.attended.any()
