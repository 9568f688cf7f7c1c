"""A made-up analysed match: players that run about, a panning camera with a close-up gap, a few events."""

import io
import math

import numpy as np
from django.db import connection
from django.utils import timezone

from analysis.core.camera import Camera
from tests.factories import make_match, make_video
from webapp.analytics.models import (
    AnalysisRun,
    CalibrationSample,
    Period,
    RunState,
    ShotSegment,
    SpottedAction,
)
from webapp.matches.models import Match

STEP_MS = 500
COLUMNS = (
    "match_id", "run_id", "video_id", "time_ms", "frame", "track_id", "team", "role", "source",
    "x_m", "y_m", "sigma_m", "score", "colour_rgb", "x0", "y0", "x1", "y1",
)  # fmt: skip
HOME_RGB, AWAY_RGB, REFEREE_RGB = 0xC8102E, 0xF2F2F2, 0x1A1A1A
EVENTS = (
    ("Kick-off", 0.02, "home", 0.0, 0.0, 0.93),
    ("Throw-in", 0.16, "away", 12.0, 34.0, 0.71),
    ("Foul", 0.24, "", -8.0, 4.0, 0.38),
    ("Corner", 0.37, "home", 52.5, -34.0, 0.88),
    ("Shots on target", 0.41, "home", 44.0, 3.0, 0.64),
    ("Goal", 0.42, "home", 52.5, 1.0, 0.81),
    ("Kick-off", 0.62, "away", 0.0, 0.0, 0.95),
    ("Ball out of play", 0.74, "", None, None, 0.52),
    ("Direct free-kick", 0.83, "away", -20.0, -12.0, 0.49),
    ("Substitution", 0.92, "", None, None, 0.33),
)


def _ball_xy(seconds: float) -> tuple[float, float]:
    return 38 * math.sin(seconds / 13), 22 * math.sin(seconds / 7.3 + 1)


def _people() -> list[tuple[int, int, int, float, float]]:
    """(track, team, role, home x, home y) of two elevens and three officials."""
    lines = ((-46, (0,)), (-32, (-22, -8, 8, 22)), (-16, (-20, 0, 20)), (-4, (-16, 0, 16)))
    slots = [(x, y) for x, ys in lines for y in ys]
    people = [(i + 1, 0, 1 if i == 0 else 0, x, y) for i, (x, y) in enumerate(slots)]
    people += [(i + 12, 1, 1 if i == 0 else 0, -x, y + 3) for i, (x, y) in enumerate(slots)]
    return [*people, (23, -1, 2, -6.0, 6.0), (24, -1, 2, -20.0, -35.0), (25, -1, 2, 20.0, 35.0)]


def _place(person: tuple[int, int, int, float, float], seconds: float) -> tuple[float, float]:
    track, _, role, x, y = person
    ball_x, ball_y = _ball_xy(seconds)
    pull = 0.08 if role == 1 else 0.38
    sway = 1.8 * math.sin(seconds / 3 + track * 1.7), 1.8 * math.cos(seconds / 4 + track * 2.3)
    return (
        x * (1 - pull * 0.4) + ball_x * pull + sway[0],
        max(-36, min(36, y * (1 - pull * 0.5) + ball_y * pull * 0.8 + sway[1])),
    )


def _camera(seconds: float) -> Camera:
    ball_x, ball_y = _ball_xy(seconds)
    pan = math.atan2(ball_x * 0.85, 62 + ball_y * 0.3)
    return Camera((0.0, -70.0, 17.0), pan, 0.215, 1850.0, (1280, 720))


def _close_up(share: float) -> bool:
    return 0.47 <= share < 0.58 or 0.90 <= share < 0.94


