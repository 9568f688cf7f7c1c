"""CALF's spotting targets, one-to-one matching and YOLO-like loss (algorithms E.4, E.5)."""

import torch
from torch import Tensor

COORDINATE_WEIGHT = 5.0
NO_OBJECT_WEIGHT = 0.5


def spotting_targets(shifts: Tensor, n_slots: int) -> Tensor:
    """Events of a clip as slots (objectness, position, one-hot class).

    Args:
        shifts: (T, C) time-shift encoding; events are its zeros.
        n_slots: events past it are dropped, later ones first.

    Returns:
        (n_slots, 2 + C), events by time and then class, position t / T, zeros behind.
    """
    n_frames, n_classes = shifts.shape
    target = torch.zeros(n_slots, 2 + n_classes)
    for slot, (frame, label) in enumerate(torch.nonzero(shifts == 0)[:n_slots].tolist()):
        target[slot, 0] = 1
        target[slot, 1] = frame / n_frames
        target[slot, 2 + label] = 1
    return target


@torch.no_grad()
def match_slots(target: Tensor, predicted_position: Tensor) -> Tensor:
    """Stable one-to-one matching on position: filled slots choose first, then the empty ones.

    Args:
        target: (B, P, 2 + C).
        predicted_position: (B, P) in [0, 1].

    Returns:
        (B, P) index of the prediction that belongs to each slot, a permutation of each row.
    """
    similarity = 1 - (target[:, :, None, 1] - predicted_position[:, None, :]).abs()
    n_batch, n_slots = predicted_position.shape
    partner = torch.full((n_batch, n_slots), -1, dtype=torch.long, device=target.device)
    prediction_is_free = torch.ones(n_batch, n_slots, dtype=torch.bool, device=target.device)
    for is_filled in (True, False):
        in_phase = (target[:, :, 0] > 0.5) == is_filled
        for _ in range(n_slots):
            slot_is_free = in_phase & (partner < 0)
            if not slot_is_free.any():
                break
            _marry_round(similarity, slot_is_free, prediction_is_free, partner)
    return partner


def _marry_round(
    similarity: Tensor, slot_is_free: Tensor, prediction_is_free: Tensor, partner: Tensor
) -> None:
    """Every free slot proposes to its best free prediction; each prediction accepts its best proposer. In place."""
    barred = ~(slot_is_free[:, :, None] & prediction_is_free[:, None, :])
    # -inf and not 0 marks what is taken: a similarity of 0 is legal (P10).
    open_similarity = similarity.masked_fill(barred, -torch.inf)
    choice = open_similarity.argmax(dim=2, keepdim=True)
    proposals = torch.full_like(open_similarity, -torch.inf)
    proposals.scatter_(2, choice, open_similarity.gather(2, choice))
    best, winner = proposals.max(dim=1)
    accepted = best > -torch.inf
    batch, prediction = torch.nonzero(accepted, as_tuple=True)
    partner[batch, winner[batch, prediction]] = prediction
    prediction_is_free[batch, prediction] = False


def spotting_loss(target: Tensor, predicted: Tensor) -> Tensor:
    """Sum over batch and slots of the YOLO-like loss after matching.

    Args:
        target, predicted: (B, P, 2 + C): objectness, position, class.
    """
    partner = match_slots(target, predicted[:, :, 1])
    matched = predicted.gather(1, partner[:, :, None].expand_as(predicted))
    filled = target[:, :, 0]
    position = COORDINATE_WEIGHT * (target[:, :, 1] - matched[:, :, 1]) ** 2
    objectness = (1 - matched[:, :, 0]) ** 2
    classes = ((target[:, :, 2:] - matched[:, :, 2:]) ** 2).sum(dim=2)
    empty = NO_OBJECT_WEIGHT * matched[:, :, 0] ** 2
    return (filled * (position + objectness + classes) + (1 - filled) * empty).sum()
