"""Spotting systems that learn from pictures and sound: simulated films, and beside them positions of the same matches.

Reads runs of `python -m analysis train spotting/NAME --data FILMS --seed S --out runs/spotting_films/NAME-S` and trains
nothing itself. Films to learn from have seeds 1000 to 1002, the one measured here 9000: half an
hour each, 224 x 128 pixels, five pictures in two seconds drawn. Systems that read positions learned from halves of the
same matches (`simulate_halves --minutes 30`) and are measured on the half of the same one.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import gettempdir

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
from analysis.core.registry import SPOTTERS
from analysis.spotting.films import read_films
from analysis.spotting.learned import LabelledHalf, Shape
from analysis.spotting.learning import built_stream, parts_of, simulated
from analysis.synthetic.halves import make_halves
from analysis.synthetic.match import at_film_rate, simulate_match
from analysis.synthetic.sightings import Sight
from analysis.synthetic.truth import to_files

RUNS = Path("runs/spotting_films")
SEEDS = range(9000, 9001)
MINUTES, SIZE_PX, DRAWN_HZ = 30.0, (224, 128), 2.5


def measure(data: Path) -> str:
    """The page.

    Raises:
        InputProblem: there are no runs.
    """
    del data
    runs = runs_by_system(RUNS)
    place = Path(gettempdir())
    films = _films(place / "touchline-benchmark-films")
    halves = list(make_halves(place / "touchline-benchmark-short-halves", SEEDS, MINUTES))
    results: dict[str, list[RunResult]] = {}
    for name, own in runs.items():
        results[name] = []
        for run in own:
            spotter = trained(name, run)
            seen = [_seen(name, shape, films, halves) for _, shape, _ in spotter.parts]
            results[name].append(measured(spotter, run, zip(*seen, strict=True)))
    return "\n\n".join([_table(results), WORDS, _per_class(results)])


def _films(folder: Path) -> Path:
    """The films that are measured, made when they are not there."""
    for seed in SEEDS:
        if not (folder / str(seed) / "match.mp4").is_file():
            match = at_film_rate(simulate_match(seed, MINUTES, SIZE_PX), DRAWN_HZ)
            to_files(match, folder / str(seed))
    return folder


def _seen(name: str, shape: Shape, films: Path, paths: Sequence[Path]) -> list[LabelledHalf]:
    """The halves as a network of a system sees them."""
    if _is_from_films(name):
        return list(read_films(films, shape, parts_of(name).settings, built_stream))
    return [simulated(path, shape, seed=77, sight=Sight()) for path in paths]


def _is_from_films(name: str) -> bool:
    return "frames" in SPOTTERS.card(name).needs


def _table(results: Mapping[str, Sequence[RunResult]]) -> str:
    lines = [
        f"| system | reads | seeds | loose | tight | {' | '.join(COST_COLUMNS)} |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name in best_first(results):
        own = results[name]
        reads = "films" if _is_from_films(name) else "positions"
        lines.append(f"| `{name}` | {reads} | {score_cells(own)} | {cost_cells(own)} |")
    return "\n".join(lines)


def _per_class(results: Mapping[str, Sequence[RunResult]]) -> str:
    return class_rows(sorted(results), lambda name, label: loose_of_class(results[name], label))


WORDS = """\
How to read this: three films of half an hour were learned from, one (71 events) is measured, three seeds each, a
core that did other things too: this says that the systems learn from films, and what that costs, not which is
better. Average-mAP over all 17 classes as SoccerNet-v2 defines it, in per cent.

* `transformer` read what a camera sees as positions of the same three matches, 400 steps; on sixty halves it
  comes to 37 (spotting_systems.md). Most of that difference is material.
* `comedian`: 150 steps of the spatial stage, 300 of the last one, each of 2 clips of 16 s, 29 processor seconds
  in all; the stage between, which learns from a bank of features, was left out.
* `e2e_spot`: 102 of the 300 steps its plan has, 66 processor seconds; its pictures are twelve times as large. A
  clip of 32 pictures takes 0.1 to 0.2 s, hence the 25 s a half.
* `audiovid`: 200 of the 600 steps its plan has, each of 64 windows of 20 s: 2.3 processor seconds a step, eight
  minutes in all. What it sees are the numbers of the bundled network of pictures (`image_features`), which was tuned
  for four minutes on snippets of these three films and two more. It is ahead of all here, probably because it hears
  (no run without sound was made): the simulator's crowd bursts at goals and its whistle blows at stops, so this is
  no promise for a real ground. Windows of 20 s are blunt (tight), and 270 of them are learned nearly by heart.
* A film of half an hour at this size takes 40 to 50 processor seconds to make."""
