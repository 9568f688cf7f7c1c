"""``train shots/compact``: pieces out of the simulator, real main-camera pictures, two networks, one weights file."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.records import StageEvent
from analysis.datasets.pitch_keypoints import read_labelled_frames
from analysis.datasets.player_boxes import read_boxed_frames
from analysis.shots.models.compact.material import (
    PICTURE_PX,
    load_pieces,
    parade_pieces,
    wide_pictures,
)
from analysis.shots.models.compact.training import Looks, Transitions
from analysis.shots.segments import MAIN
from analysis.training.base import TrainingReport, TrainingRequest
from analysis.training.loop import TrainingPlan
from analysis.training.loop import train as run_loop
from analysis.training.weights import load_weights, save_weights
from analysis.video.images import read_image

FIRST_SEED, N_PARADES = 1000, 23
WIDE_SEED, N_WIDE = 1500, 450
_N_COMPOSED = 2200
_STEPS = {"cpu": (3000, 2500), "gpu": (4000, 8000)}
_REAL_WEIGHT, _PLENTY = 1.5, 25

Tell = Callable[[StageEvent], None]


def train(request: TrainingRequest, on_event: Tell) -> TrainingReport:
    """Train both networks; ``request.data`` adds real main-camera pictures where it names the folder of them."""
    pieces_folder = request.folder / "pieces"
    _make_pieces(pieces_folder, on_event)
    pieces = load_pieces(pieces_folder)
    weights, numbers, is_complete = {}, {}, True
    steps = [max(1, round(n * request.steps_share)) for n in _STEPS[request.preset]]
    plan = TrainingPlan(steps=steps[0], batch_size=24, learning_rate=2e-3, seed=request.seed)
    for part, trainable, own in (
        ("change", lambda: Transitions(pieces.thumbs, _N_COMPOSED, request.seed), plan),
        (
            "look",
            lambda: _looks(pieces.pictures, pieces.camera, request.data),
            replace(plan, steps=steps[1], batch_size=48),
        ),
    ):
        if request.part in ("", part):
            result = run_loop(
                trainable(), own, request.folder / part,
                device=request.device, resume=request.resume, on_event=_named(on_event, part),
            )  # fmt: skip
            save_weights(result.weights, request.folder / f"{part}.safetensors")
            numbers[f"{part} loss"] = result.losses.get("total", float("nan"))
            is_complete &= result.is_complete
        weights.update(
            {
                f"{part}.{name}": value
                for name, value in load_weights(request.folder / f"{part}.safetensors").items()
            }
        )
    target = request.folder / "compact.safetensors"
    digest = save_weights(weights, target, notes={"method": "shots/compact"})
    return TrainingReport({target: digest}, numbers, is_complete)


def _make_pieces(folder: Path, on_event: Tell) -> None:
    """Parades that are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for k in range(N_PARADES):
        path = folder / f"{FIRST_SEED + k}.npz"
        if not path.exists():
            parade_pieces(FIRST_SEED + k).save(path)
        on_event(StageEvent("pieces", k + 1, N_PARADES))


def _looks(pictures: NDArray[np.uint8], camera: NDArray[np.int64], data: Path | None) -> Looks:
    """Simulated pictures of all cameras, rare kinds weighted up, and real ones of the main camera."""
    flat = pictures.reshape(-1, *pictures.shape[2:])
    cameras = np.repeat(camera, pictures.shape[1])
    counts = np.bincount(cameras, minlength=13)
    weight = (counts.mean() / counts[cameras]).astype(np.float32) ** 0.5
    wide, wide_camera = wide_pictures(WIDE_SEED, N_WIDE)
    real, real_weight = _real_main(data)
    return Looks(
        np.concatenate([flat, wide, real]),
        np.r_[cameras, wide_camera, np.full(len(real), MAIN)],
        np.r_[weight, np.ones(len(wide)), real_weight].astype(np.float32),
    )


def _real_main(data: Path | None) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Every second labelled frame; long sequences of near-copies count less."""
    if data is None:
        return np.zeros((0, 90, 160, 3), np.uint8), np.zeros(0, np.float32)
    frames = [
        *read_labelled_frames(data / "pitch_keypoints"),
        *read_boxed_frames(data / "player_boxes"),
    ][::2]
    images = [
        cv2.resize(read_image(frame.image_path), PICTURE_PX, interpolation=cv2.INTER_AREA)
        for frame in frames
    ]
    _, at, counts = np.unique([f.sequence for f in frames], return_inverse=True, return_counts=True)
    weight = _REAL_WEIGHT * np.minimum(1.0, _PLENTY / counts[at])
    return np.array(images), weight.astype(np.float32)


def _named(on_event: Tell, part: str) -> Tell:
    return lambda event: on_event(replace(event, stage=part))
