"""``python -m analysis train spotting/position_anchors``: simulated halves, seen as the pipeline would see them.

``--data`` names a folder of ``python -m analysis simulate_halves``; every eighth match is held out for the validation
loss. 440 halves of thirty minutes and 4000 steps take about forty minutes of one processor core.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from analysis.core.problems import InputProblem
from analysis.core.records import StageEvent
from analysis.spotting.models.position_anchors import WEIGHTS_FILE
from analysis.spotting.models.position_anchors.training import PositionTraining
from analysis.training.base import TrainingReport, TrainingRequest
from analysis.training.loop import TrainingPlan
from analysis.training.loop import train as run_loop
from analysis.training.memory import keep_freed_memory
from analysis.training.weights import save_weights

PLANS = {
    "cpu": TrainingPlan(
        4000,
        batch_size=24,
        learning_rate=2e-3,
        weight_decay=2e-2,
        warm_up_steps=100,
        mean_decay=0.997,
        report_every=50,
        loader_workers=0,
        bfloat16=True,
    ),
    "gpu": TrainingPlan(
        20_000,
        batch_size=96,
        learning_rate=2e-3,
        weight_decay=3e-2,
        warm_up_steps=500,
        mean_decay=0.999,
        report_every=100,
        loader_workers=12,
        bfloat16=True,
    ),
}
HELD_OUT_EVERY = 8


def train(request: TrainingRequest, on_event: Callable[[StageEvent], None]) -> TrainingReport:
    """Train on the halves of ``request.data``.

    Raises:
        InputProblem: no folder named, or no halves in it.
    """
    paths = sorted(request.data.glob("half-*.npz")) if request.data is not None else []
    if not paths:
        raise InputProblem(
            "halves_missing",
            "This spotter learns from simulated halves: make some with simulate_halves, name their folder with --data.",
        )
    keep_freed_memory()
    held_out = [path for path in paths if _seed(path) % HELD_OUT_EVERY == 0] if request.fold else []
    plan = PLANS[request.preset]
    plan = replace(plan, seed=request.seed, steps=max(1, round(plan.steps * request.steps_share)))
    training = PositionTraining(
        [path for path in paths if path not in held_out], held_out, request.folder / "scenes"
    )
    result = run_loop(
        training,
        plan,
        request.folder,
        device=request.device,
        resume=request.resume,
        on_event=on_event,
    )
    path = request.folder / WEIGHTS_FILE
    digest = save_weights(result.weights, path, half=True)
    numbers = {f"loss_{name}": value for name, value in result.losses.items()}
    return TrainingReport({path: digest}, numbers, result.is_complete)


def _seed(path: Path) -> int:
    return int(path.stem.split("-")[1])
