"""Jobs of this room: claimed by one worker, kept alive by its heart, taken back from a dead one. For every ``Work``."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from webapp.annotation.models import Work

MAX_ATTEMPTS = 3
BUG_SENTENCE = "Something on our side broke; try it once more."
LOST_SENTENCE = "This stopped several times before it was done; ask your administrator for the log."


def claim(model: type[Work], job_id: int) -> uuid.UUID | None:
    """Take a queued job; its lease, or None when it is not there to be taken."""
    lease = uuid.uuid4()
    taken = model._default_manager.filter(pk=job_id, state="queued").update(
        state="running", lease=lease, attempt=F("attempt") + 1, heartbeat_at=timezone.now()
    )
    return lease if taken else None


def beat(job: Work, lease: uuid.UUID, **fields: int) -> bool:
    """Say that its worker lives, and how far it is; False when the job is somebody else's by now."""
    rows = type(job)._default_manager.filter(pk=job.pk, lease=lease, state="running")
    return bool(rows.update(heartbeat_at=timezone.now(), **fields))


def end(model: type[Work], job_id: int, lease: uuid.UUID, state: str, sentence: str = "") -> bool:
    """End a job; False when it was not the caller's."""
    rows = model._default_manager.filter(pk=job_id, lease=lease, state="running")
    return bool(rows.update(state=state, lease=None, problem_sentence=sentence))


@transaction.atomic
def requeue_lost(
    model: type[Work], send: Callable[[int], None], now: datetime | None = None
) -> list[int]:
    """Send the jobs again whose worker fell silent; after ``MAX_ATTEMPTS`` they fail in words. Ids of those sent."""
    before = (now or timezone.now()) - timedelta(seconds=settings.LEASE_S)
    rows = model._default_manager.select_for_update(skip_locked=True)
    sent = []
    for job in rows.filter(heartbeat_at__lt=before, state__in=("queued", "running")):
        job.lease, job.heartbeat_at = None, timezone.now()
        if job.attempt >= MAX_ATTEMPTS:
            job.state, job.problem_sentence = "failed", LOST_SENTENCE
        else:
            job.state = "queued"
            sent.append(job.pk)
            send(job.pk)
        job.save()
    return sent
