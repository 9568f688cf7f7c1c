"""Components in front of a network: what they are, and that they travel with its weights."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from analysis.core.problems import InputProblem
from analysis.spotting.learned import LearnedSpotter, Shape, make_network
from analysis.spotting.models.calf_calibration import METHOD as CALIBRATED
from analysis.spotting.models.calf_calibration.network import PATTERNED
from analysis.spotting.models.maxpool import METHOD, Settings, build
from analysis.spotting.reduction import Reduction, Reductions, store
from analysis.training.weights import save_weights
from tests.analysis.spotting.made_halves import fitted, made_half

SHAPE = Shape(features=("picture_layout",))


def reduced():
    """A half of 24 features, its shape with 6 components, and a network that holds them."""
    half = made_half(SHAPE)
    shape = replace(fitted(SHAPE, half), n_components=6)
    torch.manual_seed(0)
    network = make_network(METHOD, shape)
    store(network, Reductions.fit([half.inputs], 6))
    return half, shape, network


def test_components_are_uncorrelated_and_of_variance_one():
    rng = np.random.default_rng(0)
    mixed = rng.normal(size=(4000, 5)) @ rng.normal(size=(5, 9)) + 3.0
    features = Reduction.fit([mixed[:2000], mixed[2000:]], 5)(mixed)
    assert np.abs(np.cov(features.T) - np.eye(5)).max() < 0.1
    assert np.abs(features.mean(axis=0)).max() < 0.1


def test_a_direction_in_which_nothing_varies_is_not_blown_up():
    features = np.zeros((400, 4), np.float32)
    features[:, 0] = np.random.default_rng(1).normal(size=400)
    reduction = Reduction.fit([features], 4)
    assert np.isfinite(reduction.axes).all()
    assert np.abs(reduction(features + np.float32(1e-6))).max() < 10


def test_a_spotter_reduces_raw_features_itself_and_keeps_that_in_its_file(tmp_path):
    half, shape, network = reduced()
    before = LearnedSpotter([(METHOD, shape, network)], 1, "cpu").spot_inputs([half.inputs])
    path = tmp_path / "maxpool.safetensors"
    save_weights(network.state_dict(), path, notes=shape.notes())
    spotter = build(Settings(weights_file=str(path)))
    assert spotter.spot_inputs([half.inputs]) == before
    assert before
    with pytest.raises(InputProblem, match="reads 24 numbers a row, the features have 6"):
        spotter.spot_inputs([replace(half.inputs, features=half.inputs.features[:, :6])])


def test_old_notes_without_components_mean_none():
    text = SHAPE.notes()["shape"].replace(', "n_components": 0', "")
    assert "n_components" not in text
    assert Shape.from_notes({"shape": text}) == SHAPE


def test_vectors_of_a_branch_are_reduced_beside_the_features():
    wanted = Shape(labels=PATTERNED, features=("picture_layout",), branch="fcl")
    half = made_half(wanted)
    shape = replace(fitted(wanted, half), n_components=5)
    network = make_network(CALIBRATED, shape)
    store(network, Reductions.fit([half.inputs], 5))
    assert network.branch_axes.shape == (12, 5)
    assert network.features_axes.shape == (24, 5)
    LearnedSpotter([(CALIBRATED, shape, network)], 1, "cpu").spot_inputs([half.inputs])
