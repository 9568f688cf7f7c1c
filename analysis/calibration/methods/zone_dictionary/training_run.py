"""``python -m analysis train calibration/zone_dictionary``: the parts of the system one after the other.

Parts: ``pretraining`` and ``segmentation`` (zones from simulated, then from labelled pictures), ``dictionary`` (poses
to views), ``encoder`` (contrastive), ``refiner`` (corrections first, then overlap), and with a fold ``confidence``.
Only segmentation sees labelled pictures, so a fold of their sequences matters to it and to the confidence alone. Parts
may run at the same time.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import torch

from analysis.calibration.confidence_fit import (
    cross_stated,
    expected_calibration_error,
    fitted_odds,
    judged_views,
    odds_text,
)
from analysis.calibration.methods.zone_dictionary import build
from analysis.calibration.methods.zone_dictionary.calibrator import CONFIDENCE_FILE, Settings
from analysis.calibration.methods.zone_dictionary.dictionary import (
    Dictionary,
    GrowthPlan,
    grown_dictionary,
)
from analysis.calibration.methods.zone_dictionary.files import (
    CODES,
    DICTIONARY_FILE,
    ENCODER_FILE,
    REFINER_FILE,
)
from analysis.calibration.methods.zone_dictionary.matching import (
    EncoderTraining,
    RefinerTraining,
    encoded,
)
from analysis.calibration.methods.zone_dictionary.networks import ZoneEncoder
from analysis.calibration.methods.zone_dictionary.poses import PoseSampler, measured_poses
from analysis.calibration.methods.zone_dictionary.segmentation_run import (
    GPU_PLAN,
    SIZES_OF_PRESET,
    OnEvent,
    planned,
    train_pretraining,
    train_segmentation,
)
from analysis.calibration.sources import labelled_sources
from analysis.core.problems import InputProblem
from analysis.core.records import StageEvent
from analysis.datasets.pitch_keypoints import (
    MIN_POINTS,
    fold_of_sequences,
    read_labelled_frames,
)
from analysis.training.base import TrainingReport, TrainingRequest
from analysis.training.loop import TrainingPlan
from analysis.training.loop import train as run_loop
from analysis.training.memory import keep_freed_memory
from analysis.training.weights import load_weights, save_weights, sha256_of

POSE_SEED = 1000
CONFIDENCE_STEP = {"cpu": 3, "gpu": 1}
CONFIDENCE_SIZE_PX = (960, 540)
CONFIDENCE_COMMAND = (
    "train calibration/zone_dictionary --part confidence --data DIR --fold k/K --out RUN"
)
ENCODER_PLANS = {
    "cpu": TrainingPlan(120, batch_size=32, learning_rate=1.5e-3, warm_up_steps=30, bfloat16=True),
    "gpu": replace(GPU_PLAN, batch_size=256),
}
CORRECTION_PLANS = {
    "cpu": TrainingPlan(200, batch_size=32, learning_rate=1.5e-3, warm_up_steps=30, bfloat16=True),
    "gpu": replace(GPU_PLAN, steps=30000, batch_size=256, learning_rate=1e-3),
}
OVERLAP_PLANS = {
    "cpu": TrainingPlan(40, batch_size=32, learning_rate=4e-4, warm_up_steps=20, bfloat16=True),
    "gpu": replace(GPU_PLAN, learning_rate=3e-4),
}


def train(request: TrainingRequest, on_event: OnEvent) -> TrainingReport:
    """Train one part or all.

    Raises:
        InputProblem: no such part, a fold without labelled frames, or no labels in the folder.
    """
    if request.part not in ("", *PARTS):
        raise InputProblem(
            "training_part", f"There is no part {request.part!r}; there are {', '.join(PARTS)}."
        )
    if request.fold and request.data is None:
        raise InputProblem(
            "labels_missing", "A fold needs labelled frames: name their folder with --data."
        )
    keep_freed_memory()
    # a thread pool of OpenCV that exists before the loader's processes fork would hang in them
    cv2.setNumThreads(0)
    files: dict[Path, str] = {}
    numbers: dict[str, float] = {}
    every = [part for part in PARTS if part != "confidence" or request.fold]
    for part in [request.part] if request.part else every:
        report = PARTS[part](request, on_event)
        files.update(report.files)
        numbers.update(report.numbers)
    return TrainingReport(files, numbers)


def _dictionary(request: TrainingRequest) -> tuple[PoseSampler, Dictionary]:
    """The run's dictionary, grown when the folder has none, and the poses it is made of."""
    sampler = PoseSampler(measured_poses(request.data))
    path = request.folder / DICTIONARY_FILE
    if not path.is_file():
        _train_dictionary(request, lambda event: None)
    return sampler, Dictionary(load_weights(path)["poses"].double().numpy())


