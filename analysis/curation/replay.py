"""Active learning replayed on halves whose events are known: the truth answers in place of a human.

The clips of the pool are the windows of a spotter that judges windows. Features are first reduced to their principal
components over the whole pool, as the published experiment has them; that needs no annotation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from analysis.curation.measures import FloatArray, IntArray
from analysis.metrics.spotting import SpottingScore
from analysis.spotting.learned import LabelledHalf, LearnedSpotter, Shape
from analysis.spotting.learning import measure
from analysis.spotting.windows import WindowMethod, Windows
from analysis.training.base import Examples
from analysis.training.loop import train
from analysis.training.seeds import seed_everything

_CLIPS_AT_ONCE = 512
Weights = Mapping[str, Tensor]


class WindowLearner:
    """A window spotter that is taught clip by clip.

    Args:
        method: of the spotter.
        shape: of its network.
        pool: halves that are annotated clip by clip.
        held_out: halves to measure on.
        steps: of a full training.
        seed: of weights and order.
    """

    def __init__(
        self,
        method: WindowMethod,
        shape: Shape,
        pool: Sequence[LabelledHalf],
        held_out: Sequence[LabelledHalf],
        *,
        steps: int,
        seed: int = 0,
    ) -> None:
        self.method, self.shape, self.held_out = method, shape, held_out
        self.plan = replace(
            method.plan("cpu"), steps=steps, seed=seed, validate_every=0, report_every=steps
        )
        windows = Windows(pool, shape, method.frames(shape))
        clips = [windows.example(i, 0)["features"] for i in range(len(windows))]
        self.features = torch.stack(clips)  # (N, T, D)
        self.labels = torch.from_numpy(windows.labels)  # (N, 1 + C)
        self.half = np.array([i for i, _ in windows.places], np.int64)
        self.weights: Weights | None = None
        self.measured: Mapping[str, SpottingScore] = {}

    @cached_property
    def looks(self) -> FloatArray:
        """(N, 2 D): mean and spread of each clip's rows."""
        both = torch.cat([self.features.mean(dim=1), self.features.std(dim=1)], dim=1)
        return np.asarray(both.numpy(), np.float64)

    def learn(self, labelled: IntArray, share_of_effort: float, *, is_fresh: bool) -> None:
        """See ``loop.Learner``."""
        steps = max(1, round(self.plan.steps * share_of_effort))
        initial = None if is_fresh else self.weights
        self.weights = self._taught(labelled, steps, initial)

    @torch.inference_mode()
    def scores(self) -> FloatArray:
        """(N, C), without the background: what is doubtful of it is doubtful of some class."""
        network: Any = self._network(self.weights)
        found = [
            torch.sigmoid(network.judge(network.rows(part)).float())[:, 1:]
            for part in torch.split(self.features, _CLIPS_AT_ONCE)
        ]
        return np.asarray(torch.cat(found).numpy(), np.float64)

    def measure(self, labelled: IntArray) -> float:
        """Loose Average-mAP in per cent over all classes; ``measured`` keeps the whole of it."""
        network = self._network(self._taught(labelled, self.plan.steps, None))
        spotter = LearnedSpotter([(self.method, self.shape, network)], 1, "cpu")
        self.measured = measure(spotter, self.held_out)
        return 100 * self.measured["loose"].average_map

    def _network(self, weights: Weights | None) -> nn.Module:
        seed_everything(self.plan.seed)
        network = self.method.network(self.shape)
        if weights is not None:
            network.load_state_dict(dict(weights))
        return network.eval()

    def _taught(self, labelled: IntArray, steps: int, initial: Weights | None) -> Weights:
        lesson = _Lesson(self, torch.from_numpy(labelled))
        plan = replace(self.plan, steps=steps)
        with TemporaryDirectory(prefix="touchline-lesson-") as folder:
            return train(lesson, plan, Path(folder), initial=initial).weights


class _Lesson:
    """Some clips of the pool as the one training loop wants them."""

    def __init__(self, learner: WindowLearner, clips: Tensor) -> None:
        self.learner, self.clips = learner, clips

    def __len__(self) -> int:
        return len(self.clips)

    def example(self, index: int, seed: int) -> Mapping[str, Tensor]:
        del seed
        clip = self.clips[index]
        return {"features": self.learner.features[clip], "labels": self.learner.labels[clip]}

    def network(self) -> nn.Module:
        return self.learner.method.network(self.learner.shape)

    def examples(self, split: str) -> Examples:
        del split
        return self

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        return self.learner.method.loss(network, batch)
