"""Spotters that judge every row of a clip: background or one of the classes (algorithms J.9, K, L)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from analysis.spotting.inputs import NetworkInputs, branch_window, feature_window
from analysis.spotting.learned import FloatArray, LabelledHalf, Shape
from analysis.temporal import suppression
from analysis.training.loop import TrainingPlan

_NEAR_EVENTS = 0.8
CLIPS_AT_ONCE = 4


@dataclass(frozen=True)
class ClipMethod:
    """What end-to-end spotters share.

    Args:
        make: shape -> network: a clip's arrays by name -> (B, T, 1 + C) logits, column 0 the background.
        clip_rows: T, by size of the shape.
        plans: preset -> plan.
        suppression_rows: a peak removes its class this far to both sides.
        foreground_weight: of rows with an event against those without.
        is_softmax: one class a row; otherwise every class by itself.
        radius_rows: rows to both sides of an event that count as it.
        mix_alpha: of mix-up's beta distribution; 0 for none.
        border_rows: answers this near to a clip's inner ends are not believed.
        takes_largest: overlapping clips give their largest answer, otherwise their mean.
    """

    make: Callable[[Shape], nn.Module]
    clip_rows: Mapping[str, int]
    plans: Mapping[str, TrainingPlan]
    suppression_rows: int = 2
    foreground_weight: float = 5.0
    is_softmax: bool = True
    radius_rows: int = 0
    mix_alpha: float = 0.0
    border_rows: int = 0
    takes_largest: bool = False

    def network(self, shape: Shape) -> nn.Module:
        """A fresh network."""
        return self.make(shape)

    def plan(self, preset: str) -> TrainingPlan:
        """As published on ``gpu``, minutes on ``cpu``."""
        return self.plans[preset]

    def examples(
        self, halves: Sequence[LabelledHalf], shape: Shape, *, is_training: bool
    ) -> "Clips":
        """Clips at random places, most of them round events."""
        n_rows = self.clip_rows[shape.size]
        return Clips(halves, shape, n_rows, self.radius_rows, 5000 if is_training else 64)

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Cross-entropy of rows, foreground weighted; clips and labels mixed in pairs where the method does so."""
        inputs = {name: value for name, value in batch.items() if name != "target"}
        target = batch["target"]
        if self.mix_alpha > 0 and network.training:
            inputs, target = _mixed(inputs, target, self.mix_alpha)
        logits = network(**inputs).float()
        if not self.is_softmax:
            weight = 1 + (self.foreground_weight - 1) * target[..., 1:]
            loss = functional.binary_cross_entropy_with_logits(
                logits[..., 1:], target[..., 1:], weight
            )
            return {"total": loss}
        weight = torch.full_like(logits[0, 0], self.foreground_weight)
        weight[0] = 1.0
        terms = -(logits.log_softmax(dim=-1) * target * weight)
        return {"total": terms.sum() / (target * weight).sum()}

    def scores(
        self, network: nn.Module, inputs: NetworkInputs, shape: Shape, device: str
    ) -> FloatArray:
        """Probability of each class at each row, from clips that overlap by half."""
        n_rows, length = len(inputs), self.clip_rows[shape.size]
        starts = list(range(0, max(1, n_rows - length // 2), max(1, length // 2)))
        total = np.zeros((n_rows, len(shape.labels)))
        count = np.zeros((n_rows, 1))
        for begin in range(0, len(starts), CLIPS_AT_ONCE):
            part = starts[begin : begin + CLIPS_AT_ONCE]
            windows = [clip_arrays(inputs, start, length) for start in part]
            batch = {
                name: torch.from_numpy(np.stack([window[name] for window in windows])).to(device)
                for name in windows[0]
            }
            logits = network(**batch).float()
            share = logits.softmax(dim=-1) if self.is_softmax else torch.sigmoid(logits)
            for start, answer in zip(part, share[..., 1:].cpu().numpy(), strict=True):
                first = start + (self.border_rows if start else 0)
                last = min(n_rows, start + length)
                last -= self.border_rows if last < n_rows else 0
                own = answer[first - start : last - start]
                if self.takes_largest:
                    np.maximum(total[first:last], own, out=total[first:last])
                else:
                    total[first:last] += own
                count[first:last] += 1
        return total if self.takes_largest else np.asarray(total / np.maximum(count, 1))

    def peaks(self, scores: FloatArray) -> suppression.Kept:
        """Hard, the same rows to both sides."""
        return suppression.hard_symmetric(scores, 2 * self.suppression_rows, threshold=0.01)


class Clips:
    """Clips with the class of every row.

    Args:
        halves: with their events.
        shape: classes.
        n_rows: T; rows past the end of a half are zeros and background.
        radius_rows: rows to both sides of an event that count as it.
        n_clips: of one round.
    """

    def __init__(
        self,
        halves: Sequence[LabelledHalf],
        shape: Shape,
        n_rows: int,
        radius_rows: int,
        n_clips: int,
    ) -> None:
        self.halves, self.n_rows, self.n_clips = halves, n_rows, n_clips
        self.targets = []
        self.events: list[tuple[int, int]] = []
        for i, half in enumerate(halves):
            target = np.zeros((len(half.inputs), 1 + len(shape.labels)), np.float32)
            for place, column in enumerate(shape.columns):
                for frame in half.event_frames[column]:
                    target[max(0, frame - radius_rows) : frame + radius_rows + 1, 1 + place] = 1
                    self.events.append((i, int(frame)))
            target[:, 0] = ~target[:, 1:].any(axis=1)
            self.targets.append(target / np.maximum(target.sum(axis=1, keepdims=True), 1))

    def __len__(self) -> int:
        return self.n_clips

    def example(self, index: int, seed: int) -> Mapping[str, Any]:
        """The network's arguments and ``target`` (T, 1 + C), each row of sum 1 (0 past the end)."""
        rng = np.random.default_rng([seed, index])
        if self.events and rng.random() < _NEAR_EVENTS:
            i, frame = self.events[int(rng.integers(len(self.events)))]
            start = frame - int(rng.integers(self.n_rows))
        else:
            i = int(rng.integers(len(self.halves)))
            start = int(rng.integers(max(1, len(self.targets[i]) - self.n_rows + 1)))
        start = max(0, min(start, len(self.targets[i]) - self.n_rows))
        arrays = clip_arrays(self.halves[i].inputs, start, self.n_rows)
        example = {name: torch.from_numpy(value) for name, value in arrays.items()}
        target = feature_window(self.targets[i], start, start + self.n_rows)
        return {**example, "target": torch.from_numpy(target)}


def clip_arrays(inputs: NetworkInputs, start: int, n_rows: int) -> dict[str, Any]:
    """One clip's arrays by the names of the network's arguments; no ``features`` where they have no width."""
    stop = start + n_rows
    arrays: dict[str, Any] = {}
    if inputs.features.shape[1]:
        arrays["features"] = feature_window(inputs.features, start, stop)
    if inputs.branch is not None:
        arrays.update(branch_window(inputs.branch, start, stop))
    # What is joined is known already: edges between people are of no use to these methods.
    arrays.pop("adjacency", None)
    return arrays


def _mixed(
    inputs: Mapping[str, Tensor], target: Tensor, alpha: float
) -> tuple[dict[str, Tensor], Tensor]:
    n_clips = len(target)
    share = torch.distributions.Beta(alpha, alpha).sample((n_clips,)).to(target.device)
    order = torch.randperm(n_clips, device=target.device)

    def mix(values: Tensor) -> Tensor:
        own = share.view(-1, *[1] * (values.ndim - 1))
        return own * values.float() + (1 - own) * values[order].float()

    return {name: mix(values) for name, values in inputs.items()}, mix(target)
