"""The published spotting systems side by side: the same simulated halves, the same inputs where they allow it.

Reads runs of `python -m analysis train spotting/NAME --data HALVES --seed S --out runs/spotting_systems/NAME-S` and
trains nothing itself; a system with several seeds is told as mean and spread. Halves to learn from have seeds 1000 to
1029, those measured here 9000 to 9003, seen as a camera sees them. Beside them what comes ready: the default spotter,
the rules, the recipe `ensemble` and other ensembles whose recipes lie beside the runs.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import numpy as np

from analysis.benchmarks._attention_deletion import Deletion, K, deletion, difference
from analysis.benchmarks._simulated_halves import streams_of
from analysis.benchmarks._spotting_systems_words import COST, READING
from analysis.benchmarks._tables import class_rows
from analysis.benchmarks._trained_runs import (
    COST_COLUMNS,
    RunResult,
    best_first,
    cost_cells,
    loose_of_class,
    measured,
    runs_by_system,
    score_cells,
    trained,
)
from analysis.core.pitch import STANDARD_PITCH
from analysis.core.registry import SPOTTERS
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.metrics.spotting import (
    TOLERANCES_S,
    HalfLabels,
    average_map,
)
from analysis.pipeline.recipe import load_recipe
from analysis.spotting.learned import LabelledHalf, LearnedSpotter, Shape
from analysis.spotting.learning import as_predictions, parts_of, simulated
from analysis.synthetic.halves import load_half, make_halves
from analysis.synthetic.sightings import Sight, sightings

RUNS = Path("runs/spotting_systems")
SEEDS = range(9000, 9004)
READY = ("position_anchors", "rules")
RECIPE = "ensemble"
LOOKING = "uglf"


def measure(data: Path) -> str:
    """The page.

    Raises:
        InputProblem: there are no runs.
    """
    del data
    runs = runs_by_system(RUNS)
    halves = list(make_halves(Path(gettempdir()) / "touchline-benchmark-halves", SEEDS, 60.0))
    results: dict[str, list[RunResult]] = {}
    looked: list[Deletion] = []
    for name, own in runs.items():
        results[name] = []
        for run in own:
            spotter = trained(name, run)
            results[name].append(measured(spotter, run, _views(name, spotter, halves)))
            if name == LOOKING:
                seen = [views[-1] for views in _views(name, spotter, halves)]
                looked.append(deletion(spotter, seen))
    ready = _ready(halves)
    per_class = {**results, **{name: [own] for name, own in ready.items()}}
    parts = [_introduction(len(halves)), _table(results), _ready_table(ready), READING, COST]
    return "\n\n".join([*parts, _attention(looked), _per_class(per_class)])


def _views(
    name: str, spotter: LearnedSpotter, paths: Sequence[Path]
) -> Iterator[list[LabelledHalf]]:
    """Each half as every network of a system sees it."""
    system = name if parts_of(name).settings else ""
    for path in paths:
        yield [
            _seen(path, shape.features, shape.branch_stream, system)
            for _, shape, _ in spotter.parts
        ]


@lru_cache(maxsize=64)
def _seen(path: Path, features: tuple[str, ...], stream: str, system: str) -> LabelledHalf:
    """A half as a network sees it; most systems read the same. ``system`` names whose settings count, if any."""
    wanted = Shape(features=features, branch_stream=stream)
    settings = parts_of(system).settings if system else {}
    return simulated(path, wanted, settings=settings, seed=77, sight=Sight())


def _ready(paths: Sequence[Path]) -> dict[str, RunResult]:
    """What comes with weights or needs none, on the same halves seen the same way."""
    named: dict[str, tuple[str, Mapping[str, Any]]] = {name: (name, {}) for name in READY}
    for recipe in (RECIPE, *map(str, sorted(RUNS.glob("*.toml")))):
        choice = load_recipe(recipe).spot
        if choice is not None:
            named[Path(recipe).stem] = (choice.method, choice.settings)
    found = {}
    for name, (method, values) in named.items():
        module, card = SPOTTERS.load(method), SPOTTERS.card(method)
        spotter = module.build(module.Settings(**values), "cpu")
        predictions, halves, spent = [], [], 0.0
        for path in paths:
            half = load_half(path)
            # The same draw of errors as ``learning.simulated`` makes of this file and seed.
            rng = np.random.default_rng([77, *path.stem.encode()])
            players, calibrations = sightings(half, Sight(), rng)
            streams = streams_of(players, calibrations, card)
            started = time.process_time()
            spots = spotter.spot(streams, STANDARD_PITCH)
            spent += time.process_time() - started
            predictions.append(as_predictions(spots))
            halves.append(HalfLabels(half.event_ms, half.event_label, half.event_shown))
        score = {
            kind: average_map(
                halves, predictions, len(SOCCERNET_V2), tolerances_s=TOLERANCES_S[kind]
            )
            for kind in ("loose", "tight")
        }
        found[name] = RunResult(score, 0, 0, 0.0, 1000 * spent / len(paths))
    return found


def _ready_table(ready: Mapping[str, RunResult]) -> str:
    lines = ["| what comes ready | loose | tight | ms a half |", "|---|---|---|---|"]
    lines += [
        f"| `{name}` | {own.points():.1f} | {own.points('tight'):.1f} | {own.ms_per_half:.0f} |"
        for name, own in sorted(ready.items(), key=lambda pair: -pair[1].points())
    ]
    return "\n".join(lines)


def _attention(looked: Sequence[Deletion]) -> str:
    if not looked:
        return ""
    mean, low, high = difference(looked)
    falls = [
        np.concatenate([getattr(one, name) for one in looked])
        for name in ("attended", "random", "score")
    ]
    held = "holds" if low > 0 else "does not hold"
    return (
        "## Is attention evidence?\n\n"
        f"`{LOOKING}` keeps the people of a frame that have at least an even share of its attention. Without the {K} "
        "most looked at in every frame the score of an event's class changes by "
        f"{-100 * falls[0].mean():+.2f} points, without {K} at random by {-100 * falls[1].mean():+.2f} (of "
        f"{100 * falls[2].mean():.1f} on average; {len(falls[0])} events, seeds of training: {len(looked)}). That is "
        f"{100 * mean:.2f} points further down, {100 * low:.2f} to {100 * high:.2f} in 95 % of 2000 draws of halves: "
        f"that attention "
        f"is evidence {held} here. Users are shown none."
    )


def _introduction(n_halves: int) -> str:
    return (
        f"{n_halves} halves of 30 simulated minutes, seeds {SEEDS.start} to {SEEDS.stop - 1}, as a camera sees them "
        "(`analysis.synthetic.sightings`). Average-mAP over all 17 classes as SoccerNet-v2 defines it, in per cent; "
        "classes that do not occur count as 0. CALF reads what the picture shows (`picture_layout`, 344 numbers), the "
        "others that and positions (`pitch_layout`, together 872). Training minutes are wall time of one processor "
        "thread on a machine that did other things too; of `calf_calibration` those of the fuzzy network."
    )


def _table(results: Mapping[str, Sequence[RunResult]]) -> str:
    lines = [
        f"| system | seeds | loose | tight | {' | '.join(COST_COLUMNS)} |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in best_first(results):
        own = results[name]
        lines.append(f"| `{name}` | {score_cells(own)} | {cost_cells(own)} |")
    return "\n".join(lines)


def _per_class(results: Mapping[str, Sequence[RunResult]]) -> str:
    return class_rows(sorted(results), lambda name, label: loose_of_class(results[name], label))
