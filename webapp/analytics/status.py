"""How the installation stands, for the person who looks after it: parts, queue, disk, recent failures, versions.

Staff only, whatever team they are in. It speaks of numbers and references and never of a team's matches.
"""

import logging
import platform
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from webapp.analytics.models import ACTIVE_STATES, AnalysisRun, RunSegment, RunState, SegmentState
from webapp.analytics.presentation import duration_words
from webapp.celery import app
from webapp.lib import stored
from webapp.lib.disk import free_bytes, is_low
from webapp.matches import backups, sanity
from webapp.matches.models import Upload, Video, VideoState

logger = logging.getLogger(__name__)
ANSWER_WITHIN_S = 1.0
N_FAILURES = 10


@dataclass(frozen=True, slots=True)
class Light:
    """One part and whether it is well.

    Attributes:
        name: what it is called.
        words: what there is to say.
        advice: the next step when it is not well, else nothing.
    """

    name: str
    words: str
    advice: str = ""

    @property
    def is_well(self) -> bool:
        """Nothing needs to be done about it."""
        return not self.advice


@login_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The page; 404 for everybody who does not look after the installation."""
    if not request.user.is_staff:
        raise Http404
    workers = asked_workers()
    context = {
        "lights": [
            _database(),
            _broker(workers),
            _disk(),
            _storage(),
            _hearts(),
            _backup(),
            _files(),
        ],
        "workers": workers or {},
        "counts": _counts(),
        "failures": AnalysisRun.objects.filter(state=RunState.FAILED).order_by("-finished_at")[
            :N_FAILURES
        ],
        "versions": _versions(),
        "at": timezone.now(),
    }
    return render(request, "analytics/status.html", context)


def asked_workers() -> dict[str, dict[str, str]] | None:
    """Name -> what each living worker says of itself; None when the queue cannot be reached."""
    try:
        with app.connection_for_write() as link:
            link.ensure_connection(max_retries=1, timeout=ANSWER_WITHIN_S)
            replies = app.control.broadcast(
                "about", reply=True, timeout=ANSWER_WITHIN_S, connection=link
            )
    except Exception as error:
        # Every transport has errors of its own; each means the same here.
        logger.info("the queue cannot be reached: %s", error)
        return None
    return {name: told for reply in replies or [] for name, told in sorted(reply.items())}


def _database() -> Light:
    try:
        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            size = cursor.fetchone()[0]
    except DatabaseError as error:
        return Light("Database", str(error).strip(), "See its log.")
    if behind:
        words = f"{len(behind)} changes of the tables are not made yet"
        return Light("Database", words, "Run: python manage.py migrate")
    return Light("Database", f"{size / 1e6:.0f} MB")


def _broker(workers: dict[str, dict[str, str]] | None) -> Light:
    if workers is None:
        advice = "Start it again; what waits is sent anew by itself."
        return Light("Queue and workers", "The queue cannot be reached.", advice)
    if not workers:
        advice = "Start a worker; work that was begun is taken up by itself."
        return Light("Queue and workers", "No worker answers.", advice)
    noun = "worker answers" if len(workers) == 1 else "workers answer"
    return Light("Queue and workers", f"{len(workers)} {noun}")


def _disk() -> Light:
    free = min(
        free_bytes(Path(getattr(settings, name))) for name in ("MEDIA_ROOT", "ARTIFACT_ROOT")
    )
    words = f"{free / 1e9:.1f} GB may still be written"
    if is_low():
        advice = "New analyses wait. Free some space; they go on by themselves."
        return Light("Disk", words, advice)
    return Light("Disk", words)


def _hearts() -> Light:
    running = AnalysisRun.objects.filter(state=RunState.RUNNING)
    silent = running.aggregate(oldest=Min("heartbeat_at"))["oldest"]
    if silent is None:
        return Light("Analyses", "None is running.")
    age_s = max(0.0, (timezone.now() - silent).total_seconds())
    words = f"{running.count()} running; the longest silence is {age_s:.0f} s"
    if age_s > 2 * settings.LEASE_S:
        advice = "The sweeper should have taken it up: see that it runs."
        return Light("Analyses", words, advice)
    return Light("Analyses", words)


def _backup() -> Light:
    told = backups.last_made()
    made_at: datetime | None = parse_datetime(told["made_at"]) if told else None
    if told is None or made_at is None:
        advice = "Make one with: python manage.py backup FILE.zip"
        return Light("Backup", "None was made here.", advice)
    age = duration_words((timezone.now() - made_at).total_seconds())
    return Light("Backup", f"{told['bytes'] / 1e9:.2f} GB, {age} old")


def _storage() -> Light:
    place = stored.media()
    if isinstance(place, stored.OnDisk):
        return Light("Files", "Kept on the disk.")
    if not place.is_there():
        advice = "See that its server runs and that S3_BUCKET and its keys are right."
        return Light("Files", "The storage of files does not answer.", advice)
    return Light("Files", "Kept in a bucket, which answers.")


def _files() -> Light:
    told = sanity.last_looked()
    if told is None:
        return Light("Files and rows", "Nobody compared them yet; it is done once a day.")
    wrong = [f"{told[word]} {word}" for word in ("missing", "changed", "orphaned") if told[word]]
    if wrong:
        words = ", ".join(wrong)
        return Light("Files and rows", words, "For their names: python manage.py sanity")
    return Light("Files and rows", f"{told['files']} files, each as its row says")


def _counts() -> list[tuple[str, Any]]:
    by_state = AnalysisRun.objects.order_by().values("state").annotate(n=Count("id"))
    runs = {row["state"]: row["n"] for row in by_state}
    queued = AnalysisRun.objects.filter(state=RunState.QUEUED).aggregate(at=Min("created_at"))["at"]
    waits = duration_words((timezone.now() - queued).total_seconds()) if queued else "none waits"
    segments = RunSegment.objects.filter(run__state__in=ACTIVE_STATES)
    return [
        *((f"Analyses {state.label.lower()}", runs.get(state, 0)) for state in RunState),
        ("The oldest waits for", waits),
        ("Parts of matches waiting", segments.filter(state=SegmentState.WAITING).count()),
        ("Files being checked", Video.objects.filter(state=VideoState.CHECKING).count()),
        ("Uploads under way or left", Upload.objects.filter(video=None).count()),
    ]


def _versions() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        postgres = cursor.fetchone()[0]
    last = AnalysisRun.objects.filter(state=RunState.FINISHED).order_by("-id").first()
    methods = ", ".join(sorted(set(last.versions.values()))) if last else "no analysis yet"
    return [
        ("Python", platform.python_version()),
        ("Django", django.get_version()),
        ("PostgreSQL", postgres),
        ("Methods of the last analysis", methods),
    ]
