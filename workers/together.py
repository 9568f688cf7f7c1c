"""The pictures of a run, looked at by every worker that is free.

The run's owner cuts the match into segments and announces them; whoever is free takes one. The owner takes one after
the other as well, so that a lone worker does them all, and those of workers that died. What comes out lies in the
artifact store, where ``run_match`` finds and joins it.
"""

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from analysis.core.artifacts import ArtifactStore
from analysis.core.pitch import PitchSpec
from analysis.core.records import StageEvent
from webapp.analytics import segments, services
from webapp.analytics.models import AnalysisRun, RunSegment
from webapp.annotation import tuning
from webapp.matches.models import Video, VideoState
from workers import media
from workers.artifacts import store_of
from workers.progress import WRITE_EVERY_S, RunProgress, SegmentProgress

if TYPE_CHECKING:
    from analysis.pipeline.recipe import Recipe

logger = logging.getLogger(__name__)
LOOK_AGAIN_S = 0.5
SEEING = ("calibrate", "locate")


@dataclass(frozen=True, slots=True)
class Job:
    """What a run works on and with; the same for everybody who works on it."""

    videos: list[Video]
    paths: list[Path]
    recipe: "Recipe"
    store: ArtifactStore
    pitch: PitchSpec
    device: str
    segment_ms: int
    versions: dict[str, str]


def job_of(run: AnalysisRun) -> Job:
    """The job of a run.

    Raises:
        Transient: a file is not there.
        InputProblem: there is no such recipe.
    """
    from analysis.pipeline.recipe import load_recipe

    videos = list(run.match.videos.filter(state=VideoState.READY))
    recipe = load_recipe(run.recipe)
    versions: dict[str, str] = {}
    if recipe.spot is not None:
        own, version = tuning.spotter_settings(run.match.team, recipe.spot.method)
        spot = replace(recipe.spot, settings={**recipe.spot.settings, **own})
        recipe = replace(recipe, spot=spot)
        versions = {"spot": version} if version else {}
    return Job(
        videos=videos,
        paths=[media.source_of(video) for video in videos],
        recipe=recipe,
        store=store_of(run.match_id),
        pitch=PitchSpec(run.match.pitch_length_m, run.match.pitch_width_m),
        # The processor, after the graphics card ran out of memory.
        device="cpu" if run.problem_code == "device_memory" else settings.ANALYSIS_DEVICE,
        segment_ms=settings.ANALYSIS_SEGMENT_S * 1000,
        versions=versions,
    )


def look_together(run: AnalysisRun, lease: uuid.UUID, job: Job, progress: RunProgress) -> None:
    """As the run's owner: have all its segments looked at; a short match is left to ``run_match``.

    Raises:
        services.LeaseLost, Cancelled: as ``progress``. Whatever ``see_segment`` raises in this process.
    """
    from analysis.pipeline.segments import segments_of

    cut = segments_of(job.paths, job.recipe, job.store, on_event=progress, chunk_ms=job.segment_ms)
    if len(cut) < 2:
        return
    parts = [segments.Part(job.videos[s.video].pk, s.number, s.n_samples) for s in cut]
    segments.plan(run.pk, lease, parts)
    tell = _Sum(run.pk, progress)
    while True:
        taken = segments.claim_next(run.pk)
        if taken is not None:
            try:
                look_at(job, *taken, tell)
            except services.LeaseLost:
                # The segment's alone? Then somebody else has it, and the run goes on.
                services.heartbeat(run.pk, lease)
        elif segments.standing(run.pk).n_left == 0:
            return
        else:
            tell()
            time.sleep(LOOK_AGAIN_S)


def look_at(
    job: Job, segment: RunSegment, lease: uuid.UUID, tell: Callable[[], None] = lambda: None
) -> None:
    """Work on a claimed segment; one that cannot be ended is given back.

    Args:
        job: of the segment's run.
        segment, lease: as claimed.
        tell: called now and then meanwhile.
    """
    from analysis.pipeline.segments import see_segment

    place = [video.pk for video in job.videos].index(segment.video_id)
    try:
        with SegmentProgress(segment.pk, lease) as progress:

            def on_event(event: StageEvent) -> None:
                progress(event)
                tell()

            see_segment(
                job.paths[place],
                segment.number,
                job.recipe,
                job.store,
                pitch=job.pitch,
                device=job.device,
                on_event=on_event,
                chunk_ms=job.segment_ms,
            )
    except BaseException:
        segments.release(segment.pk, lease)
        raise
    segments.finish(segment.pk, lease)


class _Sum:
    """Tells the run's progress what all its segments came to, every now and then."""

    def __init__(self, run_id: int, progress: RunProgress) -> None:
        self._run_id, self._progress = run_id, progress
        self._told_s, self._n_told = 0.0, 0

    def __call__(self) -> None:
        """Raises: what the run's heart learned."""
        now_s = time.monotonic()
        if now_s - self._told_s < WRITE_EVERY_S:
            return
        self._told_s, self._n_told = now_s, self._n_told + 1
        standing = segments.standing(self._run_id)
        # Both stages go hand in hand, and one row is written at a time.
        stage = SEEING[self._n_told % 2]
        self._progress(StageEvent(stage, standing.done, standing.total))


def without_steps_back(progress: RunProgress) -> Callable[[StageEvent], None]:
    """The run's progress while results are joined: stages that were done do not begin anew."""

    def on_event(event: StageEvent) -> None:
        if event.stage not in SEEING or event.done >= event.total:
            progress(event)

    return on_event
