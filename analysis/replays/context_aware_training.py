"""The training side of CALF grounding: which windows are shown, and the two losses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from analysis.replays.context_aware import REACH_ROWS, WINDOW_ROWS, SiameseCalf
from analysis.replays.learning import Query
from analysis.replays.rows import RATE_HZ, tiled, window_of
from analysis.temporal.context_aware_loss import context_aware_loss
from analysis.temporal.time_shift import encode

# Seconds before and after the event, symmetric (algorithms N.3).
K_ROWS = np.array([[-20.0], [-10.0], [10.0], [20.0]]) * RATE_HZ
_SEGMENTATION_WEIGHT = 0.002
_COORDINATE, _NO_OBJECT = 5.0, 0.5


@dataclass(frozen=True)
class CalfTraining:
    """A ``Trainable``.

    Args:
        queries, held_back: replays to learn from and to validate on.
        positive, same: shares of windows round the event itself and round another event of its class; the rest lies
            anywhere.
    """

    queries: list[Query]
    held_back: list[Query]
    positive: float
    same: float

    def network(self) -> nn.Module:
        """A fresh network."""
        return SiameseCalf()

    def examples(self, split: str) -> "_Windows":
        """Windows; each replay comes once a round."""
        own = self.queries if split == "train" else self.held_back
        return _Windows(own, self.positive, self.same)

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Segmentation and spotting, a window."""
        actionness, found = network(batch["play"], batch["replay"])
        n_windows = len(found)
        k_rows = torch.from_numpy(K_ROWS).float().to(found.device)
        segmentation = context_aware_loss(actionness, batch["shifts"], k_rows) / n_windows
        confidence, place = found[:, 0], found[:, 1]
        there, wanted = batch["there"], batch["place"]
        hit = there * (_COORDINATE * (place - wanted) ** 2 + (1 - confidence) ** 2)
        spotting = (hit + (1 - there) * _NO_OBJECT * confidence**2).mean()
        total = _SEGMENTATION_WEIGHT * segmentation + spotting
        return {"total": total, "segmentation": segmentation, "spotting": spotting}


@dataclass(frozen=True)
class _Windows:
    queries: list[Query]
    positive: float
    same: float

    def __len__(self) -> int:
        return len(self.queries)

    def example(self, index: int, seed: int) -> Mapping[str, Any]:
        """``play``, ``replay`` (240, F), ``shifts`` (240, 1), whether the event is ``there`` and its ``place``."""
        rng = np.random.default_rng([seed, index])
        query = self.queries[index]
        start = self._start(rng, query)
        at = query.action - start
        border = REACH_ROWS // 2
        is_there = border <= at < WINDOW_ROWS - border
        inside = [np.array([at])] if 0 <= at < WINDOW_ROWS else [np.zeros(0, np.int64)]
        shifts = encode(inside, WINDOW_ROWS, K_ROWS).astype(np.float32)
        shifts[:border] = shifts[-border:] = -1.0
        return {
            "play": torch.from_numpy(window_of(query.rows, start, WINDOW_ROWS)),
            "replay": torch.from_numpy(tiled(query.rows, query.start, query.end, WINDOW_ROWS)),
            "shifts": torch.from_numpy(shifts),
            "there": torch.tensor(float(is_there)),
            "place": torch.tensor(float(np.clip(at / (WINDOW_ROWS - 1), 0, 1))),
        }

    def _start(self, rng: np.random.Generator, query: Query) -> int:
        """The first row of a window that has an anchor in its middle third, or of any."""
        draw = rng.random()
        if draw >= self.positive + self.same or (draw >= self.positive and not query.same):
            return int(rng.integers(-REACH_ROWS // 2, max(1, len(query.rows) - WINDOW_ROWS)))
        anchor = query.action if draw < self.positive else int(rng.choice(query.same))
        return anchor - int(rng.integers(REACH_ROWS, WINDOW_ROWS - REACH_ROWS + 1))
