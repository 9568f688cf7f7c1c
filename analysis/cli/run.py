"""Analyse a match's videos: events, positions in metres and calibrations as files.

One video may hold the whole match; several are its halves in order. DIR gets events.csv, tracking.csv.gz,
calibration.csv, shots.csv, replays.csv and manifest.json, all of them or none. Results of the stages are kept in a
store, so that the same command goes on where it was stopped.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from analysis.core.problems import InputProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.core.pitch import PitchSpec
    from analysis.core.records import RunSummary, StageEvent

_WORDS = {
    "probe": "checking the video",
    "calibrate": "calibrating the camera",
    "locate": "finding people",
    "teams": "telling teams apart",
    "represent": "drawing top views",
    "spot": "spotting events",
}


class Listener(Protocol):
    """Somebody who wants to know how far the work is."""

    def __call__(self, event: "StageEvent") -> None:
        """A stage moved on."""
        ...


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        "videos", nargs="+", type=Path, metavar="VIDEO", help="video files in order"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder for the files"
    )
    parser.add_argument(
        "--recipe", default="default", metavar="NAME", help="recipe, or a .toml file"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    parser.add_argument("--pitch", default="105x68", metavar="LxW", help="metres (default: 105x68)")
    parser.add_argument("--match-id", metavar="TEXT", help="default: the first video's name")
    parser.add_argument(
        "--store",
        type=Path,
        default=default_store(),
        metavar="DIR",
        help="where stage results are kept",
    )


def main(args: argparse.Namespace) -> int:
    """Run the analysis and write its files."""
    from analysis.core.artifacts import ArtifactStore
    from analysis.pipeline.files import check_target, write_files
    from analysis.pipeline.recipe import load_recipe
    from analysis.pipeline.run import run_match

    pitch = parse_pitch(args.pitch)
    recipe = load_recipe(args.recipe)
    check_target(args.out)
    with listener() as on_event:
        summaries = run_match(
            args.videos,
            recipe,
            ArtifactStore(args.store),
            pitch=pitch,
            device=args.device,
            on_event=on_event,
        )
    match_id = args.match_id or args.videos[0].stem
    write_files(args.out, summaries, recipe, pitch, match_id)
    for sentence in words_of(summaries):
        print(sentence)
    print(f"The files are in {args.out}.")
    return 0


def default_store() -> Path:
    """The user's cache folder for stage results."""
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "touchline" / "artifacts"


def parse_pitch(text: str) -> "PitchSpec":
    """``105x68`` as a pitch. Raises: InputProblem ``pitch_size``."""
    from analysis.core.pitch import PitchSpec

    try:
        length_m, width_m = (float(part) for part in text.lower().split("x"))
        return PitchSpec(length_m, width_m)
    except ValueError as error:
        raise InputProblem(
            "pitch_size",
            f"{text!r} is not the size of a pitch; write length x width in metres, such as 105x68.",
        ) from error


def words_of(summaries: "Sequence[RunSummary]") -> list[str]:
    """What each video came to, one sentence each."""
    from analysis.pipeline.files import n_positions

    sentences = []
    for summary in summaries:
        name, n_samples = summary.video.path.name, len(summary.calibrations)
        if summary.verdict != "ok":
            sentences.append(
                f"{name}: no usable pitch view. The lines of a pitch were not seen well enough in {n_samples} samples, "
                "so there are no positions and no events; use the main camera's picture."
            )
            continue
        saved = (
            f" {summary.passed_over:.0%} of the samples showed another camera and cost no calibration."
            if summary.passed_over > 0
            else ""
        )
        sentences.append(
            f"{name}: {summary.coverage:.0%} of {n_samples} samples calibrated, {n_positions(summary)} positions, "
            f"{len(summary.spots)} events.{saved}"
        )
    return sentences


@contextmanager
def listener() -> Iterator[Listener]:
    """Bars on a terminal, plain lines on standard output elsewhere: standard error is for refusals."""
    if not sys.stderr.isatty():
        yield PlainLines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def on_event(event: "StageEvent") -> None:
            if event.stage not in tasks:
                words = _WORDS.get(event.stage, event.stage)
                tasks[event.stage] = bars.add_task(words, total=event.total)
            bars.update(tasks[event.stage], completed=event.done, total=event.total)

        yield on_event


class PlainLines:
    """A line when a stage starts, moves on by a tenth (at most every few seconds), and ends."""

    _EVERY_S = 5.0

    def __init__(self) -> None:
        self._told: dict[str, tuple[int, float]] = {}

    def __call__(self, event: "StageEvent") -> None:
        """Print what is worth a line."""
        if not event.total:
            return
        tenth = 10 * event.done // event.total
        last_tenth, last_s = self._told.get(event.stage, (-1, -self._EVERY_S))
        now = time.monotonic()
        is_end = event.done == event.total
        if tenth == last_tenth or (now - last_s < self._EVERY_S and not is_end):
            return
        self._told[event.stage] = (tenth, now)
        words = _WORDS.get(event.stage, event.stage)
        print(f"{words}: {event.done} of {event.total}", flush=True)
