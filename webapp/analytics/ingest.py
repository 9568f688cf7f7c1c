"""What a run found becomes rows: in one transaction, only while the lease holds, and again without doubles."""

import io
import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from analysis.core.records import CalibrationTrack, PlayersTrack, RunSummary
from webapp.analytics import services
from webapp.analytics.models import (
    AnalysisRun,
    CalibrationSample,
    Period,
    PlayerPosition,
    ReplayMatch,
    ShotSegment,
    SpottedAction,
)
from webapp.analytics.signals import run_stored
from webapp.lib.pgcopy import binary_rows
from webapp.matches.models import Match, Video

BALL_ROLE = 3
NO_TRACK = 0
ROWS_AT_ONCE = 65_536
# How far a replay's live moment may lie from the event it shows.
SAME_MOMENT_MS = 3000
Columns = dict[str, NDArray[Any]]


def store(run_id: int, lease: uuid.UUID, found: Sequence[tuple[int, RunSummary]]) -> None:
    """Replace the run's rows by what was found, and finish the run.

    Args:
        run_id, lease: the run and the token of the worker that owns it.
        found: (video id, summary) in the order of the match's videos.

    Raises:
        services.LeaseLost, Cancelled: nothing was written.
    """
    with transaction.atomic():
        run = services.hold(run_id, lease)
        _clear(run)
        videos = run.match.videos.in_bulk([video_id for video_id, _ in found])
        for video_id, summary in found:
            store_video(run, videos[video_id], summary)
        _store_colours(run.match, found)
        run_stored.send(sender=AnalysisRun, run=run)
        services.finish(
            run_id,
            lease,
            verdict="ok" if any(s.verdict == "ok" for _, s in found) else found[0][1].verdict,
            coverage=_joint_coverage([summary for _, summary in found]),
            versions={k: v for _, summary in found for k, v in summary.versions.items()},
        )


def store_video(run: AnalysisRun, video: Video, summary: RunSummary) -> None:
    """Rows of one video; the caller holds the run and cleared its former rows."""
    kickoffs = _store_periods(run.match, video, summary)
    _copy_calibrations(run, video, summary.calibrations)
    _copy_positions(run, video, summary.players, summary.calibrations)
    actions = _store_actions(run, video, summary, kickoffs)
    _store_shots(run, video, summary)
    _store_replays(run, video, summary, actions)


def _clear(run: AnalysisRun) -> None:
    PlayerPosition.objects.filter(match_id=run.match_id, run_id=run.pk).delete()
    for model in (ReplayMatch, ShotSegment, CalibrationSample, SpottedAction):
        model.objects.filter(run=run).delete()


def _joint_coverage(summaries: Sequence[RunSummary]) -> float:
    n_samples = sum(len(summary.calibrations) for summary in summaries)
    covered = sum(summary.coverage * len(summary.calibrations) for summary in summaries)
    return covered / n_samples if n_samples else 0.0


def _store_periods(match: Match, video: Video, summary: RunSummary) -> dict[int, int]:
    """Kick-off times of the video's periods; what a person confirmed stays."""
    for number, kickoff_ms in summary.kickoffs_ms.items():
        known = Period.objects.filter(match=match, number=number).first()
        if known is None or not known.is_confirmed:
            Period.objects.update_or_create(
                match=match, number=number, defaults={"video": video, "kickoff_ms": kickoff_ms}
            )
    return dict(Period.objects.filter(match=match, video=video).values_list("number", "kickoff_ms"))


def _store_colours(match: Match, found: Sequence[tuple[int, RunSummary]]) -> None:
    colours = next((s.team_colours_rgb for _, s in found if s.team_colours_rgb), None)
    if colours and not (match.home_colour or match.away_colour):
        match.home_colour, match.away_colour = (
            "#" + "".join(f"{min(255, max(0, round(part))):02x}" for part in colour)
            for colour in colours
        )
        match.save(update_fields=["home_colour", "away_colour"])


