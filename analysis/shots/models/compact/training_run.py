"""``train shots/compact``: pieces out of the simulator, real main-camera pictures, small networks, one weights file."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.records import StageEvent
from analysis.core.vocabulary import CAMERAS
from analysis.datasets.pitch_keypoints import read_labelled_frames
from analysis.datasets.player_boxes import read_boxed_frames
from analysis.shots.models.compact.composition import moving_stills
from analysis.shots.models.compact.material import PICTURE_PX, load_pieces, parade_pieces
from analysis.shots.models.compact.stills import (
    broadcast_pictures,
    parade_pictures,
    posed_pictures,
    replay_pictures,
    wide_pictures,
)
from analysis.shots.models.compact.training import Looks, Transitions
from analysis.shots.segments import MAIN
from analysis.synthetic.director import CLOSE_UP
from analysis.training.base import Trainable, TrainingReport, TrainingRequest
from analysis.training.loop import TrainingPlan
from analysis.training.loop import train as run_loop
from analysis.training.weights import load_weights, save_weights
from analysis.video.images import read_image

FIRST_SEED, N_PARADES = 1000, 23
STILLS_SEED, N_STILLS = 1700, 41
BROADCAST_SEED, N_BROADCASTS, BROADCAST_MINUTES = 1900, 8, 20.0
WIDE_SEED, N_WIDE, N_WIDE_PICTURES = 1500, 3, 220
REPLAYS_SEED, N_REPLAYS = 1606, 8
POSED_SEED, N_POSED, N_POSED_PICTURES = 1400, 14, 120
N_NETS = 3
_N_COMPOSED, _N_REAL_PIECES = 3600, 220
_STEPS = {"cpu": (2500, 3600), "gpu": (8000, 8000)}
_REAL_WEIGHT, _PLENTY = 1.5, 25
_REAL_PX = (640, 360)
_CLOSE_UP = CAMERAS.index(CLOSE_UP)
_CLOSE_UPS_KEPT = 0.35
"""Two thirds of what a director shows besides the main camera are close-ups."""

Tell = Callable[[StageEvent], None]


def train(request: TrainingRequest, on_event: Tell) -> TrainingReport:
    """Train all networks; ``request.data`` adds real main-camera pictures where it names the folder of them."""
    pieces_folder = request.folder / "pieces"
    _make_pieces(pieces_folder, on_event)
    weights, numbers, is_complete = {}, {}, True
    steps = [max(1, round(n * request.steps_share)) for n in _STEPS[request.preset]]
    plan = TrainingPlan(steps=steps[0], batch_size=24, learning_rate=2e-3, seed=request.seed)
    looking = replace(plan, steps=steps[1], batch_size=48, weight_decay=0.02, bfloat16=True)
    jobs: list[tuple[str, str, Callable[[], Trainable], TrainingPlan]] = [
        ("look", "look.", lambda: _looks(pieces_folder, request, on_event), looking)
    ]
    for k in range(N_NETS):
        seed = request.seed + k
        make = partial(_transitions, pieces_folder, request, seed)
        jobs.append((f"change-{k}", f"change.nets.{k}.", make, replace(plan, seed=seed)))
    for name, prefix, make, own in jobs:
        part = request.folder / f"{name}.safetensors"
        if request.part in ("", name):
            result = run_loop(
                make(), own, request.folder / name,
                device=request.device, resume=request.resume, on_event=_named(on_event, name),
            )  # fmt: skip
            save_weights(result.weights, part)
            numbers[f"{name} loss"] = result.losses.get("total", float("nan"))
            is_complete &= result.is_complete
        if part.is_file():
            learned = load_weights(part)
            weights.update({prefix + key: value for key, value in learned.items()})
        else:
            # Parts may be learned one by one, in any order.
            is_complete = False
    if not is_complete:
        return TrainingReport({}, numbers, is_complete)
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


def _transitions(pieces_folder: Path, request: TrainingRequest, seed: int) -> Transitions:
    """Pieces of simulated parades, and real pictures set in motion."""
    thumbs = load_pieces(pieces_folder).thumbs
    if request.data is not None:
        frames = [
            cv2.resize(read_image(path), _REAL_PX, interpolation=cv2.INTER_AREA)
            for path, _ in _real_frames(request.data)[::4]
        ]
        rng = np.random.default_rng(request.seed + 5)
        thumbs = np.concatenate([thumbs, moving_stills(rng, np.array(frames), _N_REAL_PIECES)])
    n_composed = max(1, round(_N_COMPOSED * min(1.0, request.steps_share)))
    return Transitions(thumbs, n_composed, seed)


def _looks(pieces_folder: Path, request: TrainingRequest, on_event: Tell) -> Looks:
    """Simulated pictures of all cameras, rare kinds weighted up, and real ones of the main camera."""
    pieces = load_pieces(pieces_folder)
    parts = [(pieces.pictures[::3, 1], pieces.camera[::3])]
    jobs = [
        *(partial(parade_pictures, STILLS_SEED + k) for k in range(N_STILLS)),
        *(partial(wide_pictures, WIDE_SEED + k, N_WIDE_PICTURES) for k in range(N_WIDE)),
        *(
            partial(broadcast_pictures, BROADCAST_SEED + k, BROADCAST_MINUTES)
            for k in range(N_BROADCASTS)
        ),
        *(partial(replay_pictures, REPLAYS_SEED + k) for k in range(N_REPLAYS)),
        *(partial(posed_pictures, POSED_SEED + k, N_POSED_PICTURES) for k in range(N_POSED)),
    ]
    rng = np.random.default_rng(request.seed)
    for done, job in enumerate(jobs):
        pictures, cameras = job()
        if job.func is broadcast_pictures:
            kept = (cameras != _CLOSE_UP) | (rng.random(len(cameras)) < _CLOSE_UPS_KEPT)
            pictures, cameras = pictures[kept], cameras[kept]
        parts.append((pictures, cameras))
        on_event(StageEvent("pictures", done + 1, len(jobs)))
    real, real_weight = _real_main(request.data)
    pictures = np.concatenate([*(part for part, _ in parts), real])
    cameras = np.concatenate([*(part for _, part in parts), np.full(len(real), MAIN)])
    counts = np.bincount(cameras, minlength=13)
    weight = (counts.mean() / counts[cameras]).astype(np.float32) ** 0.6
    weight[len(weight) - len(real) :] = real_weight
    return Looks(pictures, cameras, weight)


def _real_main(data: Path | None) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Every second labelled frame; long sequences of near-copies count less."""
    if data is None:
        return np.zeros((0, 90, 160, 3), np.uint8), np.zeros(0, np.float32)
    frames = _real_frames(data)[::2]
    images = [
        cv2.resize(read_image(path), PICTURE_PX, interpolation=cv2.INTER_AREA) for path, _ in frames
    ]
    sequences = [sequence for _, sequence in frames]
    _, at, counts = np.unique(sequences, return_inverse=True, return_counts=True)
    weight = _REAL_WEIGHT * np.minimum(1.0, _PLENTY / counts[at])
    return np.array(images), weight.astype(np.float32)


def _real_frames(data: Path) -> list[tuple[Path, str]]:
    """(picture, sequence) of all labelled frames: all of them show the main camera."""
    labelled = [
        *read_labelled_frames(data / "pitch_keypoints"),
        *read_boxed_frames(data / "player_boxes"),
    ]
    return [(frame.image_path, frame.sequence) for frame in labelled]


def _named(on_event: Tell, part: str) -> Tell:
    return lambda event: on_event(replace(event, stage=part))
