"""How a run trains the zone network: on simulated frames first, which all folds share, then with labelled ones.

``pretraining`` sees no labelled frame, so one run of it serves every fold: ``segmentation --initial FILE`` goes on
from it. Small pictures come first: what lies where is learned at a quarter of the price.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from torch import Tensor

from analysis.calibration.methods.zone_dictionary.files import PRETRAINED_FILE, SEGMENTATION_FILE
from analysis.calibration.methods.zone_dictionary.networks import PUBLISHED, SLIM
from analysis.calibration.methods.zone_dictionary.segmentation import ZoneTraining
from analysis.calibration.methods.zone_dictionary.zones import MAP_SIZE
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
SIMULATED_SIZE_PX = (640, 360)
COARSE_SIZE = (128, 72)
SIMULATED_SEED = 1000
N_SIMULATED = {"cpu": 900, "gpu": 4000}
GPU_PLAN = TrainingPlan(
    8000, batch_size=64, learning_rate=2e-3, warm_up_steps=200, bfloat16=True, loader_workers=12
)
_CPU_PLAN = TrainingPlan(500, learning_rate=3e-3, warm_up_steps=30, mean_decay=0.985, bfloat16=True)
#: (name, size of the zone maps, plan of each preset), one after the other.
Stage = tuple[str, tuple[int, int], Mapping[str, TrainingPlan]]
PRETRAINING: tuple[Stage, ...] = (
    ("coarse", COARSE_SIZE, {"cpu": _CPU_PLAN, "gpu": GPU_PLAN}),
    (
        "full",
        MAP_SIZE,
        {"cpu": replace(_CPU_PLAN, steps=200, learning_rate=2e-3), "gpu": GPU_PLAN},
    ),
)
LABELLED: tuple[Stage, ...] = (
    (
        "full",
        MAP_SIZE,
        {"cpu": replace(_CPU_PLAN, steps=600, learning_rate=2e-3), "gpu": GPU_PLAN},
    ),
)

OnEvent = Callable[[StageEvent], None]


def train_pretraining(request: TrainingRequest, on_event: OnEvent) -> TrainingReport:
    """Weights of the zone network that have seen simulated frames only."""
    return _trained("pretraining", PRETRAINING, [], None, PRETRAINED_FILE, request, on_event)


def train_segmentation(request: TrainingRequest, on_event: OnEvent) -> TrainingReport:
    """Weights of the zone network; begins with ``--initial``, else with the run's own pretraining, else afresh."""
    own = request.folder / PRETRAINED_FILE
    start = request.initial or (own if own.is_file() else None)
    initial = None if start is None else load_weights(start)
    labelled = _labelled(request)
    return _trained(
        "segmentation", LABELLED, labelled, initial, SEGMENTATION_FILE, request, on_event
    )


def planned(plan: TrainingPlan, request: TrainingRequest) -> TrainingPlan:
    """A plan with the seed and the share of steps that a request asks for."""
    return replace(plan, seed=request.seed, steps=max(1, round(plan.steps * request.steps_share)))


def _trained(
    part: str,
    stages: tuple[Stage, ...],
    labelled: list[Source],
    weights: Mapping[str, Tensor] | None,
    file: str,
    request: TrainingRequest,
    on_event: OnEvent,
) -> TrainingReport:
    sizes = SIZES_OF_PRESET[request.preset]
    simulated = simulated_sources(
        N_SIMULATED[request.preset], SIMULATED_SEED + request.seed, SIMULATED_SIZE_PX
    )
    losses: Mapping[str, float] = {}
    for stage, size, plans in stages:
        result = run_loop(
            ZoneTraining(labelled, simulated, sizes, size=size),
            planned(plans[request.preset], request),
            request.folder / f"{part}_{stage}",
            device=request.device,
            resume=request.resume,
            initial=weights,
            on_event=lambda event, name=stage: on_event(  # type: ignore[misc]
                StageEvent(name, event.done, event.total)
            ),
        )
        weights, losses = result.weights, result.losses
    path = request.folder / file
    digest = save_weights(dict(weights or {}), path, half=True)
    return TrainingReport({path: digest}, {f"{part}_{k}": v for k, v in losses.items()})


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
    return labelled_sources(frames)
