"""``python -m analysis train replays/transformer --data HALVES``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from analysis.replays.learning import Query, Tell, train_grounder
from analysis.replays.models.transformer import WEIGHTS_FILE
from analysis.replays.models.transformer.network import BACK_ROWS, CLIP_ROWS, PairTransformer
from analysis.replays.rows import tiled, window_of
from analysis.training.base import TrainingReport, TrainingRequest
from analysis.training.loop import TrainingPlan

PLANS = {
    "cpu": TrainingPlan(
        600, batch_size=24, learning_rate=1e-3, weight_decay=0.0, optimiser="adam", mean_decay=0.98,
        loader_workers=0,
    ),
    "gpu": TrainingPlan(
        8000, batch_size=128, learning_rate=2e-4, weight_decay=0.0, optimiser="adam", mean_decay=0.99
    ),
}  # fmt: skip


@dataclass(frozen=True)
class PairTraining:
    """A ``Trainable``: as many windows with the event as without, all from the 120 s before the replay."""

    queries: list[Query]
    held_back: list[Query]

    def network(self) -> nn.Module:
        """A fresh network."""
        return PairTransformer()

    def examples(self, split: str) -> "_Pairs":
        """A window with and one without for each replay and round."""
        return _Pairs(self.queries if split == "train" else self.held_back)

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Cross-entropy of "is it here", squares of the place where it is."""
        found = network(batch["play"], batch["replay"])
        there = batch["there"]
        known = nn.functional.binary_cross_entropy_with_logits(found[:, 0], there)
        place = (there * (found[:, 1] - batch["place"]) ** 2).sum() / there.sum().clamp_min(1)
        return {"total": known + 5 * place, "known": known, "place": place}


@dataclass(frozen=True)
class _Pairs:
    queries: list[Query]

    def __len__(self) -> int:
        return 2 * len(self.queries)

    def example(self, index: int, seed: int) -> Mapping[str, Any]:
        """``play``, ``replay`` (60, F), whether the event is ``there`` and its ``place``."""
        rng = np.random.default_rng([seed, index])
        query = self.queries[index // 2]
        first, last = query.start - BACK_ROWS, query.start - CLIP_ROWS
        if index % 2 == 0:
            start = query.action - int(rng.integers(1, CLIP_ROWS - 1))
            start = max(first, min(start, last))
        else:
            start = int(rng.integers(first, last + 1))
        at = query.action - start
        is_there = 0 <= at < CLIP_ROWS
        return {
            "play": torch.from_numpy(window_of(query.rows, start, CLIP_ROWS)),
            "replay": torch.from_numpy(tiled(query.rows, query.start, query.end, CLIP_ROWS)),
            "there": torch.tensor(float(is_there)),
            "place": torch.tensor(float(np.clip(at / (CLIP_ROWS - 1), 0, 1))),
        }


def train(request: TrainingRequest, on_event: Tell) -> TrainingReport:
    """Train on simulated halves."""
    return train_grounder(PairTraining, PLANS[request.preset], WEIGHTS_FILE, request, on_event)
