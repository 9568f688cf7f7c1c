"""The training side that grounders share: replays of simulated halves, and windows drawn round what they repeat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.core.problems import InputProblem
from analysis.core.records import StageEvent
from analysis.replays.rows import row_at, rows_of
from analysis.replays.simulated import replays_of, shots_of, spots_of
from analysis.synthetic.halves import load_half
from analysis.training.base import Trainable, TrainingReport, TrainingRequest
from analysis.training.loop import TrainingPlan
from analysis.training.loop import train as run_loop
from analysis.training.weights import save_weights

# Each half is spotted in a few ways: what a spotter finds is chance.
_WAYS = 3
_HELD_BACK = 8

Tell = Callable[[StageEvent], None]


@dataclass(frozen=True, slots=True)
class Query:
    """One replay of one half, rows at ``rows.RATE_HZ``.

    Args:
        rows: (T, F) of its half.
        start, end: of the replay.
        action: row of the repeated event.
        same: rows of the half's other events of that class.
    """

    rows: NDArray[np.float32]
    start: int
    end: int
    action: int
    same: tuple[int, ...]


def queries_of(paths: Sequence[Path], *, ways: int = _WAYS) -> list[Query]:
    """Every replay of simulated halves, once for each way its half was spotted."""
    queries = []
    for number, path in enumerate(paths):
        half = load_half(path)
        shots = shots_of(half)
        replays = replays_of(half, shots)
        for way in range(ways):
            rows = rows_of(shots, spots_of(half, np.random.default_rng([number, way])))
            for replay in replays:
                shot, label = shots[replay.shot], half.event_label[replay.event]
                alike = half.event_ms[half.event_label == label]
                action = row_at(half.event_ms[replay.event])
                same = tuple(row_at(ms) for ms in alike if row_at(ms) != action)
                queries.append(
                    Query(rows, row_at(shot.start_ms), row_at(shot.end_ms), action, same)
                )
    return queries


def train_grounder(
    make: Callable[[list[Query], list[Query]], Trainable],
    plan: TrainingPlan,
    weights_file: str,
    request: TrainingRequest,
    on_event: Tell,
) -> TrainingReport:
    """Train on the simulated halves in ``request.data``; the last few are for validation.

    Raises:
        InputProblem: no halves there.
    """
    paths = sorted(request.data.glob("half-*.npz")) if request.data is not None else []
    if len(paths) < 2:
        raise InputProblem(
            "no_halves",
            "There are no simulated halves to learn from; name their folder with --data (python -m analysis "
            "simulate_halves makes some).",
        )
    held = min(_HELD_BACK, len(paths) // 2)
    trainable = make(queries_of(paths[:-held]), queries_of(paths[-held:], ways=1))
    result = run_loop(
        trainable, plan, request.folder, device=request.device, resume=request.resume, on_event=on_event
    )  # fmt: skip
    target = request.folder / weights_file
    digest = save_weights(result.weights, target)
    return TrainingReport({target: digest}, dict(result.losses), result.is_complete)
