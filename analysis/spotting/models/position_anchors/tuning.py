"""Tuning the last layers by a club's corrections: what people said is learned, everything else is held as it was.

The trunk stays, so its features are computed once; block, norm and head behind it learn where people spoke (right,
wrong, missed) and are kept to their former answers wherever nobody did.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from analysis.core.records import StageEvent
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.spotting.models.position_anchors.confidence import bundled
from analysis.spotting.models.position_anchors.network import REACH, PositionNetwork
from analysis.spotting.models.position_anchors.scene import STEP_MS, Scene
from analysis.spotting.models.position_anchors.targets import (
    CONFIDENCE_REACH_MS,
    DISPLACEMENT_REACH_MS,
)
from analysis.temporal.chunks import plan_chunks
from analysis.training.base import Examples
from analysis.training.loop import TrainingPlan
from analysis.training.loop import train as run_loop

FloatArray = NDArray[np.float32]
N_CLASSES = len(SOCCERNET_V2)
LEARNING = ("last", "norm", "head")
WINDOW, BORDER = 1200, REACH + REACH % 2
# Samples to each side of a correction that one example holds.
AROUND = 24
# An event is looked for this far from where people said it is.
NEAR_SAMPLES = 5
KEEP_WEIGHT, MOVE_WEIGHT = 3.0, 0.3
PLAN = TrainingPlan(
    steps=240,
    batch_size=48,
    learning_rate=1e-3,
    weight_decay=0.0,
    warm_up_steps=20,
    mean_decay=0.97,
    report_every=20,
    loader_workers=0,
)


@dataclass(frozen=True, slots=True)
class Said:
    """What people said: at ``time_ms`` of a video there was (``is_right``) or was not an event of class ``label``."""

    time_ms: int
    label: str
    is_right: bool


@dataclass(frozen=True, slots=True)
class Lesson:
    """One video: its features (T, W), the former answers (T, 3, C), and what people said about it."""

    start_ms: int
    hidden: FloatArray
    former: FloatArray
    said: tuple[Said, ...]

    def sample_of(self, time_ms: int) -> int:
        """The nearest sample, inside the video."""
        return int(np.clip(round((time_ms - self.start_ms) / STEP_MS), 0, len(self.hidden) - 1))


def network_of(weights: Mapping[str, Tensor]) -> PositionNetwork:
    """The network with weights, ready to answer."""
    network = PositionNetwork(N_CLASSES)
    network.load_state_dict(dict(weights))
    return network.eval()


@torch.inference_mode()
def lesson_of(network: PositionNetwork, scene: Scene, said: Sequence[Said]) -> Lesson:
    """The features and former answers of a video's scene."""
    hidden = np.zeros((len(scene), network.head.in_features), np.float32)
    for chunk in plan_chunks(len(scene), WINDOW, BORDER):
        # Pairs of samples begin at even ones, as in the spotter.
        start = chunk.start - chunk.start % 2
        part = slice(start, chunk.start + WINDOW)
        inputs = [torch.from_numpy(x[part])[None] for x in (scene.people, scene.ball, scene.view)]
        kept = network.read(*inputs)[0, chunk.keep_from - start : chunk.keep_to - start]
        hidden[chunk.keep_from : chunk.keep_to] = kept.numpy()
    return Lesson(scene.start_ms, hidden, _answers(network, hidden), tuple(said))


def with_said(lesson: Lesson, said: Sequence[Said]) -> Lesson:
    """The lesson with other words of people."""
    return replace(lesson, said=tuple(said))


@torch.inference_mode()
def _answers(network: PositionNetwork, hidden: FloatArray) -> FloatArray:
    """(T, 3, C) raw outputs of the last layers."""
    return network.tell(torch.from_numpy(hidden)[None])[0].numpy()


def confidences(network: PositionNetwork, lesson: Lesson, said: Sequence[Said]) -> FloatArray:
    """(N,) probability that a network gives each class near the time people spoke of; 0 for classes it never tells."""
    raw = _answers(network, lesson.hidden)[:, 0]
    told = bundled()
    found = []
    for one in said:
        label, at = SOCCERNET_V2.index(one.label), lesson.sample_of(one.time_ms)
        near = raw[max(0, at - NEAR_SAMPLES) : at + NEAR_SAMPLES + 1, label]
        found.append(told.probability(label, float(1 / (1 + np.exp(-near.max())))))
    return np.array(found, np.float32)


