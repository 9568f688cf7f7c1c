"""CALF's published shapes and parameter count, and what its heads compute."""

import pytest
import torch

from analysis.spotting.learned import Shape
from analysis.spotting.models.calf import METHOD as CALF
from analysis.spotting.models.calf_calibration.network import (
    FUZZY,
    PATTERNED,
    make_branch,
)
from analysis.spotting.models.calf_calibration.network import METHOD as CALIBRATION
from analysis.spotting.models.calf_modified.network import METHOD as MODIFIED
from analysis.temporal.calf_heads import CapsuleSegmentation, SlotSpotting


def n_parameters(network):
    return sum(value.numel() for value in network.parameters())


def test_calf_has_the_published_parameters_and_shapes():
    # The original implementation on 512 features, 17 classes, windows of 240 (algorithms E.2).
    network = CALF.network(Shape())
    assert n_parameters(network) == 578_245
    assert network.base(torch.zeros(1, 1, 240, 512)).shape == (1, 152, 240, 1)
    actionness, slots = network(torch.randn(2, 1, 240, 512))
    assert actionness.shape == (2, 240, 17) and slots.shape == (2, 15, 19)
    assert network.spotting.where.in_features == 464
    assert actionness.min() >= 0 and actionness.max() <= 1
    torch.testing.assert_close(slots[..., 2:].sum(dim=2), torch.ones(2, 15))


def test_actionness_is_one_minus_the_distance_from_the_middle():
    head = CapsuleSegmentation(n_channels=5, n_classes=3, n_frames=7).eval()
    hidden = torch.randn(2, 5, 7, 1)
    capsules, actionness = head(hidden)
    # By hand, for one entry: channel = number * C + class.
    own = capsules[1, [k * 3 + 2 for k in range(16)], 4, 0]
    inside = torch.sigmoid(own / (1 + 1e-3) ** 0.5)
    distance = (4 / 16 * ((inside - 0.5) ** 2).sum()).sqrt()
    assert actionness[1, 4, 2].item() == pytest.approx(1 - distance.item(), abs=1e-5)


def test_capsules_in_the_middle_are_sure_and_have_a_gradient():
    head = CapsuleSegmentation(4, 2, 9)
    with torch.no_grad():
        for value in head.convolutions.parameters():
            value.zero_()
    _, actionness = head(torch.zeros(1, 4, 9, 1))
    assert actionness.min() > 0.999
    actionness.sum().backward()
    assert all(torch.isfinite(value.grad).all() for value in head.parameters())


def test_a_window_too_short_for_the_poolings_is_refused():
    with pytest.raises(ValueError, match="too short"):
        SlotSpotting(3, 8, 15)


def test_the_modified_model_averages_and_keeps_the_shapes():
    network = MODIFIED.network(Shape())
    actionness, slots = network(torch.randn(1, 1, 240, 512))
    assert actionness.shape == (1, 240, 17) and slots.shape == (1, 15, 19)
    assert isinstance(network.spotting.pool, torch.nn.AvgPool2d)
    assert [c.out_channels for c in network.segmentation.convolutions] == [8 * 17, 8 * 17]
    assert [c.kernel_size for c in network.segmentation.convolutions] == [(3, 1), (5, 1)]


def test_class_sets_split_as_published():
    assert len(PATTERNED) == 8 and len(FUZZY) == 9 and not set(PATTERNED) & set(FUZZY)
    fuzzy = CALIBRATION.network(Shape(labels=FUZZY))
    assert fuzzy.base.n_channels == 304
    # Context parameters are those of the class, in whatever subset it stands.
    penalty = CALIBRATION.network(Shape(labels=("Penalty",)))
    assert penalty.k_frames[:, 0].tolist() == [-200, -100, 100, 200]


@pytest.mark.parametrize(
    ("branch", "width", "inputs"),
    [
        ("3d", 0, {"views": torch.randint(0, 255, (1, 240, 32, 64, 3), dtype=torch.uint8)}),
        ("stp", 1792, {"vectors": torch.randn(1, 240, 1792)}),
        ("fcl", 512, {"vectors": torch.randn(1, 240, 512)}),
        (
            "gcn",
            8,
            {
                "nodes": torch.randn(1, 240, 5, 8),
                "n_nodes": torch.randint(1, 6, (1, 240)),
                "adjacency": torch.rand(1, 240, 5, 5) < 0.5,
            },
        ),
    ],
)
def test_every_branch_gives_152_channels(branch, width, inputs):
    shape = Shape(labels=PATTERNED, branch=branch, branch_width=width)
    assert make_branch(shape)(**inputs).shape == (1, 152, 240, 1)
    network = CALIBRATION.network(shape)
    actionness, slots = network(torch.randn(1, 1, 240, 512), **inputs)
    assert actionness.shape == (1, 240, 8) and slots.shape == (1, 15, 10)


def test_the_linear_branch_does_not_mix_frames():
    branch = make_branch(Shape(labels=PATTERNED, branch="fcl", branch_width=6))
    vectors = torch.randn(1, 30, 6)
    changed = vectors.clone()
    changed[0, 10] += 1
    different = (branch(vectors) != branch(changed)).any(dim=1)[0, :, 0]
    assert different.nonzero()[:, 0].tolist() == [10]


def test_an_unknown_branch_names_the_known_ones():
    with pytest.raises(ValueError, match="3d, stp, fcl, gcn"):
        make_branch(Shape(branch="radar"))
