"""``python -m analysis train calibration/pitch_elements``: coarse pictures first, then full ones.

Three quarters of the learning is what goes where, which small pictures teach at a third of the price.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.calibration.confidence_fit import (
    Judged,
    cross_stated,
    expected_calibration_error,
    fitted_odds,
    judged_views,
    odds_text,
)
from analysis.calibration.methods.pitch_elements import Settings, build
from analysis.calibration.methods.pitch_elements.calibrator import PitchElementsCalibrator, prepared
from analysis.calibration.methods.pitch_elements.network import INPUT_SIZE_PX
from analysis.calibration.methods.pitch_elements.training import ElementTraining
from analysis.calibration.sources import labelled_sources, simulated_sources
from analysis.core.pitch import STANDARD_PITCH
from analysis.core.problems import InputProblem
from analysis.core.records import ImageArray, StageEvent
from analysis.datasets.pitch_keypoints import (
    MIN_POINTS,
    fold_of_sequences,
    read_labelled_frames,
    write_labels_of,
)
from analysis.training.base import TrainingReport, TrainingRequest
from analysis.training.loop import TrainingPlan
from analysis.training.loop import train as run_loop
from analysis.training.memory import keep_freed_memory
from analysis.training.weights import save_weights, sha256_of

FloatArray = NDArray[np.float64]
CONFIDENCE_COMMAND = (
    "python -m analysis train calibration/pitch_elements --part confidence --data DIR --out RUNS"
)
COARSE_SIZE_PX = (384, 216)
WEIGHTS_FILE = "pitch_elements.safetensors"
N_SIMULATED = {"cpu": 240, "gpu": 2000}
COARSE = {
    "cpu": TrainingPlan(400, batch_size=16, learning_rate=2e-3, warm_up_steps=40, bfloat16=True),
    "gpu": TrainingPlan(
        6000, batch_size=64, learning_rate=3e-3, warm_up_steps=200, bfloat16=True, loader_workers=12
    ),
}
FULL = {
    "cpu": TrainingPlan(
        90, batch_size=12, learning_rate=1e-3, warm_up_steps=15, mean_decay=0.98, bfloat16=True
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
    if request.part not in ("", "network", "confidence"):
        raise InputProblem(
            "training_part", f"There is no part {request.part!r}; there are network and confidence."
        )
    if request.part == "confidence":
        return _train_confidence(request)
    if request.fold and request.data is None:
        raise InputProblem(
            "labels_missing", "A fold needs labelled frames: name their folder with --data."
        )
    keep_freed_memory()
    # a thread pool of OpenCV that exists before the loader's processes fork would hang in them
    cv2.setNumThreads(0)
    frames = read_labelled_frames(request.data) if request.data else []
    if request.fold and request.data:
        held_out, n_folds = request.fold
        fold_of = fold_of_sequences(frames, n_folds)
        unseen = {sequence for sequence, fold in fold_of.items() if fold == held_out}
        write_labels_of(request.data, unseen, request.folder / "held_out.json")
        frames = [frame for frame in frames if frame.sequence not in unseen]
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


def _train_confidence(request: TrainingRequest) -> TrainingReport:
    """Fit the confidence on what the fold networks in ``request.folder`` have not seen.

    The folder holds ``fold-k-of-K`` folders, each with the weights of a run with ``--fold k/K``.
    """
    found = sorted(request.folder.glob("fold-*-of-*/" + WEIGHTS_FILE))
    if not found or request.data is None:
        raise InputProblem(
            "folds_missing",
            "The confidence is fitted on held-out frames: name their folder with --data, and with --out a folder "
            "that holds fold-1-of-3 and so on from runs with --fold.",
        )
    frames = read_labelled_frames(request.data, min_points=MIN_POINTS)
    folds: list[list[Judged]] = []
    for path in found:
        number, n_folds = (int(part) for part in path.parent.name.split("-")[1::2])
        fold_of = fold_of_sequences(read_labelled_frames(request.data), n_folds)
        held_out = [frame for frame in frames if fold_of[frame.sequence] == number - 1]
        calibrator = build(Settings(weights=str(path)), request.device)
        folds.append(
            judged_views(
                partial(_judge, calibrator),
                labelled_sources(held_out),
                n_views=2,
                seed=request.seed,
                size_px=INPUT_SIZE_PX,
            )
        )
    (request.folder / "judged.json").write_text(
        json.dumps([[asdict(row) for row in fold] for fold in folds]), encoding="utf-8"
    )
    numbers = _cross_validated(folds)
    bias, weights = fitted_odds([row for fold in folds for row in fold])
    target = request.folder / "confidence.toml"
    target.write_text(odds_text(bias, weights, CONFIDENCE_COMMAND), encoding="utf-8")
    return TrainingReport({target: sha256_of(target)}, numbers)


def _judge(
    calibrator: PitchElementsCalibrator, image: ImageArray
) -> tuple[Mapping[str, float], FloatArray] | None:
    picture, frameset = prepared(image)
    maps = calibrator.maps(picture[None])[0]
    answer = calibrator.answer(maps, frameset, INPUT_SIZE_PX, STANDARD_PITCH)
    if answer.image_from_pitch is None:
        return None
    return answer.evidence, answer.image_from_pitch


def _cross_validated(folds: list[list[Judged]]) -> dict[str, float]:
    """Calibration error of each fold's frames under odds fitted on the other folds; halves of it if there is one."""
    if len(folds) == 1:
        folds = [folds[0][: len(folds[0]) // 2], folds[0][len(folds[0]) // 2 :]]
    stated, right = cross_stated(folds, only_plain=True)
    return {
        "expected_calibration_error": expected_calibration_error(stated, right),
        "frames": len(right),
        "share_right": float(right.mean()),
    }
