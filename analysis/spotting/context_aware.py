"""CALF and its variants: clips round anchors, two losses, and the reading of slots (algorithms E.3 - E.7)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from analysis.core.vocabulary import SOCCERNET_V2
from analysis.spotting.inputs import NetworkInputs, branch_window, feature_window
from analysis.spotting.learned import LabelledHalf, Shape
from analysis.temporal import suppression
from analysis.temporal.anchor_loss import spotting_loss, spotting_targets
from analysis.temporal.chunks import plan_chunks
from analysis.temporal.context_aware_loss import context_aware_loss
from analysis.temporal.time_shift import K_SOCCERNET_V2_S, encode
from analysis.training.loop import TrainingPlan

FloatArray = NDArray[np.float64]

CLIP_FRAMES = 240
RECEPTIVE_FRAMES = 80
N_SLOTS = 15
SEGMENTATION_WEIGHT = 0.000367
WINDOW_FRAMES = 40
CLIPS_AT_ONCE = 8


def k_frames(shape: Shape) -> FloatArray:
    """(4, C) context parameters of a shape's classes in rows."""
    return np.asarray(K_SOCCERNET_V2_S[:, shape.columns] * shape.rate_hz)


@dataclass(frozen=True)
class ContextAwareMethod:
    """What CALF, its modified and its calibration-aware form share.

    Args:
        make: shape -> network: (B, 1, 240, F) and the branch's tensors -> actionness (B, 240, C), slots (B, P, 2 + C).
    """

    make: Callable[[Shape], nn.Module]

    def network(self, shape: Shape) -> nn.Module:
        """A fresh network; it keeps its classes' context parameters as a buffer."""
        network = self.make(shape)
        network.register_buffer("k_frames", torch.from_numpy(k_frames(shape)).float())
        return network

    def plan(self, preset: str) -> TrainingPlan:
        """``gpu`` is the published protocol (18 000 clips an epoch, validation every 20 epochs); ``cpu`` minutes."""
        if preset == "gpu":
            epoch = 18_000 // 32
            return TrainingPlan(
                1000 * epoch, batch_size=32, learning_rate=1e-3, weight_decay=0.0, warm_up_steps=0, optimiser="adam",
                course="constant", validate_every=20 * epoch, plateau_patience=2, patience=12, keep_best=True,
                loader_workers=8, mean_decay=0.0,
            )  # fmt: skip
        return TrainingPlan(
            1000, batch_size=8, learning_rate=1e-3, weight_decay=0.0, warm_up_steps=20, optimiser="adam",
            bfloat16=True, mean_decay=0.99, loader_workers=0,
        )  # fmt: skip

    def examples(
        self, halves: Sequence[LabelledHalf], shape: Shape, *, is_training: bool
    ) -> "AnchoredClips":
        """Clips round anchors of classes drawn uniformly."""
        return AnchoredClips(halves, shape, n_clips=18_000 if is_training else 512)

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Weighted sum of segmentation and spotting, a clip: both papers' sums over the batch, over its size."""
        inputs = {name: value for name, value in batch.items() if name not in {"shifts", "target"}}
        actionness, slots = network(**inputs)
        k: Tensor = network.k_frames  # type: ignore[assignment]
        n_clips = len(slots)
        segmentation = context_aware_loss(actionness, batch["shifts"], k) / n_clips
        spotting = spotting_loss(batch["target"], slots) / n_clips
        total = SEGMENTATION_WEIGHT * segmentation + spotting
        return {"total": total, "segmentation": segmentation, "spotting": spotting}

    def scores(
        self, network: nn.Module, inputs: NetworkInputs, shape: Shape, device: str
    ) -> FloatArray:
        """Confidence of the slots at their rows; where two meet, the larger stays."""
        n_rows = len(inputs)
        scores = np.zeros((n_rows, len(shape.labels)))
        chunks = plan_chunks(n_rows, CLIP_FRAMES, RECEPTIVE_FRAMES // 2)
        for begin in range(0, len(chunks), CLIPS_AT_ONCE):
            part = chunks[begin : begin + CLIPS_AT_ONCE]
            windows = [network_window(inputs, chunk.start) for chunk in part]
            batch = {
                name: torch.from_numpy(np.stack([window[name] for window in windows])).to(device)
                for name in windows[0]
            }
            _, slots = network(**batch)
            for chunk, found in zip(part, slots.float().cpu().numpy(), strict=True):
                row = chunk.start + np.round(found[:, 1] * CLIP_FRAMES).astype(np.int64)
                kept = (row >= chunk.keep_from) & (row < chunk.keep_to)
                label = found[:, 2:].argmax(axis=1)
                np.maximum.at(scores, (row[kept], label[kept]), found[kept, 0])
        return scores

    def peaks(self, scores: FloatArray) -> suppression.Kept:
        """20 s windows, hard; rows without a slot do not count."""
        return suppression.hard(scores, WINDOW_FRAMES, threshold=1e-6)


def network_window(inputs: NetworkInputs, start: int) -> dict[str, NDArray[Any]]:
    """One clip's arrays by the names of the network's arguments."""
    stop = start + CLIP_FRAMES
    window: dict[str, NDArray[Any]] = {
        "features": feature_window(inputs.features, start, stop)[None]
    }
    if inputs.branch is not None:
        window.update(branch_window(inputs.branch, start, stop))
    return window


class AnchoredClips:
    """Clips that hold an event in their middle third, or none at all, classes drawn uniformly (E.6).

    Args:
        halves: with their events.
        shape: classes and rate.
        n_clips: clips of one round.
    """

    def __init__(self, halves: Sequence[LabelledHalf], shape: Shape, n_clips: int) -> None:
        self.halves, self.n_clips = halves, n_clips
        k = k_frames(shape)
        self.shifts = [
            encode([half.event_frames[c] for c in shape.columns], len(half.inputs), k).astype(
                np.float32
            )
            for half in halves
        ]
        self.anchors: list[list[tuple[int, int]]] = []
        for column in shape.columns:
            own = [(i, int(f)) for i, half in enumerate(halves) for f in half.event_frames[column]]
            if own:
                self.anchors.append(own)
        self.quiet = [
            (i, begin, end)
            for i, shifts in enumerate(self.shifts)
            for begin, end in quiet_stretches(shifts, k)
        ]

    def __len__(self) -> int:
        return self.n_clips

    def example(self, index: int, seed: int) -> Mapping[str, Any]:
        """Arguments of the network, ``shifts`` (240, C) and ``target`` (15, 2 + C)."""
        rng = np.random.default_rng([seed, index])
        choice = int(rng.integers(len(self.anchors) + bool(self.quiet)))
        if choice == len(self.anchors):
            i, begin, end = self.quiet[int(rng.integers(len(self.quiet)))]
            start = int(rng.integers(begin, end - CLIP_FRAMES + 1))
        else:
            i, frame = self.anchors[choice][int(rng.integers(len(self.anchors[choice])))]
            start = frame + int(rng.integers(RECEPTIVE_FRAMES - CLIP_FRAMES, -RECEPTIVE_FRAMES))
        n_rows = len(self.halves[i].inputs)
        start = max(0, min(start, n_rows - CLIP_FRAMES))
        # A copy, since the borders are written over (P2).
        shifts = np.full((CLIP_FRAMES, self.shifts[i].shape[1]), -1.0, np.float32)
        border = RECEPTIVE_FRAMES // 2
        known = self.shifts[i][start + border : start + CLIP_FRAMES - border]
        shifts[border : border + len(known)] = known
        window = network_window(self.halves[i].inputs, start)
        example: dict[str, Any] = {name: torch.from_numpy(a) for name, a in window.items()}
        example["shifts"] = torch.from_numpy(shifts)
        example["target"] = spotting_targets(example["shifts"], N_SLOTS)
        return example


def quiet_stretches(shifts: NDArray[np.floating], k: FloatArray) -> list[tuple[int, int]]:
    """Maximal stretches [begin, end), a clip or longer, in which every class is outside its context."""
    outside = ((shifts <= k[0]) | (shifts >= k[3])).all(axis=1)
    edges = np.flatnonzero(np.diff(np.r_[False, outside, False].astype(np.int8))).reshape(-1, 2)
    return [(int(begin), int(end)) for begin, end in edges if end - begin >= CLIP_FRAMES]


ALL_LABELS = SOCCERNET_V2.labels
