"""Runs of ``python -m analysis train spotting/NAME`` kept for a page: found by folder, loaded, measured, told in a row.

A run's folder is called ``NAME-SEED``; its weights, of a system of several networks one file each, lie in it with the
log of its steps.
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.benchmarks._tables import spread
from analysis.core.problems import InputProblem
from analysis.core.registry import SPOTTERS
from analysis.metrics.spotting import HalfPredictions, SpottingScore
from analysis.spotting.learned import LabelledHalf, LearnedSpotter
from analysis.spotting.learning import as_predictions, scored

COST_COLUMNS = ("parameters", "steps", "training, minutes", "ms a half")


@dataclass(frozen=True, slots=True)
class RunResult:
    """One trained system.

    Args:
        score: ``loose`` and ``tight``.
        n_parameters: of all its networks.
        steps: of training; 0 where nobody knows.
        minutes: of training; NaN where nobody knows.
        ms_per_half: processor milliseconds of spotting.
    """

    score: Mapping[str, SpottingScore]
    n_parameters: int
    steps: int
    minutes: float
    ms_per_half: float

    def points(self, kind: str = "loose") -> float:
        """Average-mAP in per cent."""
        return 100 * self.score[kind].average_map


def runs_by_system(folder: Path) -> dict[str, list[Path]]:
    """System -> its runs, in order of the seeds' names.

    Raises:
        InputProblem: there are none.
    """
    found: dict[str, list[Path]] = defaultdict(list)
    for run in sorted(folder.glob("*-*")):
        if any(run.glob("*.safetensors")):
            found[run.name.rpartition("-")[0]].append(run)
    if not found:
        raise InputProblem(
            "no_runs",
            f"There are no trained systems in {folder}; train some, see docs/reproduce.md.",
        )
    return dict(found)


def trained(name: str, run: Path) -> LearnedSpotter:
    """The system of a run."""
    weights = ",".join(str(path) for path in sorted(run.glob("*.safetensors"), reverse=True))
    module = SPOTTERS.load(name)
    spotter: LearnedSpotter = module.build(module.Settings(weights_file=weights))
    return spotter


def measured(
    spotter: LearnedSpotter, run: Path, halves: Iterable[Sequence[LabelledHalf]]
) -> RunResult:
    """Scores and costs.

    Args:
        spotter: of the run.
        run: its folder.
        halves: each half as every network of the spotter sees it, in their order.
    """
    predictions: list[HalfPredictions] = []
    truths: list[LabelledHalf] = []
    spent = 0.0
    for seen in halves:
        started = time.process_time()
        spots = spotter.spot_inputs([half.inputs for half in seen])
        spent += time.process_time() - started
        times_ms = seen[-1].inputs.times_ms
        predictions.append(as_predictions(spots, int(times_ms[0]) if len(times_ms) else 0))
        truths.append(seen[-1])
    minutes, steps = _effort(run / "log.jsonl")
    return RunResult(
        scored(predictions, truths),
        sum(p.numel() for _, _, network in spotter.parts for p in network.parameters()),
        steps,
        minutes,
        1000 * spent / max(1, len(truths)),
    )


def _effort(log: Path) -> tuple[float, int]:
    """Minutes and steps of a run; NaN and 0 where only its weights were kept."""
    if not log.is_file():
        return float("nan"), 0
    rows = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    timed = [row for row in rows if "seconds" in row]
    # A run that was resumed counts its seconds anew.
    pieces = [
        row["seconds"]
        for row, later in zip(timed, [*timed[1:], None], strict=True)
        if later is None or later["seconds"] < row["seconds"]
    ]
    return sum(pieces) / 60, timed[-1]["step"]


def best_first(results: Mapping[str, Sequence[RunResult]]) -> list[str]:
    """Systems by their mean loose score."""
    return sorted(results, key=lambda name: -np.mean([one.points() for one in results[name]]))


def score_cells(own: Sequence[RunResult]) -> str:
    """Seeds, loose and tight of a system's runs as cells of a table."""
    return (
        f"{len(own)} | {spread([one.points() for one in own])} "
        f"| {spread([one.points('tight') for one in own])}"
    )


def cost_cells(own: Sequence[RunResult]) -> str:
    """``COST_COLUMNS`` of a system's runs as cells of a table."""
    return (
        f"{own[0].n_parameters:,} | {max(one.steps for one in own)} "
        f"| {np.nanmean([one.minutes for one in own]):.0f} "
        f"| {np.mean([one.ms_per_half for one in own]):.0f}"
    )


def loose_of_class(own: Sequence[RunResult], label: int) -> str:
    """Loose average precision of a class over a system's runs, in per cent."""
    return spread([100 * one.score["loose"].per_class[label] for one in own])