def _calibrations(run: AnalysisRun, video, duration_ms: int) -> list[CalibrationSample]:
    samples = []
    for time_ms in range(0, duration_ms, STEP_MS):
        refused = _close_up(time_ms / duration_ms)
        status = "refused" if refused else ("weak" if (time_ms // 1000) % 17 < 3 else "ok")
        matrix = _camera(time_ms / 1000).image_from_pitch
        samples.append(
            CalibrationSample(
                run=run, video=video, time_ms=time_ms, frame=time_ms // 40, status=status,
                image_from_pitch=None if refused else (matrix / matrix[2, 2]).ravel().tolist(),
                confidence=0.0 if refused else 0.9 if status == "ok" else 0.45,
            )
        )  # fmt: skip
    return samples


def _row(run, video, time_ms: int, person, xy, source: int) -> tuple:
    track, team, role, *_ = person
    colour = {0: HOME_RGB, 1: AWAY_RGB}.get(team, REFEREE_RGB)
    x, y = xy
    return (
        run.match_id, run.pk, video.pk, time_ms, time_ms // 40, track, team, role, source,
        round(x, 2), round(y, 2), 0.4 if source == 0 else 1.6, 0.85, colour, 600, 300, 624, 360,
    )  # fmt: skip


def _in_view(camera: Camera, xy: tuple[float, float]) -> bool:
    px = camera.project(np.array([[xy[0], xy[1], 0.0]]))[0]
    return bool(np.isfinite(px).all() and 0 <= px[0] < 1280 and 0 <= px[1] < 720)


def _positions(run, video, duration_ms: int, *, whole_pitch: bool) -> list[tuple]:
    rows, people = [], _people()
    for time_ms in range(0, duration_ms, STEP_MS):
        seconds = time_ms / 1000
        if _close_up(time_ms / duration_ms) and not whole_pitch:
            continue
        camera = _camera(seconds)
        for person in people:
            xy = _place(person, seconds)
            if whole_pitch or _in_view(camera, xy):
                missed = (time_ms // STEP_MS + person[0] * 7) % 11 == 0
                rows.append(_row(run, video, time_ms, person, xy, 1 if missed else 0))
        if (time_ms // STEP_MS) % 5:
            rows.append(_row(run, video, time_ms, (0, -1, 3), _ball_xy(seconds), 0))
    return rows


def store_positions(rows: list[tuple]) -> None:
    """COPY rows of COLUMNS into the positions table; None becomes null."""
    text = "".join("\t".join(r"\N" if v is None else str(v) for v in row) + "\n" for row in rows)
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY analytics_playerposition ({', '.join(COLUMNS)}) FROM STDIN", io.StringIO(text)
        )


def fill_run(run: AnalysisRun, video, duration_ms: int, *, whole_pitch: bool = False) -> None:
    """Give a run and one of its videos calibrations, positions, shots and events."""
    CalibrationSample.objects.bulk_create(_calibrations(run, video, duration_ms), batch_size=2000)
    store_positions(_positions(run, video, duration_ms, whole_pitch=whole_pitch))
    ShotSegment.objects.create(
        run=run, video=video, start_ms=0, end_ms=duration_ms, camera="Main camera center", confidence=0.9
    )  # fmt: skip
    SpottedAction.objects.bulk_create(
        SpottedAction(
            run=run, video=video, period=video.half or 1, position_ms=int(share * duration_ms),
            period_time_ms=int(share * duration_ms), frame=int(share * duration_ms) // 40,
            label=label, team=team, x_m=x, y_m=y, confidence=confidence, model_version="rules 1",
        )
        for label, share, team, x, y, confidence in EVENTS
    )  # fmt: skip


def make_run(match: Match, **fields) -> AnalysisRun:
    """A finished run without findings."""
    defaults = {
        "state": RunState.FINISHED, "verdict": "ok", "coverage": 0.85,
        "versions": {"calibration": "line_fit 1", "localization": "grass_blobs 1", "spotting": "rules 1"},
        "started_at": timezone.now(), "finished_at": timezone.now(),
    }  # fmt: skip
    return AnalysisRun.objects.create(match=match, **{**defaults, **fields})


def make_room(
    team, *, duration_ms: int = 90_000, halves: tuple[int, ...] = (0,), **fields
) -> Match:
    """An analysed match with one video for each half named (0: the whole match)."""
    match = make_match(team, home_colour="#c8102e", away_colour="#f2f2f2", **fields)
    run = make_run(match)
    for half in halves:
        video = make_video(match, half=half, duration_ms=duration_ms, has_playback=True)
        fill_run(run, video, duration_ms)
        if half:
            Period.objects.create(
                match=match, number=half, video=video, kickoff_ms=duration_ms // 50
            )
    return match
