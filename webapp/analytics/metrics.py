"""``/metrics`` for Prometheus: how the queue, the files, the disk and the database stand, in its text format.

Closed (404) until ``METRICS_TOKEN`` is set; then a scraper sends it as ``Authorization: Bearer``.
"""

import secrets
from pathlib import Path

import psutil
from django.conf import settings
from django.db import connection
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from webapp.analytics.models import AnalysisRun, RunState
from webapp.lib.disk import free_bytes
from webapp.matches.models import Upload, Video, VideoState

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The page that a scraper reads."""
    told = str(request.headers.get("Authorization", "")).removeprefix("Bearer ").strip()
    if not settings.METRICS_TOKEN or not secrets.compare_digest(
        told.encode(), settings.METRICS_TOKEN.encode()
    ):
        raise Http404
    return HttpResponse("".join(_lines()), content_type=CONTENT_TYPE)


def _lines() -> list[str]:
    now = timezone.now()
    counted = AnalysisRun.objects.order_by().values("state")
    counted = counted.annotate(n=Count("id"), oldest=Min("created_at"), silent=Min("heartbeat_at"))
    runs = {row["state"]: row for row in counted}
    videos = dict(Video.objects.order_by().values_list("state").annotate(n=Count("id")))
    queued, running = runs.get(RunState.QUEUED), runs.get(RunState.RUNNING)
    lines = _gauge(
        "runs",
        "Analyses by state.",
        {f'state="{s}"': runs[s]["n"] if s in runs else 0 for s in RunState},
    )
    lines += _gauge(
        "videos", "Videos by state.", {f'state="{s}"': videos.get(s, 0) for s in VideoState}
    )
    waiting_s = (now - queued["oldest"]).total_seconds() if queued else 0
    lines += _gauge(
        "queue_age_seconds", "How long the oldest waiting analysis waits.", {"": max(0, waiting_s)}
    )
    silent_s = (now - running["silent"]).total_seconds() if running and running["silent"] else 0
    lines += _gauge(
        "heartbeat_age_seconds",
        "The longest silence of a running analysis.",
        {"": max(0, silent_s)},
    )
    n_uploads = Upload.objects.filter(video=None).count()
    lines += _gauge("uploads_unfinished", "Uploads under way or left.", {"": n_uploads})
    lines += _gauge(
        "disk_free_bytes", "What may still be written.", {"": free_bytes(Path(settings.MEDIA_ROOT))}
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        lines += _gauge("database_bytes", "Size of the database.", {"": cursor.fetchone()[0]})
    lines += _gauge(
        "process_resident_bytes",
        "Memory of this process.",
        {"": psutil.Process().memory_info().rss},
    )
    return lines


def _gauge(name: str, words: str, values: dict[str, float]) -> list[str]:
    full = f"touchline_{name}"
    head = [f"# HELP {full} {words}\n", f"# TYPE {full} gauge\n"]
    return head + [
        f"{full}{{{label}}} {value}\n" if label else f"{full} {value}\n"
        for label, value in values.items()
    ]
