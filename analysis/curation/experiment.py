"""The experiment of active learning on simulated halves: ways of choosing clips against each other, over seeds."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from analysis.core.problems import InputProblem
from analysis.core.registry import SPOTTERS
from analysis.curation.loop import SHARES, Schedule, curate
from analysis.curation.measures import MEASURES, RANDOM
from analysis.curation.replay import WindowLearner
from analysis.curation.selection import Choice
from analysis.spotting.learned import LabelledHalf, Shape
from analysis.spotting.learning import SIMULATED_HALVES, parts_of, simulated
from analysis.spotting.reduction import Reductions
from analysis.spotting.windows import WindowMethod
from analysis.synthetic.sightings import Sight

ALL, DIVERSE = "all", "+diversity"
DIVERSITY = 0.5
MEASURED_FROM = 0.08
Curves = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is replayed; see ``python -m analysis curate --help``."""

    data: Path
    held_out: Path
    spotter: str = "maxpool"
    choices: tuple[str, ...] = ("random", "uncertainty", "entropy", "entropy+diversity", "foremost")
    seeds: int = 3
    n_halves: int = 0
    steps: int = 600
    n_components: int = 128
    out: Path | None = None


def run(plan: Plan, tell: Callable[[str], None] = lambda line: None) -> Curves:
    """Curves by ``CHOICE/SEED``: share -> loose Average-mAP in per cent; ``all/SEED`` learned everything.

    Raises:
        InputProblem: no halves, an unknown choice, or a spotter that judges no windows.
    """
    method, shape = _spotter(plan.spotter)
    choices = {name: _choice(name) for name in plan.choices}
    pool = _halves(plan.data, shape, plan.n_halves, None)
    held_out = _halves(plan.held_out, shape, 0, Sight())
    reduce = Reductions.fit([half.inputs for half in pool], plan.n_components)
    pool, held_out = (
        [replace(half, inputs=reduce(half.inputs)) for half in halves]
        for halves in (pool, held_out)
    )
    n_features = pool[0].inputs.features.shape[1]
    shape = replace(shape, n_features=n_features, n_components=0)
    curves = _read(plan.out)
    for seed in range(plan.seeds):
        learner = WindowLearner(method, shape, pool, held_out, steps=plan.steps, seed=seed)
        for name in [ALL, *choices]:
            key = f"{name}/{seed}"
            if key in curves:
                continue
            curves[key] = _curve(learner, choices.get(name), seed)
            tell(f"{key}: " + "  ".join(f"{s} {v:.1f}" for s, v in curves[key].items()))
            if plan.out is not None:
                plan.out.parent.mkdir(parents=True, exist_ok=True)
                plan.out.write_text(json.dumps(curves, indent=1), encoding="utf-8")
    return curves


def table(curves: Mapping[str, Mapping[str, float]]) -> str:
    """Markdown: a row a share, a column a choice, mean ± spread over seeds."""
    names = list(dict.fromkeys(key.rpartition("/")[0] for key in curves))
    by_name = {
        name: [c for key, c in curves.items() if key.rpartition("/")[0] == name] for name in names
    }
    choices = [name for name in names if name != ALL]
    shares = sorted(
        {share for name in choices for own in by_name[name] for share in own}, key=float
    )
    lines = ["| annotated | " + " | ".join(choices) + " |", "|---" * (1 + len(choices)) + "|"]
    for share in shares:
        cells = [spread([own[share] for own in by_name[name]]) for name in choices]
        lines.append(f"| {100 * float(share):g} % | " + " | ".join(cells) + " |")
    if ALL in by_name:
        whole = spread([value for own in by_name[ALL] for value in own.values()])
        lines.append("| 100 % | " + " | ".join([whole] * len(choices)) + " |")
    return "\n".join(lines)


def spread(values: list[float]) -> str:
    """Mean, and with several values their standard deviation."""
    if len(values) == 1:
        return f"{values[0]:.1f}"
    return f"{np.mean(values):.1f} ± {np.std(values, ddof=1):.1f}"


def _curve(learner: WindowLearner, choice: Choice | None, seed: int) -> dict[str, float]:
    if choice is None:
        return {"1": learner.measure(np.arange(len(learner.half)))}
    steps = curate(
        learner, choice, Schedule(SHARES), seed=seed, measured=lambda share: share >= MEASURED_FROM
    )
    return {f"{step.share:g}": step.score for step in steps if np.isfinite(step.score)}


def _choice(name: str) -> Choice:
    measure = name.removesuffix(DIVERSE)
    if measure not in {RANDOM, *MEASURES}:
        known = ", ".join([RANDOM, *MEASURES])
        raise InputProblem(
            "measure_unknown",
            f"There is no way of choosing {name!r}; there are {known}, each with {DIVERSE!r} too.",
        )
    return Choice(measure, DIVERSITY if name.endswith(DIVERSE) else 0.0)


def _spotter(name: str) -> tuple[WindowMethod, Shape]:
    judges_windows = {
        own: SPOTTERS.load(own).METHOD
        for own in SPOTTERS.names()
        if isinstance(getattr(SPOTTERS.load(own), "METHOD", None), WindowMethod)
    }
    if name not in judges_windows:
        raise InputProblem(
            "spotter_judges_no_windows",
            f"Clips are chosen for a spotter that judges windows, which {name!r} does not; "
            f"these do: {', '.join(judges_windows)}.",
        )
    return judges_windows[name], parts_of(name).shapes[""]


def _halves(folder: Path, shape: Shape, n_most: int, sight: Sight | None) -> list[LabelledHalf]:
    paths = sorted(folder.glob(SIMULATED_HALVES))
    if not paths:
        raise InputProblem(
            "labels_missing",
            f"There are no simulated halves in {folder}; make some with: python -m analysis simulate_halves.",
        )
    return [simulated(path, shape, sight=sight) for path in paths[: n_most or None]]


def _read(path: Path | None) -> Curves:
    if path is None or not path.is_file():
        return {}
    curves: Curves = json.loads(path.read_text(encoding="utf-8"))
    return curves
