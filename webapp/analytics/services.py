"""The only writer of a run's state: queue, claim, heartbeat, advance, finish, fail, cancel, re-queue.

    queued --claim--> running --finish--> finished
      ^  \\               | \\--fail-----> failed
      |   \\--cancel----> | --cancelled--> cancelled
      \\-----requeue_lost-/

A worker owns a run by its lease. Every write of an owner is one statement that compares the lease, so a worker that was
taken for dead and comes back changes nothing. Times come from the database, whose clock all hosts share.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from analysis.core.problems import Cancelled, InputProblem, Problem
from webapp import jobs
from webapp.analytics.models import ACTIVE_STATES, AnalysisRun, RunState
from webapp.matches.models import Match, VideoState

MAX_ATTEMPTS = 3
# A queued run whose message may have been lost with the broker is announced again after this long.
REMIND_AFTER = timedelta(minutes=5)
# Sooner where nobody works: a worker that is killed between taking a message and claiming its run loses the message.
REMIND_IDLE_AFTER = timedelta(seconds=45)
# An upload that stood still for this long is not waited for.
UPLOAD_PAUSE = timedelta(minutes=30)
LOST_SENTENCE = (
    "The analysis stopped {attempts} times without an answer, mostly because the machine ran out of memory. "
    "Close other programs or cut the video into halves, then start it again; reference {reference}."
)

_ADVANCE = """
WITH owned AS (
    UPDATE analytics_analysisrun
       SET stage = %(stage)s, done = %(done)s, total = %(total)s, heartbeat_at = clock_timestamp()
     WHERE id = %(run)s AND lease = %(lease)s AND state = 'running'
    RETURNING id, cancel_requested
), stage AS (
    INSERT INTO analytics_stagerun (run_id, stage, done, total, started_at, finished_at)
    SELECT id, %(stage)s, %(done)s, %(total)s, clock_timestamp(),
           CASE WHEN %(done)s >= %(total)s THEN clock_timestamp() END
      FROM owned
    ON CONFLICT (run_id, stage) DO UPDATE
       SET done = excluded.done, total = excluded.total, finished_at = excluded.finished_at
)
SELECT cancel_requested FROM owned
"""
_HEARTBEAT = """
UPDATE analytics_analysisrun SET heartbeat_at = clock_timestamp()
 WHERE id = %(run)s AND lease = %(lease)s AND state = 'running'
RETURNING cancel_requested
"""


class LeaseLost(Problem):
    """The run belongs to somebody else by now: stop, and write nothing."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep of lost runs came to: ids by what was done with them."""

    requeued: list[int]
    failed: list[int]
    cancelled: list[int]
    reminded: list[int]


@transaction.atomic
def queue_run(match: Match, user: Any = None, *, recipe: str = "default") -> AnalysisRun:
    """Queue an analysis of a match; the active one is returned when there is one already.

    Args:
        match: all of its videos that were not refused must be ready.
        user: who asks; None for the system itself.
        recipe: name of a recipe of ``analysis.pipeline``.

    Raises:
        InputProblem: ``videos_not_ready`` or ``match_not_found`` (another team's match).
    """
    if user is not None and not Match.objects.for_user(user).filter(pk=match.pk).exists():
        raise InputProblem(
            "match_not_found", "There is no such match; go back to the list of matches."
        )
    # The row lock makes two people pressing the button at once take turns.
    Match.objects.select_for_update().get(pk=match.pk)
    active = AnalysisRun.objects.filter(match=match, state__in=ACTIVE_STATES).first()
    if active is not None:
        return active
    states = set(match.videos.values_list("state", flat=True)) - {VideoState.REFUSED}
    if states != {VideoState.READY}:
        raise InputProblem(
            "videos_not_ready",
            "The analysis can start when the match has a video and every one of them has been checked; wait a moment.",
        )
    run = AnalysisRun.objects.create(match=match, recipe=recipe, heartbeat_at=timezone.now())
    jobs.enqueue_analysis(run.pk)
    return run


