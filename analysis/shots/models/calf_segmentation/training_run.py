"""``train shots/calf_segmentation``: simulated broadcasts as rows, cameras and boundaries learned together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from analysis.core.records import StageEvent
from analysis.core.vocabulary import CAMERAS
from analysis.shots.changes import ChangeMeter
from analysis.shots.looks import PREFIX as LOOK
from analysis.shots.looks import LookJudge
from analysis.shots.models.calf_segmentation import WEIGHTS_FILE
from analysis.shots.models.calf_segmentation.finder import PREFIX
from analysis.shots.models.calf_segmentation.network import (
    CHUNK_ROWS,
    N_SLOTS,
    REACH_ROWS,
    ShotCalf,
    chunk,
    rows_of,
)
from analysis.synthetic.broadcasts import broadcast
from analysis.synthetic.records import RATE_HZ
from analysis.temporal.anchor_loss import match_slots
from analysis.training.base import TrainingReport, TrainingRequest
from analysis.training.loop import TrainingPlan
from analysis.training.loop import train as run_loop
from analysis.training.weights import method_weights, save_weights
from analysis.video.thumbnails import of_image

FIRST_SEED, N_FILMS, MINUTES = 2000, 5, 10.0
_DRAWN_PX, _STEP = (256, 144), 12
_SEGMENTATION_WEIGHT, _COORDINATE, _NO_OBJECT = 0.8, 5.0, 0.5
PLANS = {
    "cpu": TrainingPlan(
        6000, batch_size=32, learning_rate=3e-3, weight_decay=0.0, optimiser="adam", mean_decay=0.98, loader_workers=0
    ),
    "gpu": TrainingPlan(
        8000, batch_size=32, learning_rate=1e-4, weight_decay=0.0, optimiser="adam", mean_decay=0.99
    ),
}  # fmt: skip

Tell = Callable[[StageEvent], None]


@dataclass(frozen=True, slots=True)
class Film:
    """Rows of a film, the camera of each, and the rows at which shots begin."""

    rows: NDArray[np.float32]
    camera: NDArray[np.int64]
    begins: NDArray[np.int64]


@dataclass(frozen=True)
class ShotTraining:
    """A ``Trainable``: chunks from anywhere in the films.

    Args:
        films: to learn from; the last one validates.
    """

    films: list[Film]

    def network(self) -> nn.Module:
        """A fresh network."""
        return ShotCalf()

    def examples(self, split: str) -> "_Chunks":
        """Chunks."""
        train = self.films[:-1] or self.films
        return _Chunks(train if split == "train" else self.films[-1:])

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Cross-entropy of the cameras by inverse frequency, and the slots' squares."""
        cameras, slots = network(batch["rows"])
        wanted = nn.functional.one_hot(batch["camera"], len(CAMERAS)).float()
        each = nn.functional.binary_cross_entropy(cameras, wanted, reduction="none")
        counts = torch.from_numpy(self._counts()).float().to(cameras.device)
        weight = (counts.mean() / counts.clamp_min(1.0)).clamp(0.3, 5.0)
        segmentation = (each * weight * batch["known"][..., None]).sum(2).mean()
        target = batch["target"]
        order = match_slots(target, slots[..., 1])
        matched = torch.gather(slots, 1, order[..., None].expand(-1, -1, 2))
        there = target[..., 0]
        hit = _COORDINATE * (matched[..., 1] - target[..., 1]) ** 2 + (1 - matched[..., 0]) ** 2
        missed = _NO_OBJECT * matched[..., 0] ** 2
        detection = (there * hit + (1 - there) * missed).sum(1).mean()
        total = _SEGMENTATION_WEIGHT * segmentation + detection
        return {"total": total, "segmentation": segmentation, "detection": detection}

    def _counts(self) -> NDArray[np.int64]:
        return sum(
            (np.bincount(film.camera, minlength=len(CAMERAS)) for film in self.films),
            np.zeros(len(CAMERAS), np.int64),
        )


