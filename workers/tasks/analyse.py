"""One run of the pipeline: claim, analyse, store; every way it can end is a state of the run."""

import errno
import logging
import uuid
from dataclasses import replace

from celery import shared_task
from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError, connection

from analysis.core.problems import Cancelled, InputProblem, PlanProblem, Transient
from webapp import jobs
from webapp.analytics import ingest, segments, services
from webapp.analytics.models import AnalysisRun, RunSegment
from webapp.lib import disk, logs
from workers import together
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
    if disk.is_low():
        # The run keeps waiting and the page says why; the sweeper announces it again and again until there is room.
        logger.warning("run %s waits: the disk is nearly full", run_id)
        return
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
    from analysis.pipeline.run import run_match

    job = together.job_of(run)
    together.look_together(run, lease, job, progress)
    is_joining = run.segments.exists()
    summaries = run_match(
        job.paths,
        job.recipe,
        job.store,
        pitch=job.pitch,
        device=job.device,
        on_event=together.without_steps_back(progress) if is_joining else progress,
        chunk_ms=job.segment_ms,
    )
    found = [
        (video.pk, replace(summary, versions={**summary.versions, **job.versions}))
        for video, summary in zip(job.videos, summaries, strict=True)
    ]
    ingest.store(run.pk, lease, found)


@shared_task(name=jobs.ANALYSE_SEGMENT)
def analyse_segment(segment_id: int) -> None:
    """Look at a part of a run that another worker owns; when it cannot be done, the owner meets what is wrong."""
    lease = segments.claim(segment_id)
    if lease is None:
        logger.info("segment %s is not there to be taken", segment_id)
        return
    segment = RunSegment.objects.select_related("run__match__team").get(pk=segment_id)
    with logs.about(run=segment.run_id, segment=segment_id):
        try:
            together.look_at(together.job_of(segment.run), segment, lease)
        except (services.LeaseLost, Cancelled) as reason:
            logger.info("segment %s was let go: %s", segment_id, reason)
        except Exception:
            logger.exception("segment %s is left to the owner of its run", segment_id)


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
    if problem.code == "database_away":
        connection.close()
    logger.warning("run %s: %s, attempt %s", run.pk, problem.code, run.attempt)
    try:
        if run.attempt > len(RETRY_AFTER_S):
            services.fail(run.pk, lease, problem.code, problem.sentence)
        elif services.give_back(run.pk, lease, code=problem.code):
            analyse_run.apply_async((run.pk,), countdown=RETRY_AFTER_S[run.attempt - 1])
    except DatabaseError:
        # The lease runs out, and the sweeper queues the run again.
        logger.warning("run %s could not be given back", run.pk, exc_info=True)