@transaction.atomic
def queue_unseen(match: Match) -> AnalysisRun | None:
    """Queue a run when the match has videos that no run has seen, and nothing more is on its way.

    It waits for files that are being checked or uploaded (the other half) and for a run under way; the sweeper asks
    again. A run that failed or was cancelled has seen its videos: trying again is a person's decision.
    """
    # The row lock makes the checks of two halves take turns.
    Match.objects.select_for_update().get(pk=match.pk)
    videos = list(match.videos.exclude(state=VideoState.REFUSED))
    if not videos or any(video.state != VideoState.READY for video in videos):
        return None
    fresh = timezone.now() - UPLOAD_PAUSE
    if match.uploads.filter(video=None, updated_at__gt=fresh).exists():
        return None
    last = AnalysisRun.objects.filter(match=match).order_by("-id").first()
    newest = max(video.created_at for video in videos)
    if last is not None and (last.state in ACTIVE_STATES or last.created_at > newest):
        return None
    return queue_run(match)


def queue_all_unseen() -> list[int]:
    """Queue what waited for another half or another run; ids of the new runs."""
    newest = Max("videos__created_at", filter=Q(videos__state=VideoState.READY))
    waiting = Match.objects.annotate(newest=newest, last=Max("runs__created_at"))
    waiting = waiting.filter(newest__isnull=False).filter(Q(last=None) | Q(last__lt=F("newest")))
    runs = [queue_unseen(match) for match in waiting.order_by("pk")]
    return [run.pk for run in runs if run is not None]


def claim(run_id: int) -> uuid.UUID | None:
    """Take a queued run; the lease's token, or None when it is not there to be taken (a second delivery)."""
    lease = uuid.uuid4()
    with transaction.atomic():
        taken = AnalysisRun.objects.filter(
            pk=run_id, state=RunState.QUEUED, cancel_requested=False
        ).update(
            state=RunState.RUNNING,
            lease=lease,
            heartbeat_at=Now(),
            started_at=Coalesce("started_at", Now()),
            attempt=F("attempt") + 1,
            stage="",
            done=0,
            total=0,
        )
        if taken:
            AnalysisRun.objects.get(pk=run_id).stages.all().delete()
    return lease if taken else None


def heartbeat(run_id: int, lease: uuid.UUID) -> None:
    """Say that the owner lives.

    Raises:
        LeaseLost: the run is not the caller's any more.
        Cancelled: somebody asked for it to stop.
    """
    _as_owner(_HEARTBEAT, {"run": run_id, "lease": lease})


def advance(run_id: int, lease: uuid.UUID, *, stage: str, done: int, total: int) -> None:
    """Store how far a stage is, in one statement; a heartbeat too.

    Raises:
        LeaseLost, Cancelled: as ``heartbeat``.
    """
    values = {"run": run_id, "lease": lease, "stage": stage[:40], "done": done, "total": total}
    _as_owner(_ADVANCE, values)


