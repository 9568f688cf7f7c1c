"""``python manage.py benchmark_room``: what a long match costs the pages that show it, whole requests included.

A match of ``--minutes`` with everybody in view and ``--events`` events is stored, asked for through Django's own test
client (sessions, permissions, middleware, JSON), and rolled back. The bare indexed query of the same minute is timed
beside it: the ratio says what the room adds.
"""

import json
import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from analysis.core.vocabulary import SOCCERNET_V2
from webapp.analytics import ingest, services, windows
from webapp.analytics.board_selectors import board
from webapp.analytics.boards.panels import PANELS
from webapp.analytics.figures.theme import LIGHT
from webapp.analytics.management.commands.benchmark_ingest import (
    MINUTE_MS,
    make_match,
    make_rows,
)
from webapp.analytics.models import AnalysisRun, SpottedAction
from webapp.matches.models import Video


class Command(BaseCommand):
    """Ask for the room, its minutes, its board and its files."""

    help = "Time the match room's answers for a long match against a bare indexed query."

    def add_arguments(self, parser: CommandParser) -> None:
        """Size of the match."""
        parser.add_argument("--minutes", type=int, default=90)
        parser.add_argument("--events", type=int, default=3000)
        parser.add_argument("--reads", type=int, default=20)

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure and print one JSON object."""
        with transaction.atomic():
            result = measure(options["minutes"], options["events"], options["reads"])
            transaction.set_rollback(True)
        self.stdout.write(json.dumps(result, indent=1))


def measure(minutes: int, n_events: int, n_reads: int) -> dict[str, Any]:
    """Milliseconds (medians), sizes and ratios; the caller rolls back."""
    user, run, video = make_rows(minutes)
    user.memberships.update(role="owner")
    lease = services.claim(run.pk)
    if lease is None:
        raise RuntimeError("the benchmark's own run was taken by a worker: stop the workers first")
    ingest.store(run.pk, lease, [(video.pk, make_match(minutes, n_people=22))])
    _add_events(run, video, minutes, n_events)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE analytics_playerposition")
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    starts = np.linspace(0, (minutes - 1) * MINUTE_MS, n_reads).astype(int).tolist()
    window_ms, query_ms = _minutes(client, run, video, starts)
    here = board(user, run.match_id)
    files = {
        name: _download(client, reverse("exports:download", args=[run.match_id, name]))
        for name in ("events_csv", "tracking_csv")
    }
    room = reverse("analytics:room", args=[run.match_id])
    return {
        "minutes": minutes,
        "events": n_events,
        "minute_request_ms": window_ms,
        "minute_bare_query_ms": query_ms,
        "minute_over_bare_query": round(window_ms / query_ms, 1),
        "room_page_ms": _median_ms(lambda: client.get(room), 5),
        "board_figures_ms": {
            panel.name: _median_ms(
                lambda panel=panel: panel.figure.draw(panel.select(here, here.part(0)), LIGHT), 5
            )
            for panel in PANELS
        },
        "downloads": files,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _add_events(run: AnalysisRun, video: Video, minutes: int, n_events: int) -> None:
    rng = np.random.default_rng(2)
    SpottedAction.objects.bulk_create(
        SpottedAction(
            run=run,
            video=video,
            period=1,
            position_ms=int(position),
            label=SOCCERNET_V2.labels[i % len(SOCCERNET_V2)],
            team=("home", "away", "")[i % 3],
            confidence=float(rng.uniform()),
        )
        for i, position in enumerate(np.sort(rng.integers(0, minutes * MINUTE_MS, n_events)))
    )


def _minutes(
    client: Client, run: AnalysisRun, video: Video, starts: list[int]
) -> tuple[float, float]:
    address = reverse("analytics:positions", args=[run.match_id])
    asked, bare = [], []
    for start in starts:
        query = {"video": video.pk, "from": start, "to": start + MINUTE_MS}
        began = time.perf_counter()
        answer = client.get(address, query)
        asked.append(time.perf_counter() - began)
        if answer.status_code != 200:
            raise RuntimeError(f"the room answered {answer.status_code}")
        values = [run.match_id, run.pk, video.pk, start, start + MINUTE_MS]
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(windows.POSITIONS_SQL, values)
            cursor.fetchall()
        bare.append(time.perf_counter() - began)
    return round(1000 * float(np.median(asked)), 1), round(1000 * float(np.median(bare)), 1)


def _median_ms(work: Callable[[], Any], repeats: int) -> float:
    took = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return round(1000 * float(np.median(took)), 1)


def _download(client: Client, address: str) -> dict[str, float]:
    """Size and time of one file, and how much the process grew while it streamed."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    size = sum(len(piece) for piece in client.get(address).streaming_content)  # type: ignore[attr-defined]
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {
        "kb": size // 1024,
        "seconds": round(time.perf_counter() - began, 2),
        "grown_mb": grown // 1024,
    }