def _store_actions(
    run: AnalysisRun, video: Video, summary: RunSummary, kickoffs: dict[int, int]
) -> list[SpottedAction]:
    return SpottedAction.objects.bulk_create(
        SpottedAction(
            run=run,
            video=video,
            period=spot.half,
            position_ms=spot.position_ms,
            period_time_ms=spot.position_ms - kickoffs[spot.half]
            if spot.half in kickoffs
            else None,
            frame=_frame_at(video, spot.position_ms),
            label=spot.label,
            team=spot.team or "",
            x_m=spot.pitch_xy_m[0] if spot.pitch_xy_m else None,
            y_m=spot.pitch_xy_m[1] if spot.pitch_xy_m else None,
            confidence=spot.confidence,
            model_version=summary.versions.get("spot", "")[:60],
        )
        for spot in summary.spots
    )


def _frame_at(video: Video, position_ms: int) -> int | None:
    """Frame numbers are written for constant frame rates only."""
    if not video.fps or not video.is_constant_rate:
        return None
    return max(0, round((position_ms - video.start_ms) * video.fps / 1000))


def _store_shots(run: AnalysisRun, video: Video, summary: RunSummary) -> None:
    ShotSegment.objects.bulk_create(
        ShotSegment(
            run=run,
            video=video,
            start_ms=shot.start_ms,
            end_ms=shot.end_ms,
            camera=shot.camera[:40],
            transition=shot.transition[:10],
            is_replay=shot.is_replay,
            confidence=shot.confidence,
        )
        for shot in summary.shots
    )


def _store_replays(
    run: AnalysisRun, video: Video, summary: RunSummary, actions: list[SpottedAction]
) -> None:
    ReplayMatch.objects.bulk_create(
        ReplayMatch(
            run=run,
            video=video,
            start_ms=link.replay_start_ms,
            end_ms=link.replay_end_ms,
            action_ms=link.action_ms,
            action=_nearest(actions, link.action_ms),
            confidence=link.confidence,
        )
        for link in summary.replays
    )


def _nearest(actions: list[SpottedAction], moment_ms: int | None) -> SpottedAction | None:
    if moment_ms is None or not actions:
        return None
    best = min(actions, key=lambda action: abs(action.position_ms - moment_ms))
    return best if abs(best.position_ms - moment_ms) <= SAME_MOMENT_MS else None


def _copy_calibrations(run: AnalysisRun, video: Video, track: CalibrationTrack) -> None:
    has_view = np.asarray(np.isfinite(track.image_from_pitch).all(axis=(1, 2)))
    lines = io.StringIO()
    for i in range(len(track)):
        matrix = (
            "{" + ",".join(map(repr, track.image_from_pitch[i].ravel().tolist())) + "}"
            if has_view[i]
            else "\\N"
        )
        lines.write(
            f"{run.pk}\t{video.pk}\t{track.times_ms[i]}\t{track.frame_indices[i]}\t{matrix}"
            f"\t{track.confidence[i]}\t{track.status[i]}\n"
        )
    lines.seek(0)
    names = "run_id, video_id, time_ms, frame, image_from_pitch, confidence, status"
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY analytics_calibrationsample ({names}) FROM STDIN", lines)


def _copy_positions(
    run: AnalysisRun, video: Video, players: PlayersTrack, calibrations: CalibrationTrack
) -> None:
    people = people_columns(players)
    ball = ball_columns(players, calibrations)
    columns: Columns = {name: _joined(people[name], ball[name]) for name in people}
    del people, ball
    order = np.argsort(columns["time_ms"], kind="stable")
    # A part at a time: three hours of rows in order, and once more as bytes, are a hundred megabytes.
    for start in range(0, len(order), ROWS_AT_ONCE):
        rows = order[start : start + ROWS_AT_ONCE]
        copy_positions({name: values[rows] for name, values in columns.items()}, run, video.pk)


