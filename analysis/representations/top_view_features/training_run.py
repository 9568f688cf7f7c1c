"""``python -m analysis train representations/top_view_features --data HALVES``: the bundled encoder, from nothing.

Without ImageNet's weights the encoder learns what a top view shows by saying it again: from the picture alone it tells
the coarse map of people and the camera's view (``pitch_layout``), which positions give for free. Shirts are coloured
anew in every example, so that colours mean teams and not names.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from analysis.core.pitch import STANDARD_PITCH
from analysis.core.problems import InputProblem
from analysis.core.records import CalibrationTrack, PlayersTrack, StageEvent
from analysis.representations import pitch_layout, top_view_colour
from analysis.representations.base import HalfView
from analysis.representations.layout import N_GROUPS
from analysis.representations.top_view_features import WEIGHTS_FILE
from analysis.representations.top_view_features.backbones import (
    SMALL_VIEW,
    SMALL_WIDTH,
    SmallEncoder,
)
from analysis.synthetic.halves import load_half
from analysis.synthetic.sightings import draw_sight, sightings
from analysis.training.base import Examples, TrainingReport, TrainingRequest
from analysis.training.loop import TrainingPlan
from analysis.training.loop import train as run_loop
from analysis.training.memory import keep_freed_memory
from analysis.training.weights import save_weights

PLANS = {
    "cpu": TrainingPlan(
        1500, batch_size=64, learning_rate=2e-3, weight_decay=1e-3, bfloat16=True, loader_workers=0
    ),
    "gpu": TrainingPlan(
        20_000,
        batch_size=256,
        learning_rate=2e-3,
        weight_decay=1e-3,
        bfloat16=True,
        loader_workers=8,
    ),
}
N_HALVES = 12
EVERY = 5
"""Neighbouring samples look alike: one in so many is kept."""


class Telling(nn.Module):
    """The encoder and the layer that says what it saw; only the encoder is kept.

    Args:
        n_targets: numbers to tell.
    """

    def __init__(self, n_targets: int) -> None:
        super().__init__()
        self.encoder = SmallEncoder()
        self.telling = nn.Linear(SMALL_WIDTH, n_targets)

    def forward(self, pictures: Tensor) -> Tensor:
        """(B, 3, 80, 128) -> (B, n_targets)."""
        return self.telling(self.encoder(pictures))


class Seen:
    """Pictures of some halves and what they show.

    Args:
        paths: of halves.
        seed: of how they are seen.
    """

    def __init__(self, paths: list[Path], seed: int) -> None:
        views = top_view_colour.build(SMALL_VIEW)
        layouts = pitch_layout.build(pitch_layout.Settings())
        pictures, targets = [], []
        for path in paths:
            rng = np.random.default_rng([seed, *path.stem.encode()])
            half = load_half(path)
            # Any two kits, so that the encoder cannot learn this match's.
            half = replace(half, kit_rgb=rng.uniform(0, 255, half.kit_rgb.shape))
            players, calibrations = sightings(half, draw_sight(rng), rng)
            view = HalfView(*_thinned(calibrations, players), STANDARD_PITCH, floor=0.3)
            known = view.calibrations.usable(view.floor)
            pictures.append(views.build(view).images[known])
            targets.append(layouts.build(view).values[known])
        self.pictures, self.targets = np.concatenate(pictures), _told(np.concatenate(targets))

    def __len__(self) -> int:
        return len(self.pictures)

    def example(self, index: int, seed: int) -> Mapping[str, Any]:
        """``picture`` (3, 80, 128) in [0, 1] and ``target``; channels are shuffled, since any colour is as good."""
        order = np.random.default_rng(seed).permutation(3)
        picture = self.pictures[index][..., order].transpose(2, 0, 1).astype(np.float32) / 255
        return {
            "picture": torch.from_numpy(np.ascontiguousarray(picture)),
            "target": torch.from_numpy(self.targets[index]),
        }


def _thinned(
    calibrations: CalibrationTrack, players: PlayersTrack
) -> tuple[CalibrationTrack, PlayersTrack]:
    every = slice(None, None, EVERY)
    return (
        replace(
            calibrations,
            times_ms=calibrations.times_ms[every],
            frame_indices=calibrations.frame_indices[every],
            image_from_pitch=calibrations.image_from_pitch[every],
            confidence=calibrations.confidence[every],
            status=calibrations.status[every],
        ),
        players,
    )


def _told(layouts: np.ndarray) -> np.ndarray:
    """(N, K) what a picture can tell of a layout: people of all groups together, and the view."""
    n_cells = (layouts.shape[1] - pitch_layout.N_SUMMARY) // N_GROUPS
    people = layouts[:, : N_GROUPS * n_cells].reshape(len(layouts), N_GROUPS, n_cells).sum(axis=1)
    summary = layouts[:, -pitch_layout.N_SUMMARY :]
    return np.concatenate([people, summary[:, 1:6], summary[:, [-5, -4, -1]]], axis=1)


class _Training:
    def __init__(self, training: Seen, validation: Seen) -> None:
        self.seen = {"train": training, "validation": validation}

    def network(self) -> nn.Module:
        return Telling(self.seen["train"].targets.shape[1])

    def examples(self, split: str) -> Examples:
        return self.seen[split]

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        error = (network(batch["picture"]).float() - batch["target"]) ** 2
        return {"total": error.mean()}


def train(request: TrainingRequest, on_event: Callable[[StageEvent], None]) -> TrainingReport:
    """Train the bundled encoder on simulated halves.

    Raises:
        InputProblem: no halves.
    """
    paths = sorted(request.data.glob("half-*.npz")) if request.data else []
    if len(paths) < 2:
        raise InputProblem(
            "labels_missing",
            "This encoder learns from simulated halves: name a folder of `simulate_halves` with --data.",
        )
    keep_freed_memory()
    n_training = min(N_HALVES, len(paths) - 1)
    training, validation = (
        Seen(own, request.seed) for own in (paths[:n_training], paths[n_training : n_training + 1])
    )
    plan = PLANS[request.preset]
    steps = max(1, round(plan.steps * request.steps_share))
    trainable = _Training(training, validation)
    result = run_loop(
        trainable,
        replace(plan, seed=request.seed, steps=steps),
        request.folder,
        device=request.device,
        resume=request.resume,
        on_event=on_event,
    )
    network = trainable.network()
    network.load_state_dict(result.weights)
    encoder = {
        name.removeprefix("encoder."): value
        for name, value in result.weights.items()
        if name.startswith("encoder.")
    }
    path = request.folder / WEIGHTS_FILE
    digest = save_weights(encoder, path, half=True)
    return TrainingReport({path: digest}, _explained(network, validation), result.is_complete)


@torch.inference_mode()
def _explained(network: nn.Module, seen: Seen) -> dict[str, float]:
    """Share of the variance of what there is to tell that the network tells, on a half it was not trained on."""
    pictures = torch.from_numpy(seen.pictures).permute(0, 3, 1, 2).float() / 255
    told = network.eval()(pictures).numpy()
    left = ((told - seen.targets) ** 2).sum()
    return {
        "explained_variance": float(1 - left / ((seen.targets - seen.targets.mean(0)) ** 2).sum())
    }
