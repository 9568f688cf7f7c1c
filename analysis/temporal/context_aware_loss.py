"""The context-aware segmentation loss of CALF (algorithms E.4): what a frame near an event may and must know.

``actionness`` is p = 1 - distance throughout (P3): high at an action.
"""

import math

import torch
from torch import Tensor

HIT_MARGIN = 0.9


def context_aware_loss(
    actionness: Tensor, shifts: Tensor, k_frames: Tensor, *, reduce: bool = True
) -> Tensor:
    """Segmentation loss.

    Args:
        actionness: (..., C) p in [0, 1].
        shifts: (..., C) time-shift encoding in frames.
        k_frames: (4, C) context parameters in frames.
        reduce: sum over everything, as published; False gives the value of each entry.
    """
    k1, k2, k3, k4 = k_frames
    p, s = actionness, shifts
    # One formula, 1 - p * weight, covers every region but the hit one; the weight grows with the distance to the event.
    before = ((k2 - s) / (k2 - k1)).clamp(0, 1)
    after = ((s - k3) / (k4 - k3)).clamp(0, 1)
    weight = torch.where(s < 0, before, after)
    is_hit = (s >= 0) & (s < k3)
    argument = torch.where(is_hit, s / k3 + p * (k3 - s) / k3, 1 - p * weight)
    loss = (-torch.log(argument.clamp_min(1e-12)) + math.log(HIT_MARGIN)).clamp_min(0)
    return loss.sum() if reduce else loss