def _joined(first: NDArray[Any], second: NDArray[Any]) -> NDArray[Any]:
    return np.ma.masked_array(
        np.concatenate([np.ma.getdata(first), np.ma.getdata(second)]),
        mask=np.concatenate([np.ma.getmaskarray(first), np.ma.getmaskarray(second)]),
    )


def copy_positions(columns: Columns, run: AnalysisRun, video_id: int) -> None:
    """``COPY`` columns of positions (as ``people_columns`` makes them) into a run's partition."""
    n_rows = len(columns["time_ms"])
    keys = {"match_id": run.match_id, "run_id": run.pk, "video_id": video_id}
    whole = {name: np.full(n_rows, key, np.int64) for name, key in keys.items()} | columns
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY analytics_playerposition ({', '.join(whole)}) FROM STDIN (FORMAT binary)",
            binary_rows(whole),
        )


def people_columns(players: PlayersTrack) -> Columns:
    """Columns of the positions table for everybody but the ball."""
    return {
        "time_ms": players.times_ms.astype(np.int64),
        "frame": players.frame_indices.astype(np.int64),
        "track_id": players.track_id.astype(np.int32),
        "team": players.team.astype(np.int16),
        "role": players.role.astype(np.int16),
        "source": players.source.astype(np.int16),
        "x_m": players.pitch_xy_m[:, 0].astype(np.float32),
        "y_m": players.pitch_xy_m[:, 1].astype(np.float32),
        "sigma_m": players.sigma_m.astype(np.float32),
        "score": np.nan_to_num(players.score).astype(np.float32),
        "colour_rgb": _packed_colour(players.colour_rgb),
        **{
            name: players.box_px[:, i].astype(np.float32)
            for i, name in enumerate(("x0", "y0", "x1", "y1"))
        },
    }


def ball_columns(players: PlayersTrack, calibrations: CalibrationTrack) -> Columns:
    """Columns of the positions table for the ball, where it was found; its box is a point."""
    n_rows = len(players.ball_times_ms)
    unknown = np.full(n_rows, np.nan, np.float32)
    x_px, y_px = players.ball_px[:, 0].astype(np.float32), players.ball_px[:, 1].astype(np.float32)
    return {
        "time_ms": players.ball_times_ms.astype(np.int64),
        "frame": _frames_of(players.ball_times_ms, calibrations),
        "track_id": np.full(n_rows, NO_TRACK, np.int32),
        "team": np.full(n_rows, -1, np.int16),
        "role": np.full(n_rows, BALL_ROLE, np.int16),
        "source": np.zeros(n_rows, np.int16),
        "x_m": players.ball_xy_m[:, 0].astype(np.float32),
        "y_m": players.ball_xy_m[:, 1].astype(np.float32),
        "sigma_m": unknown,
        "score": np.nan_to_num(players.ball_score).astype(np.float32),
        "colour_rgb": np.ma.masked_array(np.zeros(n_rows, np.int32), mask=True),
        "x0": x_px,
        "y0": y_px,
        "x1": x_px,
        "y1": y_px,
    }


def _frames_of(times_ms: NDArray[np.int64], calibrations: CalibrationTrack) -> NDArray[np.int64]:
    """Frame numbers of sample times; the sample before where a time is none of them."""
    if not len(calibrations):
        return np.zeros(len(times_ms), np.int64)
    i = np.searchsorted(calibrations.times_ms, times_ms, "right") - 1
    return calibrations.frame_indices[np.clip(i, 0, None)].astype(np.int64)


def _packed_colour(colour_rgb: NDArray[np.float64]) -> NDArray[Any]:
    """(N,) masked int32 0xRRGGBB of (N, 3) colours 0..255; masked where unknown."""
    is_known = np.asarray(np.isfinite(colour_rgb).all(axis=1))
    parts = np.clip(np.rint(np.where(is_known[:, None], colour_rgb, 0)), 0, 255).astype(np.int32)
    packed = (parts[:, 0] << 16) | (parts[:, 1] << 8) | parts[:, 2]
    return np.ma.masked_array(packed, mask=~is_known)
