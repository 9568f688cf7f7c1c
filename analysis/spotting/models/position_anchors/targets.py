"""Events as dense targets, and the losses on them (algorithms J.4, J.5, with a tighter confidence radius)."""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

CONFIDENCE_REACH_MS = 1500
DISPLACEMENT_REACH_MS = 4000
HUBER_DELTA = 0.3
DISPLACEMENT_WEIGHT, TEAM_WEIGHT = 1.0, 0.1


def dense_targets(
    event_ms: NDArray[np.int64],
    event_label: NDArray[np.int64],
    event_team: NDArray[np.int64],
    ticks_ms: NDArray[np.int64],
    n_classes: int,
) -> NDArray[np.float32]:
    """(T, 4, C): confidence 0 / 1; displacement -1..1; whether it counts; team 1 home, 0 away, -1 unknown.

    Args:
        event_ms, event_label, event_team: (E,) class index; team 0, 1 or -1.
        ticks_ms: (T,).
        n_classes: C.
    """
    target = np.zeros((len(ticks_ms), 4, n_classes), np.float32)
    target[:, 3] = -1.0
    nearest = np.full((len(ticks_ms), n_classes), np.inf)
    for time_ms, label, team in zip(event_ms, event_label, event_team, strict=True):
        shift = time_ms - ticks_ms
        far = np.abs(shift)
        own = (far <= DISPLACEMENT_REACH_MS) & (far < nearest[:, label])
        nearest[own, label] = far[own]
        target[own, 1, label] = shift[own] / DISPLACEMENT_REACH_MS
        target[own, 2, label] = 1.0
        target[own, 3, label] = -1.0 if team < 0 else 1.0 - team
        target[far <= CONFIDENCE_REACH_MS, 0, label] = 1.0
    return target


def anchor_losses(output: Tensor, target: Tensor, positive_weight: Tensor) -> dict[str, Tensor]:
    """Losses of network outputs (B, T, 3, C) against targets (B, T, 4, C); ``positive_weight`` is (C,)."""
    confidence, displacement, team = output.unbind(dim=2)
    is_event, shift, counts, whose = target.unbind(dim=2)
    each = functional.binary_cross_entropy_with_logits(
        confidence, is_event, pos_weight=positive_weight, reduction="none"
    )
    found = each.mean() * 100
    off = functional.huber_loss(displacement, shift, delta=HUBER_DELTA, reduction="none")
    n_counted = counts.sum().clamp_min(1)
    moved = (off * counts).sum() / HUBER_DELTA / n_counted
    knows = is_event * (whose >= 0)
    wrong = functional.binary_cross_entropy_with_logits(team, whose.clamp_min(0), reduction="none")
    teamed = (wrong * knows).sum() / knows.sum().clamp_min(1)
    total = found + DISPLACEMENT_WEIGHT * moved + TEAM_WEIGHT * teamed
    return {
        "total": total,
        "confidence": found.detach(),
        "displacement": moved.detach(),
        "team": teamed.detach(),
    }
