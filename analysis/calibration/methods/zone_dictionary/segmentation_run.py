"""How a run trains the zone network: on simulated frames first, which all folds share, then with labelled ones.

``pretraining`` sees no labelled frame, so one run of it serves every fold: ``segmentation --initial FILE`` goes on
from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import cv2
from torch import Tensor

from analysis.calibration.methods.zone_dictionary.files import PRETRAINED_FILE, SEGMENTATION_FILE
from analysis.calibration.methods.zone_dictionary.networks import PUBLISHED, SLIM
from analysis.calibration.methods.zone_dictionary.segmentation import ZoneTraining
from analysis.calibration.sources import Source, labelled_sources, simulated_sources
from analysis.core.records import StageEvent
from analysis.datasets.pitch_keypoints import (
    fold_of_sequences,
    read_labelled_frames,
    write_labels_of,
)
from analysis.training.base import TrainingReport, TrainingRequest
from analysis.training.loop import TrainingPlan
from analysis.training.loop import train as run_loop
from analysis.training.weights import load_weights, save_weights

SIZES_OF_PRESET = {"cpu": SLIM, "gpu": PUBLISHED}
#: Sources are shrunk to this once, since views of 256 x 144 are taken from them thousands of times.
SOURCE_SIZE_PX = (480, 270)
SIMULATED_SEED = 1000
N_SIMULATED = {"cpu": 1600, "gpu": 8000}
GPU_PLAN = TrainingPlan(
    8000, batch_size=64, learning_rate=2e-3, warm_up_steps=200, bfloat16=True, loader_workers=12
)
_CPU_PLAN = TrainingPlan(
    2000, batch_size=8, learning_rate=2e-3, warm_up_steps=30, mean_decay=0.985, bfloat16=True
)
PRETRAINING_PLANS = {"cpu": replace(_CPU_PLAN, steps=300, course="constant"), "gpu": GPU_PLAN}
LABELLED_PLANS = {"cpu": _CPU_PLAN, "gpu": GPU_PLAN}

OnEvent = Callable[[StageEvent], None]


def train_pretraining(request: TrainingRequest, on_event: OnEvent) -> TrainingReport:
    """Weights of the zone network that have seen simulated frames only."""
    return _trained("pretraining", PRETRAINING_PLANS, [], None, PRETRAINED_FILE, request, on_event)


def train_segmentation(request: TrainingRequest, on_event: OnEvent) -> TrainingReport:
    """Weights of the zone network; begins with ``--initial``, else with the run's own pretraining, else afresh."""
    own = request.folder / PRETRAINED_FILE
    start = request.initial or (own if own.is_file() else None)
    initial = None if start is None else load_weights(start)
    labelled = _labelled(request)
    return _trained(
        "segmentation", LABELLED_PLANS, labelled, initial, SEGMENTATION_FILE, request, on_event
    )


def planned(plan: TrainingPlan, request: TrainingRequest) -> TrainingPlan:
    """A plan with the seed and the share of steps that a request asks for."""
    return replace(plan, seed=request.seed, steps=max(1, round(plan.steps * request.steps_share)))


def _trained(
    part: str,
    plans: Mapping[str, TrainingPlan],
    labelled: list[Source],
    initial: Mapping[str, Tensor] | None,
    file: str,
    request: TrainingRequest,
    on_event: OnEvent,
) -> TrainingReport:
    sizes = SIZES_OF_PRESET[request.preset]
    # a run for trying out does not draw a thousand pictures first
    n_simulated = max(8, round(N_SIMULATED[request.preset] * min(1.0, request.steps_share)))
    simulated = simulated_sources(n_simulated, SIMULATED_SEED + request.seed, SOURCE_SIZE_PX)
    width, height = sizes.picture
    result = run_loop(
        ZoneTraining(
            labelled, simulated, sizes, size=(width // sizes.stride, height // sizes.stride)
        ),
        planned(plans[request.preset], request),
        request.folder / part,
        device=request.device,
        resume=request.resume,
        initial=initial,
        on_event=on_event,
    )
    path = request.folder / file
    digest = save_weights(result.weights, path, half=True)
    numbers = {f"{part}_{name}": value for name, value in result.losses.items()}
    return TrainingReport({path: digest}, numbers, result.is_complete)


def _labelled(request: TrainingRequest) -> list[Source]:
    """Labelled sources outside the held-out fold, whose labels are written beside the run."""
    if request.data is None:
        return []
    frames = read_labelled_frames(request.data)
    if request.fold:
        held_out, n_folds = request.fold
        fold_of = fold_of_sequences(frames, n_folds)
        unseen = {sequence for sequence, fold in fold_of.items() if fold == held_out}
        write_labels_of(request.data, unseen, request.folder / "held_out.json")
        frames = [frame for frame in frames if frame.sequence not in unseen]
    return [
        replace(
            source, image=cv2.resize(source.image, SOURCE_SIZE_PX, interpolation=cv2.INTER_AREA)
        )
        for source in labelled_sources(frames)
    ]
