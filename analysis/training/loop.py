"""The one training loop: any ``Trainable`` in, the running mean of its weights out.

Linear warm-up and decay over a fixed number of steps, running mean of the weights, checkpoints every few minutes,
optional early stop on the validation loss. A run that is stopped and resumed sees the examples it would have.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, Sampler

from analysis.core.records import StageEvent
from analysis.training.base import Examples, Trainable
from analysis.training.checkpoints import load_checkpoint, save_checkpoint
from analysis.training.logbook import Logbook
from analysis.training.optimisation import (
    make_optimiser,
    rate_share,
    sharpness_aware_backward,
)
from analysis.training.seeds import example_seed, seed_everything


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """How long and how.

    Args:
        steps: optimiser steps in all; the learning rate is planned for this number.
        batch_size: examples a step.
        learning_rate, weight_decay: of AdamW; the rate is the peak.
        warm_up_steps: linear rise before the cosine.
        mean_decay: of the running mean of the weights.
        validate_every: steps between validations; 0 for none.
        patience: validations without a better loss before the run ends; 0 for no early stop.
        report_every: steps between log rows.
        checkpoint_seconds: time between checkpoints.
        max_minutes: stop (resumable) after this time; 0 for no limit.
        seed: of weights, order and augmentation.
        loader_workers: processes that prepare examples.
        bfloat16: run the network in 16 bits where the device can.
        optimiser, course: see ``training.optimisation``.
        sam_radius: of sharpness-aware steps; 0 for ordinary ones, which cost half.
        plateau_patience: validations without a better loss before the rate falls to a tenth; 0 for never.
        keep_best: answer with the mean weights of the best validation in place of the last ones.
    """

    steps: int
    batch_size: int = 16
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2
    warm_up_steps: int = 50
    mean_decay: float = 0.99
    validate_every: int = 0
    patience: int = 0
    report_every: int = 20
    checkpoint_seconds: float = 120.0
    max_minutes: float = 0.0
    seed: int = 0
    loader_workers: int = 1
    bfloat16: bool = False
    optimiser: str = "adamw"
    course: str = "cosine"
    sam_radius: float = 0.0
    plateau_patience: int = 0
    keep_best: bool = False


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """What a run came to: the mean weights, steps done, last losses, and whether all planned steps are done."""

    weights: dict[str, Tensor]
    steps: int
    losses: dict[str, float]
    is_complete: bool


class _Seeded(Dataset):  # type: ignore[type-arg]
    """Examples by their number in the whole run: number = round * len + index."""

    def __init__(self, examples: Examples, seed: int) -> None:
        self.examples, self.seed = examples, seed

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, number: int) -> Mapping[str, Any]:
        round_number, index = divmod(number, len(self.examples))
        return self.examples.example(index, example_seed(self.seed, round_number, index))


class _Order(Sampler[int]):
    """Shuffled rounds without end, from any position on."""

    def __init__(self, length: int, seed: int, start: int, stop: int) -> None:
        self.length, self.seed, self.start, self.stop = length, seed, start, stop

    def __iter__(self) -> Iterator[int]:
        position = self.start
        while position < self.stop:
            round_number, done = divmod(position, self.length)
            order = np.random.default_rng([self.seed, round_number]).permutation(self.length)
            for index in order[done:][: self.stop - position]:
                yield round_number * self.length + int(index)
                position += 1


def train(
    trainable: Trainable,
    plan: TrainingPlan,
    folder: Path,
    *,
    device: str = "cpu",
    resume: bool = False,
    initial: Mapping[str, Tensor] | None = None,
    on_event: Callable[[StageEvent], None] | None = None,
) -> TrainingResult:
    """Train, leaving ``checkpoint.pt`` and ``log.jsonl`` in the folder of the run.

    Args:
        trainable: the method's training side.
        plan: see ``TrainingPlan``.
        folder: of this run; created when needed.
        device: torch device.
        resume: go on from the checkpoint when there is one.
        initial: weights to begin with, of an earlier stage; None for fresh ones.
        on_event: called after every step with steps done and planned.
    """
    run = _Run(trainable, plan, folder, device, initial)
    if resume:
        run.restore()
    return run.go(on_event or (lambda event: None))


class _Run:
    def __init__(
        self,
        trainable: Trainable,
        plan: TrainingPlan,
        folder: Path,
        device: str,
        initial: Mapping[str, Tensor] | None,
    ) -> None:
        seed_everything(plan.seed)
        self.trainable, self.plan, self.folder, self.device = trainable, plan, folder, device
        self.network = trainable.network().to(device)
        for value in self.network.parameters():
            if (
                value.ndim == 4
            ):  # three-dimensional convolutions have five, which this order is not made for
                value.data = value.data.contiguous(memory_format=torch.channels_last)
        if initial is not None:
            self.network.load_state_dict(dict(initial))
        self.mean = {
            name: value.detach().clone() for name, value in self.network.state_dict().items()
        }
        self.optimiser = make_optimiser(
            self.network, plan.optimiser, plan.learning_rate, plan.weight_decay
        )
        self.step, self.best, self.bad, self.drops = 0, math.inf, 0, 0
        self.best_mean: dict[str, Tensor] = {}
        self.losses: dict[str, float] = {}
        self.log = Logbook(folder)

    def restore(self) -> None:
        state = load_checkpoint(self.folder)
        if state is None:
            return
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.mean = {name: value.to(self.device) for name, value in state["mean"].items()}
        self.step, self.best, self.bad = state["step"], state["best"], state["bad"]
        self.drops, self.best_mean = state.get("drops", 0), state.get("best_mean", {})

    def save(self) -> None:
        save_checkpoint(
            self.folder,
            {
                "network": self.network.state_dict(), "optimiser": self.optimiser.state_dict(),
                "mean": self.mean, "step": self.step, "best": self.best, "bad": self.bad,
                "drops": self.drops, "best_mean": self.best_mean,
            },
        )  # fmt: skip

    def go(self, on_event: Callable[[StageEvent], None]) -> TrainingResult:
        plan = self.plan
        started = saved = time.monotonic()
        for batch in self._batches():
            self._optimise(batch)
            if self.step % plan.report_every == 0 or self.step == plan.steps:
                self.log.write(
                    {
                        "step": self.step,
                        "seconds": round(time.monotonic() - started, 1),
                        **self.losses,
                    }
                )
            on_event(StageEvent("train", self.step, plan.steps))
            if plan.validate_every and self.step % plan.validate_every == 0 and self._is_spent():
                break
            if time.monotonic() - saved > plan.checkpoint_seconds:
                self.save()
                saved = time.monotonic()
            if plan.max_minutes and time.monotonic() - started > 60 * plan.max_minutes:
                break
        self.save()
        spent = bool(plan.patience) and self.bad >= plan.patience
        weights = self.best_mean if plan.keep_best and self.best_mean else self.mean
        return TrainingResult(weights, self.step, self.losses, self.step >= plan.steps or spent)

    def _batches(self) -> Iterator[Mapping[str, Any]]:
        plan = self.plan
        examples = self.trainable.examples("train")
        order = _Order(
            len(examples), plan.seed, self.step * plan.batch_size, plan.steps * plan.batch_size
        )
        loader = DataLoader(
            _Seeded(examples, plan.seed),
            batch_size=plan.batch_size,
            sampler=order,
            num_workers=plan.loader_workers,
            prefetch_factor=3 if plan.loader_workers else None,
        )
        for batch in loader:
            yield self._moved(batch)

    def _moved(self, batch: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value.to(self.device) for name, value in batch.items()}

    def _optimise(self, batch: Mapping[str, Any]) -> None:
        plan = self.plan
        share = rate_share(
            self.step, steps=plan.steps, warm_up_steps=plan.warm_up_steps, course=plan.course
        )
        rate = plan.learning_rate * share * 0.1**self.drops
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.network.train()
        self.optimiser.zero_grad(set_to_none=True)
        losses = sharpness_aware_backward(
            self.network, lambda: self._losses(batch), plan.sam_radius
        )
        nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimiser.step()
        self.step += 1
        self._average()
        for name, value in losses.items():
            number = float(value.detach())
            self.losses[name] = round(0.9 * self.losses.get(name, number) + 0.1 * number, 6)

    def _losses(self, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        kind = torch.device(self.device).type
        with torch.autocast(kind, dtype=torch.bfloat16, enabled=self.plan.bfloat16):
            return self.trainable.loss(self.network, batch)

    def _average(self) -> None:
        decay = min(self.plan.mean_decay, (1 + self.step) / (10 + self.step))
        for name, value in self.network.state_dict().items():
            if value.is_floating_point():
                self.mean[name].lerp_(value, 1 - decay)
            else:
                self.mean[name].copy_(value)

    def _is_spent(self) -> bool:
        """Validate with the mean weights; True when patience is over."""
        kept = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.network.load_state_dict(self.mean)
        self.network.eval()
        examples = self.trainable.examples("validation")
        loader = DataLoader(_Seeded(examples, self.plan.seed), batch_size=self.plan.batch_size)
        with torch.no_grad():
            totals = [float(self._losses(self._moved(batch))["total"]) for batch in loader]
        self.network.load_state_dict(kept)
        loss = float(np.mean(totals))
        self.log.write({"step": self.step, "validation": round(loss, 6)})
        self.bad = 0 if loss < self.best else self.bad + 1
        if loss < self.best and self.plan.keep_best:
            self.best_mean = {name: value.clone() for name, value in self.mean.items()}
        self.best = min(loss, self.best)
        plateau = self.plan.plateau_patience
        if plateau and self.bad and self.bad % plateau == 0:
            self.drops += 1
        return bool(self.plan.patience) and self.bad >= self.plan.patience
