"""Positions of a stretch of video: one indexed query into the partition of the match, columns out.

The positions table holds every match of the installation (a quarter of a million rows each); a window is asked by
match, run, video and time only, and no model instance is made.
"""

from typing import Any

import numpy as np
from django.db import connection

from analysis.core import homography
from analysis.core.vocabulary import CALIBRATION_STATES
from webapp.analytics.field_of_view import field_of_view
from webapp.analytics.models import AnalysisRun, CalibrationSample
from webapp.analytics.selectors import shown_run
from webapp.matches.models import Match, Video

MAX_WINDOW_MS = 180_000
POSITION_NAMES = ("time_ms", "track_id", "team", "role", "source", "x_m", "y_m", "sigma_m", "score")
POSITIONS_SQL = f"""
SELECT {", ".join(POSITION_NAMES)} FROM analytics_playerposition
WHERE match_id = %s AND run_id = %s AND video_id = %s AND time_ms >= %s AND time_ms < %s
ORDER BY time_ms, track_id
"""


class WindowRefused(ValueError):
    """A window that makes no sense or is longer than one answer may be; the text names the rule."""


def window_run(user: Any, match_id: int, video_id: int) -> tuple[Match, Video, AnalysisRun]:
    """The rows a window belongs to. Raises: Video.DoesNotExist, AnalysisRun.DoesNotExist."""
    rows = Video.objects.for_user(user).select_related("match__team")
    video = rows.get(pk=video_id, match=match_id)
    run = shown_run(user, match_id)
    if run is None:
        raise AnalysisRun.DoesNotExist
    return video.match, video, run


def positions_window(
    *, match: Match, video: Video, run: AnalysisRun, from_ms: int, to_ms: int
) -> dict[str, Any]:
    """Samples and positions with ``from_ms <= time < to_ms``; the rows come from ``window_run``.

    Returns:
        ``samples``: time_ms, status (index in CALIBRATION_STATES), confidence, view (flat x, y, ... of the visible
        ground, or None), matrix (image_from_pitch row by row, positive weight in front, or None; also of refused
        samples). ``positions``: one list for each of POSITION_NAMES.

    Raises:
        WindowRefused: empty, backwards or longer than MAX_WINDOW_MS.
    """
    if not 0 < to_ms - from_ms <= MAX_WINDOW_MS:
        raise WindowRefused(f"ask for more than 0 and at most {MAX_WINDOW_MS // 1000} seconds")
    with connection.cursor() as cursor:
        cursor.execute(POSITIONS_SQL, [match.pk, run.pk, video.pk, from_ms, to_ms])
        rows = cursor.fetchall()
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(POSITION_NAMES)
    positions = {name: list(columns[i]) for i, name in enumerate(POSITION_NAMES)}
    for name in ("x_m", "y_m", "sigma_m", "score"):
        positions[name] = [None if v is None else round(v, 2) for v in positions[name]]
    return {
        "run": run.pk,
        "video": video.pk,
        "from_ms": from_ms,
        "to_ms": to_ms,
        "samples": _samples(match, video, run, from_ms, to_ms),
        "positions": positions,
    }


def _samples(
    match: Match, video: Video, run: AnalysisRun, from_ms: int, to_ms: int
) -> dict[str, Any]:
    rows = list(
        CalibrationSample.objects.filter(
            run=run, video=video, time_ms__gte=from_ms, time_ms__lt=to_ms
        )
        .order_by("time_ms")
        .values_list("time_ms", "status", "confidence", "image_from_pitch")
    )
    image_size_px = (video.width_px or 1280, video.height_px or 720)
    pitch_size_m = (match.pitch_length_m, match.pitch_width_m)
    views: list[list[float] | None] = []
    for _, status, _, matrix in rows:
        is_blind = matrix is None or status == "refused"
        polygon = None if is_blind else field_of_view(matrix or (), image_size_px, pitch_size_m)
        views.append([number for point in polygon for number in point] if polygon else None)
    return {
        "matrix": [
            None if matrix is None else _facing(matrix, image_size_px) for *_, matrix in rows
        ],
        "time_ms": [row[0] for row in rows],
        "status": [CALIBRATION_STATES.index(row[1]) for row in rows],
        "confidence": [round(row[2], 3) for row in rows],
        "view": views,
    }


def _facing(matrix: list[float], image_size_px: tuple[int, int]) -> list[float]:
    """Nine numbers whose weight is positive in front of the camera, with as many digits as a pixel needs."""
    turned = homography.facing(np.array(matrix, dtype=np.float64).reshape(3, 3), image_size_px)
    return [float(f"{value:.8g}") for value in turned.ravel()]
