"""Gate shift: what moves, where to, and how much of it."""

import torch
from torch import nn

from analysis.temporal.gate_shift import GateShift, fold_size


def module(gate):
    """Sixteen channels, four of which shift, with gates that are open everywhere (1) or nowhere (0)."""
    shift = GateShift(nn.Identity(), 16).eval()
    nn.init.zeros_(shift.gate.weight)
    nn.init.constant_(shift.gate.bias, 20.0 * gate)
    shift.n_frames = 5
    return shift


def test_a_quarter_of_the_channels_shifts_in_fours():
    assert [fold_size(n) for n in (8, 16, 24, 56, 152, 368)] == [4, 4, 8, 16, 40, 92]
    assert fold_size(3) == 3


def test_with_closed_gates_nothing_moves():
    clips = torch.randn(10, 16, 3, 4)
    assert torch.allclose(module(0)(clips), clips)


def test_with_open_gates_half_of_the_fold_comes_a_frame_early_and_half_a_frame_late():
    clips = torch.randn(10, 16, 3, 4)
    moved = module(1)(clips).view(2, 5, 16, 3, 4)
    plain = clips.view(2, 5, 16, 3, 4)
    assert torch.allclose(moved[:, :-1, :2], plain[:, 1:, :2], atol=1e-5)
    assert torch.allclose(moved[:, 1:, 2:4], plain[:, :-1, 2:4], atol=1e-5)
    assert moved[:, -1, :2].abs().max() < 1e-5
    assert moved[:, 0, 2:4].abs().max() < 1e-5
    assert torch.equal(moved[:, :, 4:], plain[:, :, 4:])
