"""Vectors of top views: the published widths, whole views, and zeros where nothing is known."""

import numpy as np
import pytest
import torch

from analysis.core.problems import InputProblem
from analysis.representations import top_view_features
from analysis.representations.top_view_features.backbones import make_backbone
from analysis.training.weights import save_weights, sha256_of
from tests.contracts.test_representations import half_view


def test_nothing_known_is_zeros_and_something_is_not():
    stream = top_view_features.build(top_view_features.Settings()).build(half_view(missing=(1,)))
    assert stream.values.shape == (6, 256) and not stream.values[1].any()
    assert stream.values[[0, 2, 3, 4, 5]].any(axis=1).all()


def test_two_different_scenes_have_different_vectors():
    build = top_view_features.build(top_view_features.Settings()).build
    assert np.abs(build(half_view()).values - build(half_view(mirrored=True)).values).max() > 0.05


@pytest.mark.parametrize(("name", "width"), [("resnet34", 512), ("efficientnet_b4", 1792)])
def test_published_networks_have_their_widths(name, width):
    # algorithms C.6: the pooled output has 512 and 1792 numbers.
    backbone = make_backbone(name)
    assert (backbone.view.width_px, backbone.view.height_px) == (224, 224)
    with torch.inference_mode():
        assert backbone.network.eval()(torch.rand(1, 3, 64, 64)).shape == (1, width)


def test_a_weights_file_is_checked_and_loaded(tmp_path):
    network = make_backbone("resnet34").network.model
    path = tmp_path / "resnet.safetensors"
    named = {f"resnet.{name}": value for name, value in network.state_dict().items()}
    save_weights({**named, "classifier.1.weight": torch.zeros(3, 512)}, path)
    settings = {"backbone": "resnet34", "weights_file": str(path)}
    good = top_view_features.Settings(**settings, weights_sha256=sha256_of(path))
    assert top_view_features.build(good).build(half_view(1)).values.shape == (1, 512)
    with pytest.raises(InputProblem, match="are not those"):
        top_view_features.build(top_view_features.Settings(**settings, weights_sha256="0" * 64))
    with pytest.raises(InputProblem, match="are none of small"):
        top_view_features.build(top_view_features.Settings(weights_file=str(path)))
    with pytest.raises(ValueError, match="comes without weights"):
        top_view_features.Settings(backbone="resnet34")
