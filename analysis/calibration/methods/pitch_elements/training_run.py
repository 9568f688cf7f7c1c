"""``python -m analysis train calibration/pitch_elements``: coarse pictures first, then full ones.

Three quarters of the learning is what goes where, which small pictures teach at a third of the price.
"""

from collections.abc import Callable
from dataclasses import replace

import cv2

from analysis.calibration.methods.pitch_elements.network import INPUT_SIZE_PX
from analysis.calibration.methods.pitch_elements.training import (
    ElementTraining,
    labelled_sources,
    simulated_sources,
)
from analysis.core.problems import InputProblem
from analysis.core.records import StageEvent
from analysis.datasets.pitch_keypoints import fold_of_sequences, read_labelled_frames
from analysis.training.base import TrainingReport, TrainingRequest
from analysis.training.loop import TrainingPlan
from analysis.training.loop import train as run_loop
from analysis.training.memory import keep_freed_memory
from analysis.training.weights import save_weights

COARSE_SIZE_PX = (384, 216)
WEIGHTS_FILE = "pitch_elements.safetensors"
N_SIMULATED = {"cpu": 240, "gpu": 2000}
COARSE = {
    "cpu": TrainingPlan(450, batch_size=16, learning_rate=2e-3, warm_up_steps=40, bfloat16=True),
    "gpu": TrainingPlan(
        6000, batch_size=64, learning_rate=3e-3, warm_up_steps=200, bfloat16=True, loader_workers=12
    ),
}
FULL = {
    "cpu": TrainingPlan(
        160, batch_size=12, learning_rate=1e-3, warm_up_steps=15, mean_decay=0.98, bfloat16=True
    ),
    "gpu": TrainingPlan(
        4000, batch_size=32, learning_rate=1e-3, warm_up_steps=100, bfloat16=True, loader_workers=12
    ),
}


def train(request: TrainingRequest, on_event: Callable[[StageEvent], None]) -> TrainingReport:
    """Train the element network on labelled frames (``request.data``) and simulated ones.

    Raises:
        InputProblem: a fold without labelled frames, or no labels in the folder.
    """
    if request.fold and request.data is None:
        raise InputProblem(
            "labels_missing", "A fold needs labelled frames: name their folder with --data."
        )
    keep_freed_memory()
    # a thread pool of OpenCV that exists before the loader's processes fork would hang in them
    cv2.setNumThreads(0)
    frames = read_labelled_frames(request.data) if request.data else []
    if request.fold:
        held_out, n_folds = request.fold
        fold_of = fold_of_sequences(frames, n_folds)
        frames = [frame for frame in frames if fold_of[frame.sequence] != held_out]
    labelled = labelled_sources(frames)
    simulated = simulated_sources(N_SIMULATED[request.preset], request.seed)
    weights = None
    for stage, plans, size_px in (
        ("coarse", COARSE, COARSE_SIZE_PX),
        ("full", FULL, INPUT_SIZE_PX),
    ):
        plan = plans[request.preset]
        plan = replace(
            plan, seed=request.seed, steps=max(1, round(plan.steps * request.steps_share))
        )
        result = run_loop(
            ElementTraining(labelled, simulated, size_px=size_px),
            plan,
            request.folder / stage,
            device=request.device,
            resume=request.resume,
            initial=weights,
            on_event=lambda event, name=stage: on_event(StageEvent(name, event.done, event.total)),  # type: ignore[misc]
        )
        weights = result.weights
    path = request.folder / WEIGHTS_FILE
    digest = save_weights(weights or {}, path, half=True)
    return TrainingReport({path: digest}, {f"loss_{k}": v for k, v in result.losses.items()})
