"""The training side: simulated halves, seen differently each time, cut into stretches of two minutes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn

from analysis.core.pitch import STANDARD_PITCH
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.spotting.models.position_anchors.network import PositionNetwork
from analysis.spotting.models.position_anchors.scene import STEP_MS, Scene, build_scene
from analysis.spotting.models.position_anchors.targets import anchor_losses, dense_targets
from analysis.synthetic.halves import SimulatedHalf, load_half
from analysis.synthetic.sightings import draw_sight, sightings
from analysis.training.base import Examples

FloatArray = NDArray[np.float32]

N_CLASSES = len(SOCCERNET_V2)
CHUNK_SAMPLES = 240
VERSIONS = 2
"""Ways of seeing each half that are kept at once; cheap changes come on top for each example."""
AROUND_EVENT_SHARE = 0.6
MOST_RARE_WEIGHT = 12.0


class SceneExamples:
    """Stretches of simulated halves; one round draws ``per_half`` from each.

    Args:
        paths: files of halves.
        per_half: stretches from each a round.
        kept: folder where scenes are kept once they are built.
        augmented: worsen and turn them.
    """

    def __init__(
        self, paths: list[Path], per_half: int, kept: Path, *, augmented: bool = True
    ) -> None:
        self.paths, self.per_half, self.augmented = paths, per_half, augmented
        self.kept = kept
        kept.mkdir(parents=True, exist_ok=True)
        self.events = [_events(path) for path in paths]
        self.rarity = _rarity(self.events)
        self._scenes: dict[tuple[int, int], Scene] = {}

    def __len__(self) -> int:
        return len(self.paths) * self.per_half

    def example(self, index: int, seed: int) -> Mapping[str, Any]:
        """See ``training.base``."""
        number = index % len(self.paths)
        rng = np.random.default_rng(seed)
        version = int(rng.integers(VERSIONS)) if self.augmented else 0
        scene = self._scene(number, version)
        start = self._start(number, len(scene), rng)
        part = slice(start, start + CHUNK_SAMPLES)
        ticks = scene.start_ms + STEP_MS * np.arange(start, start + CHUNK_SAMPLES)
        event_ms, label, team = self.events[number]
        near = (event_ms > ticks[0] - 10_000) & (event_ms < ticks[-1] + 10_000)
        target = dense_targets(event_ms[near], label[near], team[near], ticks, N_CLASSES)
        people = scene.people[part].astype(np.float32)
        ball, view = scene.ball[part].astype(np.float32), scene.view[part].astype(np.float32)
        if self.augmented:
            worsen(people, ball, rng)
            turn(people, ball, view, target, rng)
        crop = np.array(_crop(rng), np.int64)
        return {"people": people, "ball": ball, "view": view, "target": target, "crop": crop}

    def _start(self, number: int, n_samples: int, rng: Generator) -> int:
        last = n_samples - CHUNK_SAMPLES
        event_ms, label, _ = self.events[number]
        if not len(event_ms) or rng.random() > AROUND_EVENT_SHARE:
            return int(rng.integers(0, last + 1))
        weight = self.rarity[label]
        chosen = int(rng.choice(len(event_ms), p=weight / weight.sum()))
        middle = int(event_ms[chosen]) // STEP_MS - int(rng.integers(20, CHUNK_SAMPLES - 20))
        return int(np.clip(middle, 0, last))

    def _scene(self, number: int, version: int) -> Scene:
        """The half seen in one of its ways, in 16 bits; the same however often it is built."""
        key = (number, version)
        if key not in self._scenes:
            self._scenes[key] = kept_scene(self.paths[number], version, self.kept)
        return self._scenes[key]


def kept_scene(path: Path, version: int, folder: Path) -> Scene:
    """The scene of a half as it is seen in way ``version``, from a folder or made and put there."""
    file = folder / f"{path.stem}-{version}.npz"
    if file.is_file():
        with np.load(file) as stored:
            return Scene(0, stored["people"], stored["ball"], stored["view"])
    rng = np.random.default_rng([*(int(part) for part in path.stem.split("-")[1:]), version])
    players, calibrations = sightings(load_half(path), draw_sight(rng), rng)
    scene = build_scene({"players": players, "calibrations": calibrations}, STANDARD_PITCH)
    arrays = {name: getattr(scene, name).astype(np.float16) for name in ("people", "ball", "view")}
    part = file.with_suffix(".part")
    with part.open("wb") as stream:
        np.savez(stream, **arrays)
    part.replace(file)
    return Scene(0, **arrays)


def _crop(rng: Generator) -> tuple[int, int]:
    """The whole stretch, or a fifth of the time 6 to 60 seconds of it: clips begin and end anywhere."""
    if rng.random() > 0.2:
        return 0, CHUNK_SAMPLES
    length = 2 * int(rng.integers(6, CHUNK_SAMPLES // 4))
    start = int(rng.integers(0, CHUNK_SAMPLES - length + 1))
    return start, start + length


def worsen(people: FloatArray, ball: FloatArray, rng: Generator) -> None:
    """Lose people and sightings of the ball, shake positions; in place."""
    shape = people.shape[:2]
    people[..., 7] *= rng.random(shape) >= rng.uniform(0, 0.12)
    if rng.random() < 0.5:
        people[..., :2] += rng.normal(0, rng.uniform(0, 0.35), (*shape, 2)).astype(np.float32)
    if rng.random() < 0.5:
        people[..., 2:4] += rng.normal(0, rng.uniform(0, 0.5), (*shape, 2)).astype(np.float32)
    people[..., 2:4] *= np.float32(rng.uniform(0.8, 1.25))
    if rng.random() < 0.1:
        people[..., 4] = 0.0
    elif rng.random() < 0.25:
        # Tracking systems often leave the officials out.
        people[..., 7] *= people[..., 4] != 0
    people[people[..., 7] == 0] = 0.0
    if rng.random() < 0.12:
        ball[:] = [0, 0, 0, 0, 0, 10.0]
    ball[:, 2:4] *= np.float32(rng.uniform(0.8, 1.25))


def turn(
    people: FloatArray, ball: FloatArray, view: FloatArray, target: FloatArray, rng: Generator
) -> None:
    """Mirror the pitch along and across, and exchange the teams, each half of the time; in place."""
    if rng.random() < 0.5:
        people[..., [0, 2]] *= -1
        ball[..., [0, 2]] *= -1
        view[..., 1] *= -1
        view[..., [3, 4]] = -view[..., [4, 3]]
    if rng.random() < 0.5:
        people[..., [1, 3]] *= -1
        ball[..., [1, 3]] *= -1
        view[..., 2] *= -1
    if rng.random() < 0.5:
        people[..., 4] *= -1
        whose = target[:, 3]
        target[:, 3] = np.where(whose >= 0, 1 - whose, whose)


class PositionTraining:
    """``Trainable`` of position anchors.

    Args:
        paths: halves to learn from.
        held_out: halves to validate on.
        kept: folder for scenes.
        per_half: stretches a round.
    """

    def __init__(
        self, paths: list[Path], held_out: list[Path], kept: Path, per_half: int = 12
    ) -> None:
        self._train = SceneExamples(paths, per_half, kept)
        self._validation = SceneExamples(held_out, 4, kept, augmented=False) if held_out else None
        self.positive_weight = torch.from_numpy(
            np.clip(self._train.rarity, 1.0, 4.0).astype(np.float32)
        )

    def network(self) -> nn.Module:
        """A fresh one."""
        return PositionNetwork(N_CLASSES)

    def examples(self, split: str) -> Examples:
        """Stretches of the split."""
        if split == "validation" and self._validation is not None:
            return self._validation
        return self._train

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """See ``targets.anchor_losses``."""
        # One stretch for the whole batch: its first example's.
        start, stop = batch["crop"][0].tolist()
        inputs = [batch[name][:, start:stop] for name in ("people", "ball", "view")]
        weight = self.positive_weight.to(inputs[0].device)
        return anchor_losses(network(*inputs), batch["target"][:, start:stop], weight)


def _events(path: Path) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    half: SimulatedHalf = load_half(path)
    return half.event_ms, half.event_label, half.event_team


def _rarity(
    events: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]],
) -> NDArray[np.float64]:
    """(C,) how much rarer than the commonest class each is: 1 up to 12, by the root of the counts."""
    count = sum(
        (np.bincount(label, minlength=N_CLASSES) for _, label, _ in events), np.zeros(N_CLASSES)
    )
    rarity = np.sqrt(count.max(initial=1) / np.maximum(count, 1))
    return np.asarray(np.clip(rarity, 1.0, MOST_RARE_WEIGHT))
