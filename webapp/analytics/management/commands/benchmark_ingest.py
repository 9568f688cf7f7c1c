"""``python manage.py benchmark_ingest``: how fast positions are stored and asked for, beside the bare minimum.

Ratios against a bare ``COPY`` of the same rows and a bare indexed query, in one run on one machine, say more than
seconds. Everything happens in a transaction that is rolled back.
"""

import json
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction

from analysis.core.records import CalibrationTrack, PlayersTrack, RunSummary, VideoInfo
from webapp.accounts.models import Team, User
from webapp.analytics import ingest, services
from webapp.analytics.models import AnalysisRun
from webapp.lib.pgcopy import binary_rows
from webapp.matches.models import Match, Video, VideoState

SAMPLE_MS = 500
MINUTE_MS = 60_000


class Command(BaseCommand):
    """Store and ask for the positions of one long match."""

    help = "Time storing and reading a match's positions against a bare COPY and a bare query."

    def add_arguments(self, parser: CommandParser) -> None:
        """Length of the match and people in it."""
        parser.add_argument("--minutes", type=int, default=90)
        parser.add_argument("--people", type=int, default=22)
        parser.add_argument("--reads", type=int, default=20)

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure and print one JSON object."""
        with transaction.atomic():
            result = measure(options["minutes"], options["people"], options["reads"])
            transaction.set_rollback(True)
        self.stdout.write(json.dumps(result, indent=1))


def measure(minutes: int, n_people: int, n_reads: int) -> dict[str, float]:
    """Seconds and ratios; the caller rolls back."""
    summary = make_match(minutes, n_people)
    user, run, video = make_rows(minutes)
    with _clock() as ingest_s:
        ingest.store(run.pk, services.claim(run.pk), [(video.pk, summary)])  # type: ignore[arg-type]
    n_rows = len(summary.players) + len(summary.players.ball_times_ms)
    bare_copy_s = _bare_copy(run, video, summary)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE analytics_playerposition")
    room_ms, query_ms = _read_minutes(user, run, video, minutes, n_reads)
    return {
        "rows": n_rows,
        "store_s": round(ingest_s(), 2),
        "bare_copy_s": round(bare_copy_s, 2),
        "store_over_bare_copy": round(ingest_s() / bare_copy_s, 2),
        "minute_in_room_ms": round(room_ms, 1),
        "minute_bare_query_ms": round(query_ms, 1),
        "room_over_bare_query": round(room_ms / query_ms, 2),
    }


def make_match(minutes: int, n_people: int) -> RunSummary:
    """A match of random positions: every sample calibrated, ``n_people`` and the ball in each."""
    rng = np.random.default_rng(1)
    times = np.arange(0, minutes * MINUTE_MS, SAMPLE_MS, dtype=np.int64)
    n_rows = len(times) * n_people
    sample = np.repeat(np.arange(len(times)), n_people)
    views = np.tile(
        np.array([[9.0, 1.0, 640.0], [0.1, -4.0, 360.0], [0.0, 0.003, 1.0]]), (len(times), 1, 1)
    )
    calibrations = CalibrationTrack(
        times, times // 40, views, np.full(len(times), 0.9), np.full(len(times), "ok"), (1280, 720), "benchmark"
    )  # fmt: skip
    corner = rng.uniform(0, 1000, (n_rows, 2))
    players = PlayersTrack(
        times_ms=times[sample],
        frame_indices=times[sample] // 40,
        track_id=np.tile(np.arange(1, n_people + 1), len(times)),
        box_px=np.concatenate([corner, corner + rng.uniform(10, 60, (n_rows, 2))], axis=1),
        score=rng.uniform(0, 1, n_rows),
        role=np.zeros(n_rows, np.int64),
        team=np.tile(np.arange(n_people) % 2, len(times)),
        colour_rgb=rng.uniform(0, 255, (n_rows, 3)),
        pitch_xy_m=rng.uniform(-50, 50, (n_rows, 2)) * [1.0, 0.65],
        sigma_m=rng.uniform(0.2, 2, n_rows),
        source=np.zeros(n_rows, np.int64),
        ball_times_ms=times,
        ball_xy_m=rng.uniform(-30, 30, (len(times), 2)),
        ball_px=rng.uniform(0, 700, (len(times), 2)),
        ball_score=rng.uniform(0, 1, len(times)),
    )
    duration_ms = minutes * MINUTE_MS
    video = VideoInfo(
        path=Path(__file__), container="mov", width_px=1280, height_px=720, fps=25.0, is_constant_rate=True,
        duration_ms=duration_ms, start_ms=0, n_frames=duration_ms // 40, has_audio=False, rotation_deg=0,
        size_bytes=1, sha256="0" * 64,
    )  # fmt: skip
    return RunSummary(video, calibrations, players, [], [], [], coverage=1.0, verdict="ok")


def make_rows(minutes: int) -> tuple[User, AnalysisRun, Video]:
    """A user, and a queued run and a video of a match they may see."""
    user = User.objects.create_user("benchmark@example.org")
    team = Team.objects.create(name="Benchmark")
    team.memberships.create(user=user)
    match = Match.objects.create(team=team, title="Benchmark")
    video = Video.objects.create(
        match=match,
        original_name="benchmark.mp4",
        size_bytes=1,
        state=VideoState.READY,
        duration_ms=minutes * MINUTE_MS,
        fps=25.0,
    )
    return user, AnalysisRun.objects.create(match=match), video


def _bare_copy(run: AnalysisRun, video: Video, summary: RunSummary) -> float:
    """Seconds of a COPY of ready-made bytes into a table of the same shape."""
    people = ingest.people_columns(summary.players)
    n_rows = len(people["time_ms"])
    keys = {"match_id": run.match_id, "run_id": run.pk, "video_id": video.pk}
    columns = {name: np.full(n_rows, key, np.int64) for name, key in keys.items()} | people
    buffer = binary_rows(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bare_positions (LIKE analytics_playerposition INCLUDING DEFAULTS INCLUDING INDEXES)"
        )
        with _clock() as copy_s:
            cursor.copy_expert(
                f"COPY bare_positions ({', '.join(columns)}) FROM STDIN (FORMAT binary)", buffer
            )
    return copy_s()


def _read_minutes(
    user: User, run: AnalysisRun, video: Video, minutes: int, n_reads: int
) -> tuple[float, float]:
    """Median milliseconds of a minute as the room gets it, and of the bare query for its positions."""
    from webapp.analytics import windows

    starts = np.linspace(0, (minutes - 1) * MINUTE_MS, n_reads).astype(int).tolist()
    room_ms, query_ms = [], []
    for start_ms in starts:
        with _clock() as room_s:
            match, its_video, its_run = windows.window_run(user, run.match_id, video.pk)
            windows.positions_window(
                match=match,
                video=its_video,
                run=its_run,
                from_ms=start_ms,
                to_ms=start_ms + MINUTE_MS,
            )
        room_ms.append(1000 * room_s())
        with _clock() as query_s, connection.cursor() as cursor:
            values = [run.match_id, run.pk, video.pk, start_ms, start_ms + MINUTE_MS]
            cursor.execute(windows.POSITIONS_SQL, values)
            cursor.fetchall()
        query_ms.append(1000 * query_s())
    return float(np.median(room_ms)), float(np.median(query_ms))


@contextmanager
def _clock() -> Any:
    """A stop-watch: call what it gives for the seconds of its block."""
    began_s = time.perf_counter()
    took: list[float] = []
    read: Callable[[], float] = lambda: took[0]  # noqa: E731
    yield read
    took.append(time.perf_counter() - began_s)