def _as_owner(statement: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    if row is None:
        raise LeaseLost("the run belongs to another worker")
    if row[0]:
        raise Cancelled("The analysis was cancelled.")


def hold(run_id: int, lease: uuid.UUID) -> AnalysisRun:
    """The run, locked for the rest of the transaction, if the caller still owns it.

    Raises:
        LeaseLost, Cancelled: as ``heartbeat``.
    """
    run = AnalysisRun.objects.select_for_update().filter(pk=run_id, lease=lease).first()
    if run is None or run.state != RunState.RUNNING:
        raise LeaseLost("the run belongs to another worker")
    if run.cancel_requested:
        raise Cancelled("The analysis was cancelled.")
    return run


def finish(
    run_id: int, lease: uuid.UUID, *, verdict: str, coverage: float, versions: dict[str, str]
) -> bool:
    """End a run well; False when it was not the caller's."""
    return _end(
        run_id,
        lease,
        RunState.FINISHED,
        verdict=verdict,
        coverage=coverage,
        versions=versions,
        problem_code="",
    )


def fail(run_id: int, lease: uuid.UUID, code: str, sentence: str) -> bool:
    """End a run badly, with a stable word and one plain sentence; False when it was not the caller's."""
    return _end(run_id, lease, RunState.FAILED, problem_code=code[:60], problem_sentence=sentence)


def stop_cancelled(run_id: int, lease: uuid.UUID) -> bool:
    """End a run because somebody asked; False when it was not the caller's."""
    return _end(run_id, lease, RunState.CANCELLED)


def give_back(run_id: int, lease: uuid.UUID, *, code: str) -> bool:
    """Return a run to the queue after a transient failure (its code is kept until the next end); False if not owned.

    The message is the caller's to send: it knows when to try again.
    """
    return bool(
        _owned(run_id, lease).update(
            state=RunState.QUEUED, lease=None, heartbeat_at=Now(), problem_code=code[:60]
        )
    )


def _owned(run_id: int, lease: uuid.UUID) -> Any:
    return AnalysisRun.objects.filter(pk=run_id, lease=lease, state=RunState.RUNNING)


def _end(run_id: int, lease: uuid.UUID, state: str, **fields: Any) -> bool:
    return bool(_owned(run_id, lease).update(state=state, lease=None, finished_at=Now(), **fields))


@transaction.atomic
def cancel_run(run: AnalysisRun) -> None:
    """Stop a run: at once while it waits, at the worker's next heartbeat while it works; ended ones stay."""
    waiting = AnalysisRun.objects.filter(pk=run.pk, state=RunState.QUEUED)
    if not waiting.update(state=RunState.CANCELLED, cancel_requested=True, finished_at=Now()):
        AnalysisRun.objects.filter(pk=run.pk, state=RunState.RUNNING).update(cancel_requested=True)
    run.refresh_from_db()


@transaction.atomic
def requeue_lost(now: datetime | None = None) -> Swept:
    """Take the runs whose heart stopped away from their workers, and remind the queue of those that wait for long.

    A lost run is queued again, up to ``MAX_ATTEMPTS`` claims; then it fails in words.

    Args:
        now: the present; the database's clock when not given.
    """
    swept = Swept([], [], [], [])
    now = now or _database_now()
    for run in _silent(RunState.RUNNING, now - timedelta(seconds=settings.LEASE_S)):
        run.lease, run.heartbeat_at = None, now
        if run.cancel_requested:
            run.state, run.finished_at = RunState.CANCELLED, now
            swept.cancelled.append(run.pk)
        elif run.attempt >= MAX_ATTEMPTS:
            run.state, run.finished_at, run.problem_code = RunState.FAILED, now, "worker_lost"
            run.problem_sentence = LOST_SENTENCE.format(
                attempts=run.attempt, reference=run.reference
            )
            swept.failed.append(run.pk)
        else:
            run.state = RunState.QUEUED
            swept.requeued.append(run.pk)
            jobs.enqueue_analysis(run.pk)
        run.save()
    is_busy = AnalysisRun.objects.filter(state=RunState.RUNNING).exists()
    for run in _silent(RunState.QUEUED, now - (REMIND_AFTER if is_busy else REMIND_IDLE_AFTER)):
        AnalysisRun.objects.filter(pk=run.pk).update(heartbeat_at=now)
        swept.reminded.append(run.pk)
        jobs.enqueue_analysis(run.pk)
    return swept


@transaction.atomic
def take_up() -> list[int]:
    """Queue every unfinished run anew, without holding a planned stop against it; their ids.

    Only for the moment when it is certain that no worker runs.
    """
    AnalysisRun.objects.filter(state=RunState.RUNNING, cancel_requested=True).update(
        state=RunState.CANCELLED, lease=None, finished_at=Now()
    )
    unfinished = AnalysisRun.objects.filter(state__in=ACTIVE_STATES)
    unfinished.update(state=RunState.QUEUED, lease=None, attempt=0, heartbeat_at=Now())
    run_ids = sorted(unfinished.values_list("pk", flat=True))
    for run_id in run_ids:
        jobs.enqueue_analysis(run_id)
    return run_ids


def _silent(state: str, before: datetime) -> list[AnalysisRun]:
    # Rows that another sweeper holds are its business.
    rows = AnalysisRun.objects.select_for_update(skip_locked=True, of=("self",))
    return list(rows.filter(state=state, heartbeat_at__lt=before).order_by("id"))


def _database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment
