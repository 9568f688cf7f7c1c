"""Targets, losses and decoding of dense detection anchors: a confidence and a displacement a frame (J.1, J.4 - J.7)."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def dense_targets(
    event_frames: list[IntArray],
    n_frames: int,
    confidence_radius: float,
    displacement_radius: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What every frame should answer.

    Args:
        event_frames: per class, frames with an event.
        n_frames: T.
        confidence_radius: frames within it, ends included, are told that there is an event.
        displacement_radius: frames within it are told how far the nearest event is.

    Returns:
        (T, C) 0 or 1, and (T, C) (event - frame) / radius in [-1, 1], NaN without a target.
    """
    frames = np.arange(n_frames)
    confidence = np.zeros((n_frames, len(event_frames)), np.float32)
    displacement = np.full((n_frames, len(event_frames)), np.nan, np.float32)
    for label, events in enumerate(event_frames):
        if not len(events):
            continue
        events = np.sort(events)
        after = np.clip(np.searchsorted(events, frames), 0, len(events) - 1)
        before = np.maximum(after - 1, 0)
        to_after, to_before = events[after] - frames, events[before] - frames
        nearest = np.where(np.abs(to_before) <= np.abs(to_after), to_before, to_after)
        confidence[:, label] = np.abs(nearest) <= confidence_radius
        near = np.abs(nearest) <= displacement_radius
        displacement[near, label] = nearest[near] / displacement_radius
    return confidence, displacement


def balanced_weights(n_positive: FloatArray, n_all: float, positive_share: float) -> FloatArray:
    """(2, C) weights of negatives and positives, so that positives carry ``positive_share`` of every class's loss."""
    n_positive = np.maximum(np.asarray(n_positive, np.float64), 1.0)
    positive = n_all * positive_share / n_positive
    negative = n_all * (1 - positive_share) / np.maximum(n_all - n_positive, 1.0)
    return np.stack([negative, positive])


def confidence_loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Weighted binary cross-entropy, mean over frames and classes.

    Args:
        logits, target: (B, T, C); targets may be mixtures.
        weight: (B, T, C), mixed like the targets.
    """
    loss = functional.binary_cross_entropy_with_logits(logits.float(), target, reduction="none")
    return (loss * weight).mean()


def displacement_loss(predicted: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Huber (0.5) over its width, on frames with a target.

    Args:
        predicted: (B, T, C) in [-1, 1].
        target: (B, T, C), NaN without one.
        weight: (C,).
    """
    known = torch.isfinite(target)
    loss = functional.huber_loss(
        predicted.float(), torch.nan_to_num(target), reduction="none", delta=0.5
    )
    return (loss / 0.5 * known * weight).mean()


def displaced_scores(confidence: FloatArray, displacement_frames: FloatArray) -> FloatArray:
    """Every frame's confidence moved to where it points; the largest stays. Ends keep what points outside.

    Args:
        confidence, displacement_frames: (N, C).
    """
    n_frames, n_classes = confidence.shape
    moved = np.zeros_like(confidence)
    if not n_frames:
        return moved
    target = np.arange(n_frames)[:, None] + np.round(displacement_frames).astype(np.int64)
    target = np.clip(target, 0, n_frames - 1)
    columns = np.broadcast_to(np.arange(n_classes), target.shape)
    np.maximum.at(moved, (target, columns), confidence)
    return moved
