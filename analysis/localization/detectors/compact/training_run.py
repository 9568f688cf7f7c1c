"""``python -m analysis train localization/compact``: labelled boxes, cropped at many scales."""

from collections.abc import Callable
from dataclasses import replace

import cv2

from analysis.core.problems import InputProblem
from analysis.core.records import StageEvent
from analysis.datasets.player_boxes import read_boxed_frames
from analysis.datasets.splits import fold_of_sequence
from analysis.localization.detectors.compact import WEIGHTS_FILE
from analysis.localization.detectors.compact.training import CompactTraining
from analysis.training.base import TrainingReport, TrainingRequest
from analysis.training.loop import TrainingPlan
from analysis.training.loop import train as run_loop
from analysis.training.memory import keep_freed_memory
from analysis.training.weights import load_weights, save_weights

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
    digest = save_weights(result.weights, path, half=True)
    numbers = {f"loss_{name}": value for name, value in result.losses.items()}
    return TrainingReport({path: digest}, numbers, result.is_complete)
