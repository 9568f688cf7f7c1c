"""``python -m analysis train localization/compact``: labelled boxes, cropped at many scales."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import cv2
import torch
from torch import Tensor

from analysis.core.problems import InputProblem
from analysis.core.records import StageEvent
from analysis.datasets.player_boxes import BoxedFrame, read_boxed_frames
from analysis.datasets.splits import fold_of_sequence
from analysis.localization.detectors.compact import WEIGHTS_FILE
from analysis.localization.detectors.compact.network import CompactNetwork, as_input
from analysis.localization.detectors.compact.settings import Settings
from analysis.localization.detectors.compact.training import CompactTraining
from analysis.training.base import TrainingReport, TrainingRequest
from analysis.training.eight_bit import greatest_values
from analysis.training.loop import TrainingPlan
from analysis.training.loop import train as run_loop
from analysis.training.memory import keep_freed_memory
from analysis.training.weights import load_weights, save_weights
from analysis.video.images import read_image

N_MEASURED = 24

PLANS = {
    "cpu": TrainingPlan(
        2400,
        batch_size=8,
        learning_rate=1.5e-3,
        weight_decay=2e-2,
        warm_up_steps=60,
        mean_decay=0.995,
        bfloat16=True,
    ),
    "gpu": TrainingPlan(
        8000,
        batch_size=64,
        learning_rate=3e-3,
        weight_decay=2e-2,
        warm_up_steps=300,
        mean_decay=0.999,
        bfloat16=True,
        loader_workers=12,
    ),
}


def train(request: TrainingRequest, on_event: Callable[[StageEvent], None]) -> TrainingReport:
    """Train the detector on frames with labelled boxes (``request.data``).

    Raises:
        InputProblem: no labels named, or none in the folder.
    """
    if request.data is None:
        raise InputProblem(
            "labels_missing",
            "This detector learns from labelled boxes: name their folder with --data.",
        )
    keep_freed_memory()
    # A thread pool of OpenCV that exists before the loader's processes fork would hang in them.
    cv2.setNumThreads(0)
    frames = read_boxed_frames(request.data)
    held_out = set(request.without)
    if unknown := held_out - {frame.sequence for frame in frames}:
        raise InputProblem(
            "sequence_unknown", f"The labels have no sequence {', '.join(sorted(unknown))}."
        )
    if request.fold:
        fold, n_folds = request.fold
        folds = fold_of_sequence([frame.sequence for frame in frames], n_folds)
        held_out |= {name for name, own in folds.items() if own == fold}
    plan = PLANS[request.preset]
    plan = replace(plan, seed=request.seed, steps=max(1, round(plan.steps * request.steps_share)))
    training = CompactTraining(
        [frame for frame in frames if frame.sequence not in held_out],
        [frame for frame in frames if frame.sequence in held_out],
    )
    result = run_loop(
        training,
        plan,
        request.folder,
        device=request.device,
        resume=request.resume,
        initial=load_weights(request.initial) if request.initial else None,
        on_event=on_event,
    )
    path = request.folder / WEIGHTS_FILE
    weights = {**result.weights, **greatest_of(result.weights, training.training)}
    digest = save_weights(weights, path, half=True)
    numbers = {f"loss_{name}": value for name, value in result.losses.items()}
    return TrainingReport({path: digest}, numbers, result.is_complete)


def greatest_of(weights: Mapping[str, Tensor], frames: Sequence[BoxedFrame]) -> dict[str, Tensor]:
    """How far the network's activations reach on frames it learned from, for arithmetic in bytes.

    Args:
        weights: of ``CompactNetwork``.
        frames: labelled frames; ``N_MEASURED`` of them, evenly chosen, are looked at.
    """
    network = CompactNetwork()
    network.load_state_dict(dict(weights))
    network.eval().to(memory_format=torch.channels_last)
    width = Settings().working_width_px
    chosen = frames[:: max(1, len(frames) // N_MEASURED)][:N_MEASURED]
    return greatest_values(network, (_picture(frame, width) for frame in chosen))


def _picture(frame: BoxedFrame, width_px: int) -> Tensor:
    image = read_image(frame.image_path)
    height_px = round(image.shape[0] * width_px / image.shape[1] / 32) * 32
    resized = cv2.resize(image, (width_px, height_px), interpolation=cv2.INTER_LINEAR)
    return as_input(torch.from_numpy(resized[None]))
