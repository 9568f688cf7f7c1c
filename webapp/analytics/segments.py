"""The only writer of a segment's state: parts of a run that several workers look at, each with a lease of its own.

    waiting --claim--> running --finish--> done
       ^                  |
       \\--release, lost--/

The run's owner plans its segments, works on them like everybody else, and joins what came out. A segment whose worker
died is waiting again once its heart has been silent for ``LEASE_S``: its part is worked out anew and no other one.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Sum
from django.db.models.functions import Now

from analysis.core.problems import Cancelled
from webapp import jobs
from webapp.analytics import services
from webapp.analytics.models import ACTIVE_STATES, RunSegment, SegmentState

_BEAT = """
UPDATE analytics_runsegment AS segment
   SET done = GREATEST(segment.done, %(done)s), heartbeat_at = clock_timestamp()
  FROM analytics_analysisrun AS run
 WHERE segment.id = %(segment)s AND segment.lease = %(lease)s AND segment.state = 'running' AND run.id = segment.run_id
RETURNING run.cancel_requested OR run.state NOT IN ('queued', 'running')
"""


@dataclass(frozen=True, slots=True)
class Part:
    """A segment as the pipeline cut it: of which video (its key), which part, about how many pictures."""

    video_id: int
    number: int
    n_samples: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the segments of a run are."""

    done: int
    total: int
    n_left: int


@transaction.atomic
def plan(run_id: int, lease: uuid.UUID, parts: Sequence[Part]) -> None:
    """Write a run's segments and announce them; those of an earlier owner stay, with whoever works on them.

    Raises:
        services.LeaseLost, Cancelled: the run is not the caller's.
    """
    services.hold(run_id, lease)
    wanted = {(part.video_id, part.number) for part in parts}
    for old in RunSegment.objects.filter(run=run_id):
        if (old.video_id, old.number) not in wanted:
            old.delete()
    RunSegment.objects.bulk_create(
        (
            RunSegment(run_id=run_id, video_id=p.video_id, number=p.number, total=p.n_samples)
            for p in parts
        ),
        ignore_conflicts=True,
    )
    waiting = RunSegment.objects.filter(run=run_id, state=SegmentState.WAITING)
    # The owner begins with the first itself.
    for segment_id in list(waiting.order_by("id").values_list("pk", flat=True))[1:]:
        jobs.enqueue_segment(segment_id)


def claim(segment_id: int) -> uuid.UUID | None:
    """Take a waiting segment of an active run; the lease's token, or None when it is not there to be taken."""
    lease = uuid.uuid4()
    taken = RunSegment.objects.filter(
        pk=segment_id,
        state=SegmentState.WAITING,
        run__state__in=ACTIVE_STATES,
        run__cancel_requested=False,
    ).update(
        state=SegmentState.RUNNING,
        lease=lease,
        heartbeat_at=Now(),
        attempt=F("attempt") + 1,
        done=0,
    )
    return lease if taken else None


def claim_next(run_id: int) -> tuple[RunSegment, uuid.UUID] | None:
    """Take the first waiting segment of a run, after those of dead workers are waiting again."""
    _take_back_silent(run_id)
    waiting = RunSegment.objects.filter(run=run_id, state=SegmentState.WAITING).order_by("id")
    for segment in waiting:
        if lease := claim(segment.pk):
            return segment, lease
    return None


def _take_back_silent(run_id: int) -> None:
    silent = RunSegment.objects.filter(run=run_id, state=SegmentState.RUNNING)
    silent = silent.filter(heartbeat_at__lt=Now() - timedelta(seconds=settings.LEASE_S))
    silent.update(state=SegmentState.WAITING, lease=None)


def beat(segment_id: int, lease: uuid.UUID, done: int = 0) -> None:
    """Say that the worker lives and how far it is.

    Raises:
        services.LeaseLost: the segment is somebody else's by now.
        Cancelled: its run is over, or is to stop.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BEAT, {"segment": segment_id, "lease": lease, "done": done})
        row = cursor.fetchone()
    if row is None:
        raise services.LeaseLost("the segment belongs to another worker")
    if row[0]:
        raise Cancelled("The analysis is not wanted any more.")


def finish(segment_id: int, lease: uuid.UUID) -> bool:
    """End a segment well; False when it was not the caller's."""
    return _let_go(segment_id, lease, SegmentState.DONE)


def release(segment_id: int, lease: uuid.UUID) -> bool:
    """Give a segment back: the run's owner, who can say what went wrong, takes it."""
    return _let_go(segment_id, lease, SegmentState.WAITING)


def _let_go(segment_id: int, lease: uuid.UUID, state: str) -> bool:
    owned = RunSegment.objects.filter(pk=segment_id, lease=lease, state=SegmentState.RUNNING)
    done = F("total") if state == SegmentState.DONE else 0
    return bool(owned.update(state=state, lease=None, done=done))


def standing(run_id: int) -> Standing:
    """How far a run's segments are, all together."""
    rows = RunSegment.objects.filter(run=run_id)
    sums = rows.aggregate(done=Sum("done"), total=Sum("total"))
    n_left = rows.exclude(state=SegmentState.DONE).count()
    return Standing(sums["done"] or 0, sums["total"] or 0, n_left)
