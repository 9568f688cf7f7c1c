"""Time-shift encoding, the context-aware loss and the one-to-one matching against hand-computed values."""

import numpy as np
import pytest
import torch

from analysis.temporal.anchor_loss import match_slots, spotting_loss, spotting_targets
from analysis.temporal.context_aware_loss import context_aware_loss
from analysis.temporal.time_shift import K_SOCCERNET_V2_S, encode

K = np.array([[-40.0], [-20.0], [120.0], [180.0]])


def test_one_event_counts_frames():
    shifts = encode([np.array([100])], 300, K)
    assert shifts[100, 0] == 0
    assert shifts[0, 0] == -100
    assert shifts[299, 0] == 199


def test_a_class_that_never_occurs_is_far_away():
    assert (encode([np.array([], int)], 50, K) == -40).all()


def test_between_two_events_the_nearer_context_wins():
    shifts = encode([np.array([50, 250])], 400, K)[:, 0]
    assert shifts[50] == 0 and shifts[250] == 0
    assert shifts[160] == 110  # s1 = 110 < K3
    assert shifts[200] == 150  # s1 = 150 fades, s2 = -50 <= K1
    # s1 = 175: (175-120)/60 = .917; s2 = -25: (-20+25)/20 = .25 -> the coming event.
    assert shifts[225] == -25
    assert shifts[235] == -15  # s1 = 185 >= K4
    assert (np.flatnonzero(shifts == 0) == [50, 250]).all()


def test_the_table_orders_its_contexts():
    assert (np.diff(K_SOCCERNET_V2_S, axis=0) > 0).all()
    assert K_SOCCERNET_V2_S.shape == (4, 17)


@pytest.mark.parametrize(
    ("shift", "values"),
    [
        (-50, (0, 0.5878, 2.8904)),
        (-30, (0, 0.1823, 0.5390)),
        (-10, (0, 0, 0)),
        (0, (2.8904, 0.5878, 0)),
        (60, (0.5390, 0.1823, 0)),
        (150, (0, 0.1823, 0.5390)),
        (200, (0, 0.5878, 2.8904)),
    ],
)
def test_context_aware_loss_values(shift, values):
    p = torch.tensor([[0.05], [0.5], [0.95]])
    k = torch.tensor(K, dtype=torch.float32)
    got = context_aware_loss(p, torch.full((3, 1), float(shift)), k, reduce=False)
    assert got[:, 0].tolist() == pytest.approx(list(values), abs=1e-4)


def slots(*positions):
    target = torch.zeros(1, 3, 3)
    for i, position in enumerate(positions):
        target[0, i] = torch.tensor([1.0, position, 1.0])
    return target


def test_matching_example_of_the_specification():
    partner = match_slots(slots(0.30, 0.32), torch.tensor([[0.311, 0.90, 0.10]]))
    assert partner.tolist() == [[2, 0, 1]]


def test_matching_is_a_permutation_even_at_distance_one():
    target = slots(0.0, 1.0, 1.0)
    partner = match_slots(target, torch.tensor([[1.0, 0.0, 0.0]]))
    assert sorted(partner[0].tolist()) == [0, 1, 2]


def test_a_perfect_prediction_costs_nothing():
    shifts = torch.full((240, 2), -500.0)
    shifts[60, 1] = 0
    target = spotting_targets(shifts, 15)
    assert target[0].tolist() == [1.0, 0.25, 0.0, 1.0]
    assert spotting_loss(target[None], target[None]).item() == 0
    worse = target.clone()
    worse[0, 1] = 0.35
    assert spotting_loss(target[None], worse[None]).item() == pytest.approx(5 * 0.1**2, rel=1e-4)
