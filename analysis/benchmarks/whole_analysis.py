"""What the whole analysis of a broadcast costs, in times of decoding its file alone, and which stage takes how much.

A simulated broadcast with 25 pictures a second is drawn once and kept. Costs are processor seconds, which other
programs on the machine cannot stretch much; decoding and the analysis of chunks spread over cores alike, so that
their ratio is that of the clock as well. Stages are told apart by looking every ten milliseconds of processor time
where the program stands (Linux's profiling timer).
"""

import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from types import FrameType

from analysis.benchmarks._analyse import analyse
from analysis.core.artifacts import ArtifactStore
from analysis.core.records import RunSummary
from analysis.pipeline.recipe import load_recipe
from analysis.synthetic.match import simulate_match
from analysis.synthetic.truth import write_video
from analysis.video.decode import VideoSource
from analysis.video.probe import probe

SEED, MINUTES, SIZE_PX = 9030, 12.0, (1280, 720)
RECIPES = ("default", "whole_film")
LOOK_EVERY_S = 0.01
# Part of a module's path -> stage; the innermost call that fits counts.
STAGES = {
    "/analysis/video/": "decoding",
    "/calibration/motion": "motion between samples",
    "/analysis/calibration/": "calibrating",
    "/localization/detectors/": "detecting people and ball",
    "/analysis/localization/": "positions, tracks, teams",
    "/analysis/shots/": "shots and replays",
    "/analysis/replays/": "shots and replays",
    "/analysis/representations/": "spotting",
    "/analysis/spotting/": "spotting",
}
REST = "the rest: storing, probing, start-up"


def measure(data: Path) -> str:
    """The page; real material is not used."""
    del data
    film = Path(gettempdir()) / f"touchline-benchmark-whole-{SEED}-{MINUTES:g}.mp4"
    if not film.is_file():
        part = film.with_suffix(".part.mp4")
        write_video(simulate_match(SEED, MINUTES, SIZE_PX), part)
        part.replace(film)
    decoding_s = decoded(film)
    rows = {name: analysed(film, name) for name in RECIPES}
    return "\n\n".join([_words(decoding_s), _table(decoding_s, rows)])


def decoded(film: Path) -> float:
    """Processor seconds to decode every picture of a film and do nothing with it."""
    info = probe(film)
    began = time.process_time()
    for _ in VideoSource(info).frames_at(1 / 60, on_picture=lambda time_ms, picture: None):
        pass
    return time.process_time() - began


def analysed(film: Path, recipe: str) -> tuple[float, Counter[str], RunSummary]:
    """Processor seconds of the analysis, where they were spent (in looks), and what came out."""
    with TemporaryDirectory() as folder:
        began = time.process_time()
        with looked_at() as looks:
            summary = analyse(film, load_recipe(recipe), ArtifactStore(Path(folder)))
        return time.process_time() - began, looks, summary


@contextmanager
def looked_at() -> Iterator[Counter[str]]:
    """Counts, for as long as the block runs, in which stage the program stands."""
    looks: Counter[str] = Counter()

    def look(number: int, frame: FrameType | None) -> None:
        del number
        looks[_stage_of(frame)] += 1

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, LOOK_EVERY_S, LOOK_EVERY_S)
    try:
        yield looks
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _stage_of(frame: FrameType | None) -> str:
    while frame is not None:
        path = frame.f_code.co_filename
        for part, stage in STAGES.items():
            if part in path:
                return stage
        frame = frame.f_back
    return REST


def _words(decoding_s: float) -> str:
    return (
        f"A simulated broadcast of {MINUTES:g} minutes (seed {SEED}, {SIZE_PX[0]}x{SIZE_PX[1]}, 25 pictures a second), "
        f"no GPU. Decoding the file alone takes {decoding_s:.1f} processor seconds, "
        f"{decoding_s / MINUTES / 60:.3f} for each second of film."
    )


def _table(decoding_s: float, rows: dict[str, tuple[float, Counter[str], RunSummary]]) -> str:
    stages = [*dict.fromkeys(STAGES.values()), REST]
    lines = [
        "| recipe | processor s a second of film | times decoding | samples passed over | "
        + " | ".join(stages)
        + " |",
        "|---" * (4 + len(stages)) + "|",
    ]
    for name, (spent_s, looks, summary) in rows.items():
        shares = [f"{looks[stage] / max(looks.total(), 1):.0%}" for stage in stages]
        lines.append(
            f"| `{name}` | {spent_s / MINUTES / 60:.2f} | {spent_s / decoding_s:.1f} "
            f"| {summary.passed_over:.0%} | " + " | ".join(shares) + " |"
        )
    return "\n".join(lines)
