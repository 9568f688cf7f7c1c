"""Dense anchors: targets, weights, decoding and trunks on cases that fit on paper."""

import numpy as np
import pytest
import torch

from analysis.temporal.displacement import (
    balanced_weights,
    confidence_loss,
    dense_targets,
    displaced_scores,
    displacement_loss,
)
from analysis.temporal.trunks import TransformerTrunk, UNet1d, sine_positions


def test_targets_round_two_events():
    confidence, displacement = dense_targets([np.array([4, 9]), np.array([], int)], 12, 1, 3)
    assert np.flatnonzero(confidence[:, 0]).tolist() == [3, 4, 5, 8, 9, 10]
    wanted = [np.nan, 1, 2 / 3, 1 / 3, 0, -1 / 3, -2 / 3, 2 / 3, 1 / 3, 0, -1 / 3, -2 / 3]
    np.testing.assert_allclose(displacement[:, 0], wanted, atol=1e-6)
    assert not confidence[:, 1].any() and np.isnan(displacement[:, 1]).all()


def test_positives_carry_their_share_of_the_weight():
    negative, positive = balanced_weights(np.array([10.0, 1.0]), 1000.0, 0.03)
    np.testing.assert_allclose(positive * [10, 1], 30)
    np.testing.assert_allclose(negative * [990, 999], 970)


def test_scores_go_where_they_point_and_the_larger_stays():
    confidence = np.array([[0.2], [0.9], [0.5], [0.4]])
    moved = displaced_scores(confidence, np.array([[2.0], [1.2], [0.0], [9.0]]))
    assert moved[:, 0].tolist() == [0, 0, 0.9, 0.4]
    assert displaced_scores(np.zeros((0, 3)), np.zeros((0, 3))).shape == (0, 3)


def test_losses_by_hand():
    logits = torch.zeros(1, 2, 1)
    weight = torch.tensor([[[2.0], [4.0]]])
    target = torch.tensor([[[1.0], [0.0]]])
    assert confidence_loss(logits, target, weight).item() == pytest.approx(3 * np.log(2))
    predicted = torch.tensor([[[0.5], [0.9]]])
    target = torch.tensor([[[0.3], [float("nan")]]])
    # Huber(0.2) = 0.02, over its width 0.5, half of the frames.
    assert displacement_loss(predicted, target, torch.ones(1)).item() == pytest.approx(0.02)


def test_the_u_net_halves_and_doubles_as_published():
    trunk = UNet1d(64, 6)
    assert [block[1].layers[-1].out_channels for block in trunk.down] == [
        64 * 2**k for k in range(6)
    ]
    small = UNet1d(8, 6)
    assert small(torch.randn(2, 8, 224)).shape == (2, 8, 224)
    assert small.divisor == 32 and 224 % small.divisor == 0


def test_transformers_know_the_order_of_frames():
    table = sine_positions(5, 6)
    assert table[0].tolist() == [0, 1, 0, 1, 0, 1]
    assert table[3, 0].item() == pytest.approx(np.sin(3))
    trunk = TransformerTrunk(8, 10, n_heads=2, is_learned=True).eval()
    tokens = torch.randn(1, 10, 8)
    turned = trunk(tokens.flip(1)).flip(1)
    assert (trunk(tokens) - turned).abs().max() > 1e-4
