"""The recipe `broadcast` from film to events: what is on air, what replays repeat, what is told twice, what it costs.

Films are those of the benchmark of shots: directed matches of ten minutes whose main-camera stretches are shortened to
their last eight seconds. Nothing of the truth is handed over. What a film came to is kept beside it, so that a second
call goes on. The recipe `whole_film`, which calibrates everything, sees the first film only, for the costs.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analysis.benchmarks._analyse import analyse
from analysis.benchmarks._broadcasts import make_film
from analysis.benchmarks._counted_twice import twice
from analysis.benchmarks._film_grounding import answers, replays_in_words, table
from analysis.benchmarks._recipe_on_clips import section
from analysis.benchmarks.replays import grounders
from analysis.benchmarks.shots import FILMS, MINUTES, SEEN_SEEDS, UNSEEN_SEEDS
from analysis.core.artifacts import ArtifactStore
from analysis.core.records import ActionSpot, CameraShot
from analysis.core.registry import SHOT_FINDERS
from analysis.metrics.shots import score_shots
from analysis.pipeline.recipe import load_recipe
from analysis.pipeline.stored import spots_from_plain, spots_to_plain
from analysis.synthetic.broadcasts import Broadcast

SEEDS = (*UNSEEN_SEEDS, *SEEN_SEEDS)


@dataclass(frozen=True, slots=True)
class Run:
    """A film through a recipe.

    Args:
        film: the truth.
        shots: found.
        told: events, thresholds applied.
        candidates: events before that.
        passed_over: share of samples that were not calibrated.
        core_s: processor seconds from an empty store.
    """

    film: Broadcast
    shots: list[CameraShot]
    told: list[ActionSpot]
    candidates: list[ActionSpot]
    passed_over: float
    core_s: float


def measure(data: Path) -> str:
    """The page."""
    runs = [through(seed, "broadcast") for seed in SEEDS]
    whole = through(SEEDS[0], "whole_film")
    clips = section(data, FILMS, _digest())
    parts = [_shots(runs), _costs(runs, whole), _grounding(runs), _twice(runs), clips, _NOTES]
    return "\n\n".join(parts)


def through(seed: int, recipe: str) -> Run:
    """One film through a recipe, or what an earlier call with the same weights kept of it."""
    path, film = make_film(FILMS, seed, MINUTES)
    ending = f"-{_digest()}" if recipe == "broadcast" else ""
    kept = path.with_name(f"{path.stem}-{recipe}{ending}.json")
    if not kept.is_file():
        kept.write_text(json.dumps(_analysed(path, recipe)), encoding="utf-8")
    found = json.loads(kept.read_text(encoding="utf-8"))
    shots = [CameraShot(**one) for one in found["shots"]]
    told, candidates = (spots_from_plain(found[name]) for name in ("told", "candidates"))
    return Run(film, shots, told, candidates, found["passed_over"], found["core_s"])


def _digest() -> str:
    return SHOT_FINDERS.card("compact").weights[0].sha256[:8]


def _analysed(path: Path, recipe: str) -> dict[str, Any]:
    """What the recipe tells of a film, as plain values."""
    began = time.process_time()
    with TemporaryDirectory() as folder:
        store = ArtifactStore(Path(folder))
        summary = analyse(path, load_recipe(recipe), store)
        core_s = time.process_time() - began
        candidates = store.load(summary.artifact_keys["spot"])[1]["spots"]
    shots = [{name: getattr(one, name) for name in CameraShot.__slots__} for one in summary.shots]
    return {
        "shots": shots, "told": spots_to_plain(summary.spots), "candidates": candidates,
        "passed_over": summary.passed_over, "core_s": core_s,
    }  # fmt: skip


def _shots(runs: Sequence[Run]) -> str:
    lines = [
        f"{len(runs)} films, {sum(run.film.duration_ms for run in runs) / 60_000:.0f} minutes; seeds "
        f"{SEEN_SEEDS.start} to {SEEN_SEEDS.stop - 1} were in tables before. *Main or not* as on the page of shots, "
        "but with calibrations as evidence.",
        "",
        "| seeds | main or not | mean IoU of cameras | IoU of replays |",
        "|---|---|---|---|",
    ]
    n_fresh = len(UNSEEN_SEEDS)
    for name, part in (("fresh", runs[:n_fresh]), ("seen before", runs[n_fresh:]), ("all", runs)):
        score = score_shots([(run.film.shots, run.shots) for run in part])
        replays = "–" if score.replay_iou is None else f"{score.replay_iou:.3f}"
        lines.append(f"| {name} | {score.main_accuracy:.3f} | {score.mean_iou:.3f} | {replays} |")
    return "\n".join(lines)


def _costs(runs: Sequence[Run], whole: Run) -> str:
    lines = [
        "## Costs",
        "",
        "Processor seconds of one core, from an empty store. Samples of other cameras are not calibrated: that is "
        "what is saved.",
        "",
        "| seed | film, s | main camera live | passed over | `broadcast`, core s | `whole_film`, core s |",
        "|---|---|---|---|---|---|",
    ]
    for seed, run in zip(SEEDS, runs, strict=True):
        length_s = run.film.duration_ms / 1000
        live = sum(s.end_ms - s.start_ms for s in run.film.shots if _is_live(s)) / 1000 / length_s
        other = f"{whole.core_s:.0f}" if run is runs[0] else "–"
        lines.append(
            f"| {seed} | {length_s:.0f} | {live:.0%} | {run.passed_over:.0%} | {run.core_s:.0f} | {other} |"
        )
    return "\n".join(lines)


def _is_live(shot: CameraShot) -> bool:
    return shot.camera == "Main camera center" and not shot.is_replay


def _grounding(runs: Sequence[Run]) -> str:
    films = [run.film for run in runs]
    shots = [run.shots for run in runs]
    rows = {
        f"`{name}`, candidates": answers(films, shots, [run.candidates for run in runs], grounder)
        for name, grounder in grounders().items()
    }
    fusion = grounders()["fusion"]
    rows["`fusion`, events told"] = answers(films, shots, [run.told for run in runs], fusion)
    return "\n".join(
        [
            "## What replays repeat",
            "",
            replays_in_words(films, shots)
            + " Systems are given all candidates of the spotter; events told are what "
            "a run says.",
            "",
            *table(rows),
        ]
    )


def _twice(runs: Sequence[Run]) -> str:
    n_told = n_twice = 0
    for run in runs:
        events = run.film.events()
        by_time = dict(events)
        repeated = [
            ((link.action_ms, by_time[link.action_ms]), link.replay_start_ms, link.replay_end_ms)
            for link in run.film.links
            if link.action_ms is not None
        ]
        counts = twice(events, run.told, repeated)
        n_told, n_twice = n_told + counts[0], n_twice + counts[1]
    in_replays = sum(
        any(s.is_replay and s.start_ms <= one.position_ms < s.end_ms for s in run.film.shots)
        for run in runs
        for one in run.told
    )
    return (
        "## Events counted twice\n\n"
        f"Of {n_told} true events that were told, {n_twice} were told a second time while they were repeated or within "
        f"5 s after ({100 * n_twice / max(1, n_told):.1f} %). {in_replays} events of any kind were told while a replay "
        f"is on air, of {sum(len(run.told) for run in runs)} told in all."
    )


_NOTES = """## How to read this

* A film of shortened stretches is hard on the spotter: it sees the last eight seconds before a pause, then the next.
* What is saved grows with the time that something else is on air: in whole simulated matches, which show the main
  camera four fifths of the time, at most a fifth can be."""
