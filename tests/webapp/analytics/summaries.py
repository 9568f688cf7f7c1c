"""Small summaries whose rows fit on paper."""

from pathlib import Path

import numpy as np

from analysis.core.records import (
    ActionSpot,
    CalibrationTrack,
    CameraShot,
    PlayersTrack,
    ReplayLink,
    RunSummary,
    VideoInfo,
)


def make_video_info(path: Path = Path("match.mp4")) -> VideoInfo:
    return VideoInfo(path, "mov", 1280, 720, 25.0, True, 90_000, 0, 2250, False, 0, 1000, "0" * 64)


def make_summary(n_samples: int = 3, n_people: int = 2) -> RunSummary:
    """Samples every 500 ms, the last one refused; ``n_people`` in each, the last without a position."""
    times = np.arange(n_samples, dtype=np.int64) * 500
    views = np.tile(np.diag([2.0, 3.0, 1.0]), (n_samples, 1, 1))
    views[-1] = np.nan
    status = np.array(["ok"] * n_samples, dtype="<U8")
    status[-1] = "refused"
    calibrations = CalibrationTrack(
        times, times // 40, views, np.linspace(0.9, 0.0, n_samples), status, (1280, 720), "line_fit"
    )
    return RunSummary(
        video=make_video_info(),
        calibrations=calibrations,
        players=make_players(times, n_people),
        spots=[
            ActionSpot(1, 500, "Kick-off", 0.9, "home", (0.0, 0.0)),
            ActionSpot(1, 1000, "Corner", 0.4),
        ],
        shots=[CameraShot(0, 1500, "Main camera center", "abrupt", False, 0.8)],
        replays=[ReplayLink(1200, 1400, 900, 0.6)],
        coverage=(n_samples - 1) / n_samples,
        verdict="ok",
        kickoffs_ms={1: 500},
        team_colours_rgb=((255.0, 0.0, 10.4), (0.0, 0.0, 128.0)),
        versions={"spot": "rules 1"},
    )


def make_players(times, n_people: int) -> PlayersTrack:
    n_rows = len(times) * n_people
    sample = np.repeat(np.arange(len(times)), n_people)
    person = np.tile(np.arange(n_people), len(times))
    positions = np.stack([person * 10.0, sample * 1.0], axis=1)
    colours = np.tile([255.0, 128.0, 0.0], (n_rows, 1))
    last = sample == len(times) - 1
    positions[last] = np.nan
    colours[last] = np.nan
    return PlayersTrack(
        times_ms=times[sample],
        frame_indices=times[sample] // 40,
        track_id=person + 1,
        box_px=np.stack([person, sample, person + 10, sample + 20], axis=1).astype(float),
        score=np.full(n_rows, 0.5),
        role=np.where(person == 0, 1, 0),
        team=person % 2,
        colour_rgb=colours,
        pitch_xy_m=positions,
        sigma_m=np.full(n_rows, np.nan),
        source=np.zeros(n_rows, np.int64),
        ball_times_ms=times[:1],
        ball_xy_m=np.array([[1.0, 2.0]]),
        ball_px=np.array([[100.0, 200.0]]),
        ball_score=np.array([0.3]),
    )
