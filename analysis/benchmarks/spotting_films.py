"""Spotting systems that learn from pictures and sound: simulated films, and beside them positions of the same matches.

Reads runs of `python -m analysis train spotting/NAME --data FILMS --seed S --out runs/spotting_films/NAME-S` and trains
nothing itself. Films to learn from have seeds 1000 to 1002, the one measured here 9000: half an
hour each, 224 x 128 pixels, five pictures in two seconds drawn. Systems that read positions learned from halves of the
same matches (`simulate_halves --minutes 30`) and are measured on the half of the same one.
"""

import json
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir

import numpy as np

from analysis.benchmarks._tables import class_rows, spread
from analysis.core.problems import InputProblem
from analysis.core.registry import SPOTTERS
from analysis.metrics.spotting import SpottingScore
from analysis.spotting.films import read_films
from analysis.spotting.learned import LabelledHalf, LearnedSpotter
from analysis.spotting.learning import built_stream, parts_of, simulated
from analysis.spotting.learning import measure as scores_of
from analysis.synthetic.halves import make_halves
from analysis.synthetic.match import at_film_rate, simulate_match
from analysis.synthetic.sightings import Sight
from analysis.synthetic.truth import to_files

RUNS = Path("runs/spotting_films")
SEEDS = range(9000, 9001)
MINUTES, SIZE_PX, DRAWN_HZ = 30.0, (224, 128), 2.5
FEATURES = "seen"


@dataclass(frozen=True, slots=True)
class Result:
    """One trained system: scores, size, cost, and whether it looked at films."""

    score: Mapping[str, SpottingScore]
    is_from_films: bool
    n_parameters: int
    steps: int
    minutes: float
    ms_per_half: float


def measure(data: Path) -> str:
    """The page.

    Raises:
        InputProblem: there are no runs.
    """
    del data
    runs = sorted(path for path in RUNS.glob("*-*") if list(path.glob("*.safetensors")))
    if not runs:
        raise InputProblem(
            "no_runs", f"There are no trained systems in {RUNS}; train some, see docs/reproduce.md."
        )
    place = Path(gettempdir())
    films = _films(place / "touchline-benchmark-films")
    halves = list(make_halves(place / "touchline-benchmark-short-halves", SEEDS, MINUTES))
    results: dict[str, list[Result]] = defaultdict(list)
    for run in runs:
        results[run.name.rpartition("-")[0]].append(_measured(run, films, halves))
    return "\n\n".join([_table(results), WORDS, _per_class(results)])


def _films(folder: Path) -> Path:
    """The films that are measured, made when they are not there."""
    for seed in SEEDS:
        if not (folder / str(seed) / "match.mp4").is_file():
            match = at_film_rate(simulate_match(seed, MINUTES, SIZE_PX), DRAWN_HZ)
            to_files(match, folder / str(seed))
    return folder


def _measured(run: Path, films: Path, paths: Sequence[Path]) -> Result:
    name = run.name.rpartition("-")[0]
    module = SPOTTERS.load(name)
    files = ",".join(str(path) for path in run.glob(f"{name}.safetensors"))
    spotter: LearnedSpotter = module.build(module.Settings(weights_file=files))
    shape = spotter.parts[0][1]
    is_from_films = "frames" in SPOTTERS.card(name).needs
    halves: list[LabelledHalf]
    if is_from_films:
        features = FEATURES if "image_features" in shape.features else ""
        halves = list(read_films(films, shape, parts_of(name).settings, built_stream, features))
    else:
        halves = [simulated(path, shape, seed=77, sight=Sight()) for path in paths]
    started = time.process_time()
    score = scores_of(spotter, halves)
    spent = time.process_time() - started
    rows = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    timed = [row for row in rows if "seconds" in row]
    size = sum(p.numel() for _, _, network in spotter.parts for p in network.parameters())
    return Result(
        score,
        is_from_films,
        size,
        timed[-1]["step"],
        timed[-1]["seconds"] / 60,
        1000 * spent / len(halves),
    )


def _table(results: Mapping[str, Sequence[Result]]) -> str:
    lines = [
        "| system | reads | seeds | loose | tight | parameters | steps | training, minutes | ms a half |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name in sorted(results, key=lambda one: -np.mean([_points(own) for own in results[one]])):
        own = results[name]
        reads = "films" if own[0].is_from_films else "positions"
        lines.append(
            f"| `{name}` | {reads} | {len(own)} | {spread([_points(one) for one in own])} "
            f"| {spread([_points(one, 'tight') for one in own])} | {own[0].n_parameters:,} "
            f"| {own[0].steps} | {np.mean([one.minutes for one in own]):.0f} "
            f"| {np.mean([one.ms_per_half for one in own]):.0f} |"
        )
    return "\n".join(lines)


def _per_class(results: Mapping[str, Sequence[Result]]) -> str:
    return class_rows(
        sorted(results),
        lambda name, label: spread(
            [100 * one.score["loose"].per_class[label] for one in results[name]]
        ),
    )


def _points(result: Result, kind: str = "loose") -> float:
    return 100 * result.score[kind].average_map


WORDS = """\
How to read this: three films of half an hour were learned from, one (71 events) is measured, one seed each, a
core that did other things too: this says that the systems learn from films, and what that costs, not which is
better. Average-mAP over all 17 classes as SoccerNet-v2 defines it, in per cent.

* `transformer` read what a camera sees as positions of the same three matches, 400 steps; on sixty halves it
  comes to 37 (spotting_systems.md). Most of that difference is material.
* `comedian`: 150 steps of the spatial stage, 300 of the last one, each of 2 clips of 16 s, 29 processor seconds
  in all; the stage between, which learns from a bank of features, was left out.
* `e2e_spot`: 102 of the 300 steps its plan has, 66 processor seconds; its pictures are twelve times as large. A
  clip of 32 pictures takes 0.1 to 0.2 s, hence the 25 s a half.
* `audiovid` was not trained: a step of 64 windows of 20 s takes 5.4 processor seconds (its sound network hears
  2560 half seconds), the 600 steps of its plan an hour.
* A film of half an hour at this size takes 40 to 50 processor seconds to make."""
