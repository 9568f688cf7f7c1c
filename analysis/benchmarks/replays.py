"""Replay grounding: which live moment a replay repeats, on simulated halves nobody learned from.

Replays and what they repeat are the director's; events are candidates of the default spotter, which saw the half as a
camera sees it (`analysis.synthetic.sightings`). A system without bundled weights is measured where `runs/replays/NAME`
holds them. Trains nothing itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import numpy as np

from analysis.benchmarks._counted_twice import twice
from analysis.benchmarks._simulated_halves import halves_of, spots_of
from analysis.core.pitch import STANDARD_PITCH
from analysis.core.records import ActionSpot, CameraShot
from analysis.core.registry import REPLAY_GROUNDERS, SPOTTERS
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.metrics.grounding import GroundedReplay, average_ap
from analysis.metrics.spotting import TOLERANCES_S
from analysis.pipeline.recipe import load_recipe
from analysis.replays.base import Grounded
from analysis.replays.linking import ensemble
from analysis.replays.simulated import Replayed, replays_of, shots_of
from analysis.spotting.postprocess import Rules, postprocess
from analysis.synthetic.halves import SimulatedHalf
from analysis.synthetic.sightings import Sight

SEEDS = range(9000, 9008)
RUNS = Path("runs/replays")
ENSEMBLES = (
    ("calf_more_negative", "transformer"),
    ("fusion", "calf_more_negative", "transformer"),
)


@dataclass(frozen=True, slots=True)
class Case:
    """A half, its shots, its candidates, and what its replays repeat."""

    half: SimulatedHalf
    shots: list[CameraShot]
    spots: list[ActionSpot]
    replays: list[Replayed]


def measure(data: Path) -> str:
    """The page."""
    del data
    cases = _cases()
    answers: dict[str, list[Grounded]] = {
        name: [grounder.ground(case.shots, case.spots) for case in cases]
        for name, grounder in grounders().items()
    }
    for names in ENSEMBLES:
        if set(names) <= set(answers):
            parts = zip(*(answers[name] for name in names), strict=True)
            answers[" + ".join(names)] = [ensemble(part) for part in parts]
    rows = []
    for name, answer in answers.items():
        told = [grounded(case, one) for case, one in zip(cases, answer, strict=True)]
        rows.append(ap_row(f"`{name}`", [pair for part in told for pair in part]))
    n_replays = sum(len(case.replays) for case in cases)
    head = [
        f"{n_replays} replays in {len(cases)} halves of 30 minutes, seeds {SEEDS.start} to {SEEDS.stop - 1}. "
        "Average-AP as the official evaluation has it (suppression inside the metric), and our own protocol (none).",
        "",
        "| system | loose | tight | loose, own | tight, own |",
        "|---|---|---|---|---|",
    ]
    rules = load_recipe("broadcast").events
    n_events, n_twice = (
        sum(pair) for pair in zip(*(told_twice(c, rules) for c in cases), strict=True)
    )
    words = (
        f"Of {n_events} true events that were told, {n_twice} were told a second time while they were repeated or "
        f"within 5 s after ({100 * n_twice / max(1, n_events):.2f} %), although one in twenty stretches off the main "
        "camera is taken for live play in these sightings."
    )
    return "\n".join([*head, *rows, "", "## Events counted twice", "", words, "", _NOTES])


def _cases() -> list[Case]:
    halves = halves_of(Path(gettempdir()) / "touchline-benchmark-halves", SEEDS)
    spotter_name = load_recipe("broadcast").spot
    name = spotter_name.method if spotter_name is not None else "position_anchors"
    module = SPOTTERS.load(name)
    spotter = module.build(module.Settings(), "cpu")
    spots = spots_of(name, lambda streams: spotter.spot(streams, STANDARD_PITCH), halves, Sight())
    cases = []
    for (_, half), found in zip(halves, spots, strict=True):
        shots = shots_of(half)
        cases.append(Case(half, shots, found, replays_of(half, shots)))
    return cases


def grounders() -> dict[str, Any]:
    """Every system that has weights or needs none."""
    found = {}
    for name in REPLAY_GROUNDERS.names():
        module, card = REPLAY_GROUNDERS.load(name), REPLAY_GROUNDERS.card(name)
        trained = RUNS / name / f"{name}.safetensors"
        if card.weights or card.is_baseline:
            found[name] = module.build(module.Settings())
        elif trained.is_file():
            found[name] = module.build(module.Settings(weights_file=str(trained)))
    return found


def grounded(case: Case, answer: Grounded) -> list[GroundedReplay]:
    """Each replay's truth beside its proposals."""
    told = {shot.start_ms: proposals for shot, proposals in answer}
    pairs = []
    for replay in case.replays:
        proposals = told[case.shots[replay.shot].start_ms]
        pairs.append(
            GroundedReplay(
                float(case.half.event_ms[replay.event]) / 1000,
                np.array([one.time_ms / 1000 for one in proposals]),
                np.array([one.score for one in proposals]),
            )
        )
    return pairs


def ap_row(name: str, pairs: Sequence[GroundedReplay]) -> str:
    """A row of average-AP: loose and tight, as the official evaluation has them and without its suppression."""
    figures: Mapping[tuple[bool, str], float] = {
        (suppress, metric): average_ap(pairs, TOLERANCES_S[metric], suppress=suppress)[0]
        for suppress in (True, False)
        for metric in ("loose", "tight")
    }
    return f"| {name} | {' | '.join(f'{value:.3f}' for value in figures.values())} |"


def told_twice(case: Case, rules: Rules) -> tuple[int, int]:
    """(true events told at all, true events told again during a replay of them or shortly after it)."""
    events = [
        (int(time_ms), SOCCERNET_V2.labels[int(label)])
        for time_ms, label in zip(case.half.event_ms, case.half.event_label, strict=True)
    ]
    repeated = [
        (events[one.event], case.shots[one.shot].start_ms, case.shots[one.shot].end_ms)
        for one in case.replays
    ]
    return twice(events, postprocess(case.spots, rules), repeated)


_NOTES = """## How to read this

* A simulated director repeats what has just stopped play, after 3 to 33 seconds, and the default spotter finds most of
  that; real directors also repeat what nobody labelled, much later, and in the next pause but one. So these figures
  are an upper end, and the systems differ less here than in their papers.
* The published systems read here what is on air and what was spotted, twice a second, not pictures, and were trained
  for a minute or two of one processor core on 60 halves (docs/reproduce.md)."""
