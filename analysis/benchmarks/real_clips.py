"""The default recipe on real clips: how much is calibrated, how many people stand where, and what it costs.

Costs are processor seconds of one core, so that other work on the machine does not count; "x decoding" compares the
whole analysis with decoding the same file and doing nothing with it, "x playing" with the clip's length.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analysis.benchmarks._analyse import analyse
from analysis.core.artifacts import ArtifactStore
from analysis.core.pitch import STANDARD_PITCH
from analysis.core.problems import InputProblem
from analysis.core.records import RunSummary
from analysis.localization.locator import locate_video
from analysis.pipeline.plan import make_plan
from analysis.pipeline.recipe import Recipe, load_recipe
from analysis.pipeline.seeing import calibrated
from analysis.video.decode import VideoSource
from analysis.video.probe import probe

FOLDERS = ("clips", "clips_short")
_COLUMNS = (
    "clip", "frames", "verdict", "calibrated", "positions", "within 3 m", "people, median", "events", "x decoding",
    "x playing",
)  # fmt: skip
_HEADER = f"| {' | '.join(_COLUMNS)} |\n{'|---' * len(_COLUMNS)}|"
_SHARES = "| stage | share of the time |\n|---|---|"


@dataclass(frozen=True, slots=True)
class Figures:
    """What one clip came to.

    Args:
        n_samples: sampled frames.
        calibrated: share of them with a usable calibration.
        n_positions: people with a place, seen (not filled in).
        within_3m: share of all places on the pitch or at most 3 m beside it.
        people: median number of places in a calibrated frame.
    """

    n_samples: int
    calibrated: float
    n_positions: int
    within_3m: float
    people: float


def measure(data: Path) -> str:
    """The page: a row a clip, and the share of each stage."""
    recipe = load_recipe("default")
    paths = clips_in(data)
    rows = [_row(path, recipe) for path in paths]
    longest = max(paths, key=lambda path: probe(path, sha256="-").duration_ms)
    stages = stage_seconds(longest, recipe)
    total = sum(stages.values())
    shares = [f"| {stage} | {seconds / total:.0%} |" for stage, seconds in stages.items()]
    return "\n".join([_WORDS, "", _HEADER, *rows, "", _SHARES, *shares, "", _NOTES])


_WORDS = """The default recipe (`analysis/pipeline/recipes/default.toml`) on every real clip, from an empty store.
"Calibrated" is the share of the sampled frames (2 a second) with a usable calibration; a verdict other than ok
refuses all of them. Whoever stands more than 3 m outside the lines is dropped by the locator, so "within 3 m" can
only fall below 100 % where gaps were filled in. There is no truth for these clips: the figures show that the method
answers, not that it is right."""

_NOTES = """Costs are processor seconds of one core against decoding the same file (x decoding) and against its length
(x playing); the shares are those of the longest clip. The stages after locating (teams, streams, spotting) take less
than a hundredth."""


def clips_in(data: Path) -> list[Path]:
    """Real clips, sorted by folder and name. Raises: InputProblem ``folder_missing``."""
    found = [path for folder in FOLDERS for path in sorted((data / folder).glob("*.mp4"))]
    if not found:
        raise InputProblem(
            "folder_missing", f"There are no clips in {data.name!r}; name them with --data."
        )
    return found


def figures_of(summary: RunSummary, floor: float) -> Figures:
    """Counts of a run."""
    usable = summary.calibrations.usable(floor)
    times_ms = summary.calibrations.times_ms[usable]
    places = summary.players.pitch_xy_m
    has_place = np.isfinite(places).all(axis=1)
    seen = has_place & (summary.players.source == 0)
    counts = [int((summary.players.times_ms[has_place] == t).sum()) for t in times_ms]
    inside = STANDARD_PITCH.contains(places[has_place], margin_m=3.0)
    return Figures(
        n_samples=len(usable),
        calibrated=float(usable.mean()) if len(usable) else 0.0,
        n_positions=int(seen.sum()),
        within_3m=float(inside.mean()) if len(inside) else float("nan"),
        people=float(np.median(counts)) if counts else 0.0,
    )


def _row(path: Path, recipe: Recipe) -> str:
    with tempfile.TemporaryDirectory() as folder:
        summary, seconds = _timed(lambda: analyse(path, recipe, ArtifactStore(Path(folder))))
    _, decoding = _timed(lambda: sum(1 for _ in VideoSource(summary.video).frames_at(0.1)))
    found = figures_of(summary, recipe.floor)
    within = "–" if np.isnan(found.within_3m) else f"{found.within_3m:.0%}"
    playing = seconds / (summary.video.duration_ms / 1000)
    cells = [
        path.stem, found.n_samples, summary.verdict, f"{found.calibrated:.0%}", found.n_positions, within,
        f"{found.people:.0f}", len(summary.spots), f"{seconds / decoding:.1f}", f"{playing:.2f}",
    ]  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def stage_seconds(path: Path, recipe: Recipe) -> dict[str, float]:
    """Processor seconds of decoding, calibrating and locating one clip, each by itself."""
    built = {}
    for step in make_plan(recipe):
        if step.stage not in {"calibrate", "locate"}:
            continue
        module = step.family.load(step.card.slug)
        built[step.stage] = module.build(module.Settings(**step.settings), "cpu")
    source = VideoSource(probe(path, sha256="-"))
    frames, decode = _timed(lambda: list(source.frames_at(recipe.rate_hz)))
    pairs, calibrate = _timed(lambda: list(calibrated(frames, built["calibrate"], STANDARD_PITCH)))
    _, locate = _timed(
        lambda: locate_video(pairs, built["locate"], STANDARD_PITCH, floor=recipe.floor)
    )
    return {"decode": decode, "calibrate": calibrate, "locate": locate}


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.process_time()
    return work(), time.process_time() - start
