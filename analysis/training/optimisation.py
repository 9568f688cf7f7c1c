"""Optimisers, courses of the learning rate, and sharpness-aware steps, for the one loop."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

OPTIMISERS = ("adamw", "adam", "sgd")
COURSES = ("cosine", "linear", "constant")


def make_optimiser(
    network: nn.Module, kind: str, learning_rate: float, weight_decay: float
) -> torch.optim.Optimizer:
    """AdamW, Adam (CALF's epsilon 1e-7) or SGD with momentum 0.9; norms and biases do not decay.

    Raises:
        ValueError: another kind.
    """
    decaying = [value for value in network.parameters() if value.ndim > 1]
    free = [value for value in network.parameters() if value.ndim <= 1]
    groups = [
        {"params": decaying, "weight_decay": weight_decay},
        {"params": free, "weight_decay": 0.0},
    ]
    if kind == "adamw":
        return torch.optim.AdamW(groups, lr=learning_rate)
    if kind == "adam":
        return torch.optim.Adam(groups, lr=learning_rate, eps=1e-7)
    if kind == "sgd":
        return torch.optim.SGD(groups, lr=learning_rate, momentum=0.9)
    raise ValueError(f"the optimiser is one of {', '.join(OPTIMISERS)}, not {kind!r}")


def rate_share(step: int, *, steps: int, warm_up_steps: int, course: str) -> float:
    """Share of the peak learning rate at a step: a linear rise, then the course.

    Raises:
        ValueError: another course.
    """
    if course not in COURSES:
        raise ValueError(f"the course of the rate is one of {', '.join(COURSES)}, not {course!r}")
    if step < warm_up_steps:
        return (step + 1) / warm_up_steps
    done = min(1.0, (step - warm_up_steps) / max(1, steps - warm_up_steps))
    if course == "cosine":
        return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done))
    return 1 - 0.99 * done if course == "linear" else 1.0


def sharpness_aware_backward(
    network: nn.Module, losses: Callable[[], dict[str, Tensor]], radius: float
) -> dict[str, Tensor]:
    """Gradients at the worst point within ``radius`` of the weights (SAM); the weights stay where they are.

    Args:
        network: whose parameters are moved and moved back.
        losses: computes the losses of one batch; called twice.
        radius: length of the move, over all parameters together; 0 is an ordinary backward pass.

    Returns:
        The losses at the unmoved weights.
    """
    first = losses()
    first["total"].backward()
    if radius <= 0:
        return first
    parameters = [value for value in network.parameters() if value.grad is not None]
    with torch.no_grad():
        gradients = [value.grad for value in parameters if value.grad is not None]
        norm = torch.linalg.vector_norm(torch.stack([g.float().norm() for g in gradients]))
        moves = [gradient * (radius / (norm + 1e-12)) for gradient in gradients]
        for value, move in zip(parameters, moves, strict=True):
            value.add_(move)
            value.grad = None
    losses()["total"].backward()
    with torch.no_grad():
        for value, move in zip(parameters, moves, strict=True):
            value.sub_(move)
    return first
