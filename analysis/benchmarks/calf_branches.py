"""CALF's calibration branches against plain CALF, as tables 2 and 3 of Cioppa et al. 2021 do.

Reads runs of ``python -m analysis train spotting/calf --data HALVES --seed S --out runs/calf_branches/calf-S`` and of
``train spotting/calf_calibration --part PART ... --out runs/calf_branches/PART-S``, and trains nothing itself. Halves
to learn from have seeds 1000 to 1029, those measured here 9000 to 9003, seen as a camera sees them.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir

import numpy as np
from numpy.typing import NDArray

from analysis.benchmarks._tables import class_rows, spread
from analysis.core.problems import InputProblem
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.spotting.learned import LabelledHalf, Method, Settings, build_learned
from analysis.spotting.learning import as_predictions, scored, simulated
from analysis.spotting.models import calf, calf_calibration
from analysis.spotting.models.calf_calibration.network import FUZZY, PATTERNED
from analysis.spotting.models.calf_calibration.training_run import SETTINGS
from analysis.synthetic.halves import make_halves
from analysis.synthetic.sightings import Sight

RUNS = Path("runs/calf_branches")
SEEDS = range(9000, 9004)
PLAIN = "calf"
WHAT = {
    PLAIN: "one network for all classes, no branch",
    "fuzzy": "the fuzzy classes' own network",
    "patterned": "the patterned classes' own network, no branch",
    "fcl-layout": "fully connected branch on positions as vectors",
    "stp-layout": "spatio-temporal pyramid on positions as vectors",
    "fcl": "fully connected branch on top-view features",
    "stp": "spatio-temporal pyramid on top-view features",
    "3d": "3-D convolutions over colour top views",
    "3d-binary": "3-D convolutions over binary top views",
    "gcn": "graph network over players",
    "gcn-second": "graph network over players, one graph a second",
}


@dataclass(frozen=True, slots=True)
class Result:
    """One trained network.

    Args:
        loose, tight: (17,) average precision by class, in per cent; those the network is not asked for are 0.
        steps: of training.
    """

    loose: NDArray[np.float64]
    tight: NDArray[np.float64]
    steps: int


def measure(data: Path) -> str:
    """The page.

    Raises:
        InputProblem: there are no runs.
    """
    del data
    results: dict[str, list[Result]] = defaultdict(list)
    paths = list(make_halves(Path(gettempdir()) / "touchline-benchmark-halves", SEEDS, 60.0))
    for run in sorted(RUNS.glob("*-*")):
        for weights in run.glob("*.safetensors"):
            results[run.name.rpartition("-")[0]].append(_measured(weights, paths))
    if not results:
        raise InputProblem(
            "no_runs", f"There are no trained networks in {RUNS}; see docs/reproduce.md."
        )
    names = [name for name in WHAT if name in results]
    return "\n\n".join(
        [_introduction(len(paths)), _table(names, results), _per_class(names, results)]
    )


def _measured(weights: Path, paths: Sequence[Path]) -> Result:
    method: Method = calf.METHOD if weights.stem == PLAIN else calf_calibration.METHOD
    folder = Path((calf if weights.stem == PLAIN else calf_calibration).__path__[0])
    spotter = build_learned(
        {weights.name: method}, folder, Settings(weights_file=str(weights)), "cpu"
    )
    ((_, shape, _),) = spotter.parts
    halves: list[LabelledHalf] = [
        simulated(path, shape, settings=SETTINGS, seed=77, sight=Sight()) for path in paths
    ]
    spots = [as_predictions(spotter.spot_inputs([half.inputs])) for half in halves]
    score = scored(spots, halves)
    rows = [json.loads(line) for line in (weights.parent / "log.jsonl").read_text().splitlines()]
    loose, tight = (100 * np.asarray(score[name].per_class) for name in ("loose", "tight"))
    return Result(loose, tight, max(row["step"] for row in rows if "step" in row))


def _introduction(n_halves: int) -> str:
    return (
        f"{n_halves} halves of 30 simulated minutes, seeds {SEEDS.start} to {SEEDS.stop - 1}, as a camera sees them. "
        "Average-mAP in per cent over the eight patterned and the nine fuzzy classes, mean and standard deviation over "
        "training seeds. All networks read `picture_layout`; the branches read positions beside it."
    )


def _table(names: Sequence[str], results: Mapping[str, Sequence[Result]]) -> str:
    lines = [
        "| network | seeds | steps | patterned: loose | tight | fuzzy: loose | tight |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in names:
        own = results[name]
        cells = [
            spread([float(getattr(one, kind)[_indices(group)].mean()) for one in own])
            if _asks(name, group)
            else "–"
            for group in (PATTERNED, FUZZY)
            for kind in ("loose", "tight")
        ]
        lines.append(
            f"| `{name}`: {WHAT[name]} | {len(own)} | {own[0].steps} | " + " | ".join(cells) + " |"
        )
    return "\n".join(lines)


def _per_class(names: Sequence[str], results: Mapping[str, Sequence[Result]]) -> str:
    def cell(name: str, label: int) -> str:
        group = PATTERNED if SOCCERNET_V2.labels[label] in PATTERNED else FUZZY
        if not _asks(name, group):
            return "–"
        return spread([float(one.loose[label]) for one in results[name]])

    return class_rows(names, cell, (*PATTERNED, *FUZZY))


def _asks(name: str, group: Sequence[str]) -> bool:
    return name == PLAIN or (name == "fuzzy") == (group is FUZZY)


def _indices(group: Sequence[str]) -> list[int]:
    return [SOCCERNET_V2.labels.index(title) for title in group]
