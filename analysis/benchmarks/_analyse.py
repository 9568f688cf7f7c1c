"""One file through the whole pipeline, as the benchmarks do it."""

from pathlib import Path

from analysis.core.artifacts import ArtifactStore
from analysis.core.pitch import STANDARD_PITCH
from analysis.core.records import RunSummary
from analysis.pipeline.recipe import Recipe
from analysis.pipeline.run import run_match


def analyse(path: Path, recipe: Recipe, store: ArtifactStore) -> RunSummary:
    """A video with the standard pitch on the CPU, nobody told how far it is.

    Raises:
        InputProblem: the video is refused.
    """
    (summary,) = run_match(
        [path], recipe, store, pitch=STANDARD_PITCH, device="cpu", on_event=lambda event: None
    )
    return summary