@dataclass(frozen=True)
class _Chunks:
    films: list[Film]

    def __len__(self) -> int:
        return sum(max(1, len(film.rows) // 4) for film in self.films)

    def example(self, index: int, seed: int) -> Mapping[str, Any]:
        """``rows`` (48, F), ``camera`` (48,), which rows are ``known``, ``target`` (9, 2)."""
        rng = np.random.default_rng([seed, index])
        film = self.films[int(rng.integers(len(self.films)))]
        start = int(rng.integers(0, max(1, len(film.rows) - CHUNK_ROWS + 1)))
        n_rows = min(CHUNK_ROWS, len(film.rows) - start)
        camera = np.zeros(CHUNK_ROWS, np.int64)
        camera[:n_rows] = film.camera[start : start + n_rows]
        border = REACH_ROWS // 2
        target = np.zeros((N_SLOTS, 2), np.float32)
        inside = film.begins[(film.begins > start) & (film.begins < start + n_rows)][:N_SLOTS]
        target[: len(inside)] = np.c_[np.ones(len(inside)), (inside - start) / CHUNK_ROWS]
        known = np.zeros(CHUNK_ROWS, np.float32)
        known[: n_rows if n_rows < CHUNK_ROWS else CHUNK_ROWS - border] = 1.0
        known[:border] *= start == 0
        return {
            "rows": torch.from_numpy(chunk(film.rows, start)),
            "camera": torch.from_numpy(camera),
            "known": torch.from_numpy(known),
            "target": torch.from_numpy(target),
        }


def film_rows(folder: Path, seed: int, judge: LookJudge) -> Film:
    """A simulated broadcast as rows; its pictures are drawn once and kept."""
    film = broadcast(seed, MINUTES, _DRAWN_PX)
    path = folder / f"{seed}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        meter, changes, pictures = ChangeMeter(), [], []
        for number, frame in enumerate(film.match.frames()):
            changes.append(meter.step(of_image(frame.image)))
            if number % _STEP == 0:
                pictures.append(frame.image)
        np.savez_compressed(path, changes=np.array(changes), pictures=np.array(pictures))
    with np.load(path) as kept:
        changes_table, images = kept["changes"], list(kept["pictures"])
    picture_ms = np.arange(len(changes_table), dtype=np.int64) * 1000 // RATE_HZ
    sample_ms = picture_ms[::_STEP]
    begins_ms = np.array([shot.start_ms for shot in film.shots])
    at = np.searchsorted(begins_ms, sample_ms, "right") - 1
    camera = np.array([CAMERAS.index(shot.camera) for shot in film.shots])[at]
    rows = rows_of(picture_ms, changes_table, sample_ms, judge.probabilities(images))
    return Film(rows, camera, np.searchsorted(sample_ms, begins_ms[1:]))


def train(request: TrainingRequest, on_event: Tell) -> TrainingReport:
    """Train; what judges single pictures is the bundled finder's."""
    sibling = Path(__file__).parents[1] / "compact"
    looks = {
        name: value
        for name, value in method_weights(sibling, "compact.safetensors").items()
        if name.startswith(LOOK)
    }
    judge = LookJudge(looks, request.device)
    films = []
    for k in range(N_FILMS):
        films.append(film_rows(request.folder / "films", FIRST_SEED + k, judge))
        on_event(StageEvent("films", k + 1, N_FILMS))
    result = run_loop(
        ShotTraining(films), PLANS[request.preset], request.folder,
        device=request.device, resume=request.resume, on_event=on_event,
    )  # fmt: skip
    weights = {**looks, **{PREFIX + name: value for name, value in result.weights.items()}}
    target = request.folder / WEIGHTS_FILE
    digest = save_weights(weights, target)
    return TrainingReport({target: digest}, dict(result.losses), result.is_complete)
