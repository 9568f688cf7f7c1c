"""One run of the pipeline: claim, analyse, store; every way it can end is a state of the run."""

import errno
import logging
import uuid

from celery import shared_task
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError, close_old_connections

from analysis.core.artifacts import ArtifactStore
from analysis.core.pitch import PitchSpec
from analysis.core.problems import Cancelled, InputProblem, PlanProblem, Transient
from webapp import jobs
from webapp.analytics import ingest, services
from webapp.analytics.models import AnalysisRun
from webapp.lib import logs
from webapp.matches.models import VideoState
from webapp.matches.services import artifact_folder
from workers import media
from workers.progress import RunProgress

logger = logging.getLogger(__name__)

RETRY_AFTER_S = (10, 60)
ASK_AGAIN_AFTER_S = 5
BUG_SENTENCE = (
    "Something on our side broke; the log has the details under {reference}. "
    "Start the analysis again, and tell your administrator this number if it happens twice."
)


@shared_task(name=jobs.ANALYSE_RUN)
def analyse_run(run_id: int) -> None:
    """Analyse a queued run; a second delivery of the same message finds nothing to claim."""
    try:
        lease = services.claim(run_id)
    except (OperationalError, InterfaceError):
        # Without this message nobody would look at the run for minutes.
        logger.warning("run %s: the database is away", run_id)
        analyse_run.apply_async((run_id,), countdown=ASK_AGAIN_AFTER_S)
        return
    if lease is None:
        logger.info("run %s is not there to be taken", run_id)
        return
    run = AnalysisRun.objects.select_related("match__team").get(pk=run_id)
    try:
        facts = {"run": run_id, "reference": run.reference, "attempt": run.attempt}
        with logs.about(**facts), RunProgress(run_id, lease) as progress:
            _analyse(run, lease, progress)
    except services.LeaseLost:
        logger.warning("run %s was given to another worker", run_id)
    except Cancelled:
        services.stop_cancelled(run_id, lease)
    except InputProblem as problem:
        services.fail(run_id, lease, problem.code, problem.sentence)
    except PlanProblem as problem:
        services.fail(run_id, lease, "recipe_impossible", f"This recipe cannot run: {problem}.")
    except Exception as error:
        transient = as_transient(error)
        if transient is None:
            logger.exception("run %s broke, reference %s", run_id, run.reference)
            sentence = BUG_SENTENCE.format(reference=run.reference)
            services.fail(run_id, lease, "bug", sentence)
            raise
        _try_later(run, lease, transient)


def _analyse(run: AnalysisRun, lease: uuid.UUID, progress: RunProgress) -> None:
    # Imported here, so that the parent of the worker's processes never loads torch (and never forks a used GPU).
    from analysis.pipeline.recipe import load_recipe
    from analysis.pipeline.run import run_match

    videos = list(run.match.videos.filter(state=VideoState.READY))
    summaries = run_match(
        [media.source_of(video) for video in videos],
        load_recipe(run.recipe),
        ArtifactStore(artifact_folder(run.match_id)),
        pitch=PitchSpec(run.match.pitch_length_m, run.match.pitch_width_m),
        device=_device(run),
        on_event=progress,
    )
    found = [(video.pk, summary) for video, summary in zip(videos, summaries, strict=True)]
    ingest.store(run.pk, lease, found)


def _device(run: AnalysisRun) -> str:
    """The device asked for; the processor after the graphics card ran out of memory."""
    return "cpu" if run.problem_code == "device_memory" else settings.ANALYSIS_DEVICE


def as_transient(error: Exception) -> Transient | None:
    """The failure of our surroundings that an exception speaks of; None for a bug."""
    if isinstance(error, Transient):
        return error
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Transient("disk_full", "The disk is full; free some space, then start again.")
    if type(error).__name__ in {"OutOfMemoryError", "AcceleratorError"}:
        sentence = "The graphics card ran out of memory; set ANALYSIS_DEVICE=cpu, then start again."
        return Transient("device_memory", sentence)
    if isinstance(error, OperationalError | InterfaceError):
        return Transient("database_away", "The database was away for too long; start again.")
    return None


def _try_later(run: AnalysisRun, lease: uuid.UUID, problem: Transient) -> None:
    close_old_connections()
    logger.warning("run %s: %s, attempt %s", run.pk, problem.code, run.attempt)
    try:
        if run.attempt > len(RETRY_AFTER_S):
            services.fail(run.pk, lease, problem.code, problem.sentence)
        elif services.give_back(run.pk, lease, code=problem.code):
            analyse_run.apply_async((run.pk,), countdown=RETRY_AFTER_S[run.attempt - 1])
    except DatabaseError:
        # The lease runs out, and the sweeper queues the run again.
        logger.warning("run %s could not be given back", run.pk, exc_info=True)