def _train_dictionary(request: TrainingRequest, on_event: OnEvent) -> TrainingReport:
    sampler = PoseSampler(measured_poses(request.data))
    plan = GrowthPlan(seed=POSE_SEED + request.seed)
    if request.preset == "gpu":
        plan = replace(plan, n_poses=20000, explained_share=0.97, most=1500)
    dictionary, share = grown_dictionary(sampler, plan)
    path = request.folder / DICTIONARY_FILE
    digest = save_weights({"poses": torch.from_numpy(dictionary.poses).float()}, path)
    return TrainingReport(
        {path: digest}, {"dictionary_entries": len(dictionary), "dictionary_explains": share}
    )


def _train_encoder(request: TrainingRequest, on_event: OnEvent) -> TrainingReport:
    sampler, dictionary = _dictionary(request)
    sizes = SIZES_OF_PRESET[request.preset]
    result = run_loop(
        EncoderTraining(sampler, dictionary, sizes),
        planned(ENCODER_PLANS[request.preset], request),
        request.folder / "encoder",
        device=request.device,
        resume=request.resume,
        on_event=on_event,
    )
    encoder = ZoneEncoder(sizes)
    encoder.load_state_dict(result.weights)
    codes = encoded(encoder.eval().to(request.device), dictionary.zones)
    path = request.folder / ENCODER_FILE
    digest = save_weights({**result.weights, CODES: codes}, path, half=True)
    return TrainingReport({path: digest}, {f"encoder_{k}": v for k, v in result.losses.items()})


def _train_refiner(request: TrainingRequest, on_event: OnEvent) -> TrainingReport:
    sampler, dictionary = _dictionary(request)
    sizes = SIZES_OF_PRESET[request.preset]
    weights = None
    for stage, plans in (("correction", CORRECTION_PLANS), ("overlap", OVERLAP_PLANS)):
        result = run_loop(
            RefinerTraining(sampler, dictionary, sizes, stage=stage),
            planned(plans[request.preset], request),
            request.folder / f"refiner_{stage}",
            device=request.device,
            resume=request.resume,
            initial=weights,
            on_event=lambda event, name=stage: on_event(  # type: ignore[misc]
                StageEvent(name, event.done, event.total)
            ),
        )
        weights = result.weights
    path = request.folder / REFINER_FILE
    digest = save_weights(weights or {}, path, half=True)
    return TrainingReport({path: digest}, {f"refiner_{k}": v for k, v in result.losses.items()})


def _train_confidence(request: TrainingRequest, on_event: OnEvent) -> TrainingReport:
    """Odds that an answer is right, from labelled frames that the run's segmentation has not seen."""
    if request.fold is None or request.data is None:
        raise InputProblem(
            "folds_missing",
            "The confidence is fitted on held-out frames: name their folder with --data, their fold with --fold, and "
            "with --out the folder of the run that left them out.",
        )
    held_out, n_folds = request.fold
    fold_of = fold_of_sequences(read_labelled_frames(request.data), n_folds)
    frames = read_labelled_frames(request.data, min_points=MIN_POINTS)
    unseen = [frame for frame in frames if fold_of[frame.sequence] == held_out]
    calibrator = build(Settings(weights=str(request.folder)), request.device)
    rows = judged_views(
        calibrator.judge,
        labelled_sources(unseen[:: CONFIDENCE_STEP[request.preset]]),
        n_views=1,
        seed=request.seed,
        size_px=CONFIDENCE_SIZE_PX,
    )
    half = len(rows) // 2
    stated, right = cross_stated([rows[:half], rows[half:]])
    bias, weights = fitted_odds(rows)
    target = request.folder / CONFIDENCE_FILE.name
    target.write_text(odds_text(bias, weights, CONFIDENCE_COMMAND), encoding="utf-8")
    return TrainingReport(
        {target: sha256_of(target)},
        {
            "confidence_pictures": float(len(rows)),
            "confidence_share_right": float(right.mean()),
            "expected_calibration_error": expected_calibration_error(stated, right),
        },
    )


PARTS: dict[str, Callable[[TrainingRequest, OnEvent], TrainingReport]] = {
    "pretraining": train_pretraining,
    "segmentation": train_segmentation,
    "dictionary": _train_dictionary,
    "encoder": _train_encoder,
    "refiner": _train_refiner,
    "confidence": _train_confidence,
}
