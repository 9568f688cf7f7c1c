"""From video to events: whole simulated broadcasts through the default recipe, nothing of the truth handed over.

The same matches are spotted from their true positions and from positions as a camera is modelled to see them, so that
the distance between the rows tells what calibration, detection and tracking cost the spotter. Films are drawn with five
pictures a second, of which the pipeline looks at two. Events found are kept beside the films: a second call goes on.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import gettempdir

import numpy as np

from analysis.benchmarks._analyse import analyse
from analysis.benchmarks._simulated_halves import SIGHTS, Figures, figures_of, streams_of
from analysis.core.artifacts import ArtifactStore
from analysis.core.pitch import STANDARD_PITCH
from analysis.core.records import ActionSpot
from analysis.core.registry import SPOTTERS
from analysis.pipeline.recipe import load_recipe
from analysis.pipeline.stored import spots_from_plain
from analysis.synthetic.clock import ms_of_frame
from analysis.synthetic.halves import SimulatedHalf, half_of
from analysis.synthetic.match import at_film_rate, simulate_match
from analysis.synthetic.sightings import sightings
from analysis.synthetic.truth import write_video

SEEDS = range(9020, 9025)
MINUTES = 6.0
SIZE_PX = (1280, 720)
FILM_RATE_HZ = 5.0
RECIPE = "default"


@dataclass(frozen=True, slots=True)
class Watched:
    """One broadcast: its truth, what the pipeline told of it, and what that took.

    Args:
        half: the truth; its times begin with the film.
        spots: candidates in video time.
        coverage: share of samples with a usable calibration.
        core_s: processor seconds of the analysis.
    """

    half: SimulatedHalf
    spots: list[ActionSpot]
    coverage: float
    core_s: float


def measure(data: Path) -> str:
    """The page; real material is not used."""
    folder = Path(gettempdir()) / "touchline-benchmark-broadcasts"
    folder.mkdir(parents=True, exist_ok=True)
    return page([watched(seed, folder) for seed in SEEDS])


def watched(seed: int, folder: Path, minutes: float = MINUTES) -> Watched:
    """Draw a broadcast and analyse it, or read what an earlier call kept.

    Raises:
        InputProblem: the film is refused; the simulator or the pipeline is broken then.
    """
    match = at_film_rate(simulate_match(seed, minutes, SIZE_PX), FILM_RATE_HZ)
    period = match.play.periods[0]
    half = half_of(match, period)
    kept = folder / f"{seed}-{minutes:g}-{RECIPE}.json"
    if not kept.is_file():
        film = folder / f"{seed}-{minutes:g}.mp4"
        if not film.is_file():
            write_video(match, film.with_suffix(".part.mp4"))
            film.with_suffix(".part.mp4").replace(film)
        store = ArtifactStore(folder / "store")
        began = time.process_time()
        summary = analyse(film, load_recipe(RECIPE), store)
        found = {
            # Candidates, as the other rows have them: the recipe's thresholds would cut the curves short.
            "spots": store.load(summary.artifact_keys["spot"])[1]["spots"],
            "coverage": summary.coverage,
            "core_s": time.process_time() - began,
        }
        kept.write_text(json.dumps(found), encoding="utf-8")
    found = json.loads(kept.read_text(encoding="utf-8"))
    begin_ms = ms_of_frame(period.start)
    spots = [
        replace(spot, position_ms=spot.position_ms - begin_ms)
        for spot in spots_from_plain(found["spots"])
    ]
    return Watched(half, spots, found["coverage"], found["core_s"])


def page(films: Sequence[Watched]) -> str:
    """Averages of the three ways to see, and the classes."""
    halves = [film.half for film in films]
    rows = {"from the video": figures_of(halves, [film.spots for film in films])}
    chosen = load_recipe(RECIPE).spot
    name = chosen.method if chosen else "rules"
    module, card = SPOTTERS.load(name), SPOTTERS.card(name)
    spotter = module.build(module.Settings(), "cpu")
    for sight_name, sight in SIGHTS.items():
        told = []
        for number, half in enumerate(halves):
            rng = np.random.default_rng([number, 77])
            streams = streams_of(*sightings(half, sight, rng), card)
            told.append(spotter.spot(streams, STANDARD_PITCH))
        rows[f"positions, {sight_name}"] = figures_of(halves, told)
    return "\n".join([_words(films, name), "", *_means(rows), "", *_classes(rows)])


def _words(films: Sequence[Watched], name: str) -> str:
    minutes = sum(film.half.duration_ms for film in films) / 60000
    coverage = np.mean([film.coverage for film in films])
    cost = sum(film.core_s for film in films) / 60 / minutes
    return (
        f"{len(films)} simulated broadcasts of {MINUTES:g} minutes (seeds {SEEDS.start} to {SEEDS.stop - 1}, "
        f"{SIZE_PX[0]}x{SIZE_PX[1]}, close-ups, replays and all), analysed by the recipe `{RECIPE}` with its spotter "
        f"`{name}`. {coverage:.0%} of the samples were calibrated; the analysis took {cost:.2f} processor seconds for "
        "each second of film. Average-mAP over the classes that occur, in brackets over all 17."
    )


def _means(rows: dict[str, Figures]) -> list[str]:
    lines = ["| events | loose | tight |", "|---|---|---|"]
    for name, one in rows.items():
        lines.append(
            f"| {name} | {one.loose:.3f} ({one.official_loose:.3f}) | {one.tight:.3f} ({one.official_tight:.3f}) |"
        )
    return lines


def _classes(rows: dict[str, Figures]) -> list[str]:
    lines = [
        f"| class | events | {' | '.join(f'{name}: loose' for name in rows)} |",
        "|---|---|" + "---|" * len(rows),
    ]
    for classes in zip(*(one.classes for one in rows.values()), strict=True):
        if classes[0].n_events:
            scores = " | ".join(f"{one.loose:.2f}" for one in classes)
            lines.append(f"| {classes[0].label} | {classes[0].n_events} | {scores} |")
    return lines
