"""A match cut into parts that several workers look at, each for itself; ``run_match`` joins them.

The pictures are by far the most of the work. Each part is worked out into the store under a key of its content, and
``run_match`` works in the very same parts, so a result depends neither on the number of workers nor on their order, and
a part that was lost costs that part.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.core.artifacts import ArtifactStore
from analysis.core.pitch import PitchSpec
from analysis.core.records import StageEvent
from analysis.pipeline import stages
from analysis.pipeline.recipe import Recipe
from analysis.pipeline.seeing import chunks_of, chunks_to_see
from analysis.pipeline.tools import Progress, n_samples_of, probed, tools_for


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of one video that one worker looks at; others may look at others meanwhile.

    Args:
        video: which of the match's videos, from 0.
        number: which part of it, from 0.
        n_samples: about how many pictures it has.
    """

    video: int
    number: int
    n_samples: int


def segments_of(
    videos: Sequence[Path],
    recipe: Recipe,
    store: ArtifactStore,
    *,
    on_event: Callable[[StageEvent], None],
    chunk_ms: int = stages.CHUNK_MS,
) -> list[Segment]:
    """The parts that a match's videos are looked at in, in order.

    Raises:
        InputProblem: as ``run_match``.
    """
    segments = []
    for i, info in enumerate(probed(videos, store, Progress(on_event))):
        end_ms = info.start_ms + info.duration_ms
        for number, (start_ms, until_ms) in enumerate(chunks_of(info, chunk_ms)):
            span_ms = max(0, min(until_ms, end_ms) - start_ms)
            segments.append(
                Segment(i, number, max(1, int(np.ceil(span_ms * recipe.rate_hz / 1000))))
            )
    return segments


def see_segment(
    video: Path,
    number: int,
    recipe: Recipe,
    store: ArtifactStore,
    *,
    pitch: PitchSpec,
    device: str,
    on_event: Callable[[StageEvent], None],
    chunk_ms: int = stages.CHUNK_MS,
) -> None:
    """Calibrate and locate one part of one video into the store, where ``run_match`` finds it.

    Args:
        video: a local file.
        number: ``Segment.number``.
        recipe, store, pitch, device, chunk_ms: as ``run_match`` will be given.
        on_event: told of ``calibrate`` and ``locate``; an exception from it ends the work.

    Raises:
        InputProblem, PlanProblem: as ``run_match``.
    """
    progress = Progress(on_event)
    tools = tools_for(recipe, store, pitch, device, progress, chunk_ms)
    (info,) = probed([video], store, progress)
    methods, shots = tools.looking_at(info)
    chunks = chunks_to_see(info, tools.calibrate, tools.locate, tools.kitchen, shots)
    for stage in ("calibrate", "locate"):
        progress.begin(stage, max(1, n_samples_of(info, recipe.rate_hz) // len(chunks)))
    chunks[number].result(tools.kitchen, methods, tools.calibrate.card.slug)
    for stage in ("calibrate", "locate"):
        progress.end(stage)