def tune(
    lessons: Sequence[Lesson],
    weights: Mapping[str, Tensor],
    folder: Path,
    on_event: Callable[[StageEvent], None],
    plan: TrainingPlan = PLAN,
) -> dict[str, Tensor]:
    """Weights whose last layers learned what people said.

    Args:
        lessons: videos with at least one correction among them, of the network with ``weights``.
        weights: to begin with.
        folder: for the loop's log and checkpoint.
        on_event: told after each step; an exception from it stops the work.
        plan: how long and how.
    """
    network = network_of(weights)
    result = run_loop(_Tuning(lessons, network), plan, folder, on_event=on_event)
    return {**dict(weights), **result.weights}


class _LastLayers(nn.Module):
    """The parts of the network that learn, under the names they have there."""

    def __init__(self, network: PositionNetwork) -> None:
        super().__init__()
        self.last, self.norm, self.head = network.last, network.norm, network.head
        self.tell = network.tell
        self.requires_grad_(True)  # noqa: FBT003

    def forward(self, hidden: Tensor) -> Tensor:
        """(B, T, W) -> (B, T, 3, C)."""
        return self.tell(hidden)


class _Examples:
    """One stretch around each correction; the same in every round."""

    def __init__(self, lessons: Sequence[Lesson]) -> None:
        self.lessons = [lesson for lesson in lessons if len(lesson.hidden) > 2 * AROUND + 1]
        self.rows = [(k, one) for k, lesson in enumerate(self.lessons) for one in lesson.said]

    def __len__(self) -> int:
        return len(self.rows)

    def example(self, index: int, seed: int) -> Mapping[str, Any]:
        """See ``training.base``; the stretch is shifted by ``seed``."""
        k, one = self.rows[index]
        lesson = self.lessons[k]
        shift = int(np.random.default_rng(seed).integers(-AROUND // 2, AROUND // 2 + 1))
        last = len(lesson.hidden) - 2 * AROUND - 1
        first = int(np.clip(lesson.sample_of(one.time_ms) + shift - AROUND, 0, last))
        part = slice(first, first + 2 * AROUND + 1)
        ticks = lesson.start_ms + STEP_MS * np.arange(first, first + 2 * AROUND + 1)
        target, is_said, move, is_moved = targets(lesson.said, ticks)
        return {
            "hidden": lesson.hidden[part], "former": lesson.former[part], "target": target, "is_said": is_said,
            "move": move, "is_moved": is_moved,
        }  # fmt: skip


def targets(
    said: Sequence[Said], ticks_ms: NDArray[np.int64]
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Four tables (T, C): event 0 / 1, whether people said so; displacement -1..1, whether it counts.

    A wrong event speaks against its class as far as an event reaches; a right one for it close by and against it
    further off, and of two that reach a sample the right one counts.
    """
    shape = (len(ticks_ms), N_CLASSES)
    target, is_said, move, is_moved = (np.zeros(shape, np.float32) for _ in range(4))
    for one in sorted(said, key=lambda each: each.is_right):
        label = SOCCERNET_V2.index(one.label)
        shift = one.time_ms - ticks_ms
        near, wide = np.abs(shift) <= CONFIDENCE_REACH_MS, np.abs(shift) <= DISPLACEMENT_REACH_MS
        is_said[wide, label] = 1.0
        if one.is_right:
            target[near, label] = 1.0
            move[near, label], is_moved[near, label] = shift[near] / DISPLACEMENT_REACH_MS, 1.0
    return target, is_said, move, is_moved


class _Tuning:
    """``Trainable`` of the last layers."""

    def __init__(self, lessons: Sequence[Lesson], network: PositionNetwork) -> None:
        self._examples, self._network = _Examples(lessons), network

    def network(self) -> nn.Module:
        """The last layers as they are."""
        return _LastLayers(self._network)

    def examples(self, split: str) -> Examples:
        """Everything that was said; what is held out never comes here."""
        return self._examples

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """What was said, by cross-entropy; what was not, by the distance from the former answers."""
        told, former = network(batch["hidden"]), batch["former"]
        is_said, is_moved = batch["is_said"], batch["is_moved"]
        wrong = functional.binary_cross_entropy_with_logits(
            told[:, :, 0], batch["target"], reduction="none"
        )
        learned = (wrong * is_said).sum() / is_said.sum().clamp_min(1)
        # Answers as probabilities: far below zero nobody needs the very same logit.
        drift = (torch.sigmoid(told[:, :, 0]) - torch.sigmoid(former[:, :, 0])) ** 2
        kept = (drift * (1 - is_said)).sum(dim=2).mean() + 0.01 * (
            (told[:, :, 1] - former[:, :, 1]) ** 2
        ).mean()
        off = functional.huber_loss(told[:, :, 1], batch["move"], delta=0.3, reduction="none")
        moved = (off * is_moved).sum() / is_moved.sum().clamp_min(1)
        total = learned + KEEP_WEIGHT * kept + MOVE_WEIGHT * moved
        return {"total": total, "said": learned.detach(), "kept": kept.detach()}
