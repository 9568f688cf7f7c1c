"""The files of one analysis: rows of the tables of ``core.tables``, written all together or not at all."""

import gzip
import io
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from analysis.core import tables
from analysis.core.clock import clock_text, period_at, timecode
from analysis.core.pitch import PitchSpec
from analysis.core.problems import InputProblem
from analysis.core.records import PlayersTrack, RunSummary
from analysis.core.vocabulary import POSITION_SOURCES, ROLES, TEAMS
from analysis.pipeline.recipe import Recipe

Row = list[Any]
# Point events have no length of their own: a clip begins and ends with this padding (seconds before, after).
CLIP_LEAD_S, CLIP_LAG_S = 7.0, 5.0


def event_rows(summaries: Sequence[RunSummary], match_id: str) -> Iterator[Row]:
    """Rows of ``events.csv``, numbered in the order of videos and times."""
    number = 0
    for summary in summaries:
        info = summary.video
        start_s, end_s = info.start_ms / 1000, (info.start_ms + info.duration_ms) / 1000
        for spot in summary.spots:
            number += 1
            kickoff_ms = summary.kickoffs_ms.get(spot.half)
            since_ms = None if kickoff_ms is None else spot.position_ms - kickoff_ms
            time_s = spot.position_ms / 1000
            x_m, y_m = spot.pitch_xy_m or (None, None)
            yield [
                number, match_id, spot.half, None if since_ms is None else clock_text(since_ms),
                None if since_ms is None else since_ms / 1000, time_s, timecode(spot.position_ms),
                _frame_number(summary, spot.position_ms), spot.label, spot.team, None, None, x_m, y_m,
                spot.confidence, "raw", "auto", "model", summary.versions.get("spot"),
                max(start_s, time_s - CLIP_LEAD_S), min(end_s, time_s + CLIP_LAG_S), None, None,
            ]  # fmt: skip


def _frame_number(summary: RunSummary, time_ms: int) -> int | None:
    info = summary.video
    return round((time_ms - info.start_ms) * info.fps / 1000) if info.is_constant_rate else None


def tracking_rows(summaries: Sequence[RunSummary], match_id: str, floor: float) -> Iterator[Row]:
    """Rows of ``tracking.csv``: everybody with a position, and the ball of every sample, found or ``not_seen``."""
    for number, summary in enumerate(summaries, start=1):
        track, players = summary.calibrations, summary.players
        usable = track.usable(floor)
        balls = {int(t): i for i, t in enumerate(players.ball_times_ms)}
        first_half = number if len(summaries) > 1 else None
        for i, time_ms in enumerate(track.times_ms.tolist()):
            half, since_ms = period_at(time_ms, summary.kickoffs_ms)
            frame = int(track.frame_indices[i]) if summary.video.is_constant_rate else None
            head: Row = [
                match_id, first_half if half is None else half, frame, time_ms / 1000,
                None if since_ms is None else since_ms / 1000,
            ]  # fmt: skip
            is_ok = bool(usable[i])
            if is_ok:
                yield from (head + row for row in _people(players, time_ms))
            yield head + _ball(players, balls.get(time_ms) if is_ok else None, is_ok=is_ok)


def _people(players: PlayersTrack, time_ms: int) -> Iterator[Row]:
    rows = players.rows_at(time_ms)
    for i in range(rows.start, rows.stop):
        x_m, y_m = players.pitch_xy_m[i].tolist()
        if not np.isfinite(x_m):
            continue
        team, role, track_id = int(players.team[i]), int(players.role[i]), int(players.track_id[i])
        yield [
            track_id if track_id > 0 else None, TEAMS[team] if team >= 0 else None,
            ROLES[role] if role >= 0 else None, None, x_m, y_m, float(players.sigma_m[i]),
            POSITION_SOURCES[players.source[i]], True, None,
        ]  # fmt: skip


def _ball(players: PlayersTrack, i: int | None, *, is_ok: bool) -> Row:
    if i is None or not np.isfinite(players.ball_xy_m[i]).all():
        return [0, None, "ball", None, None, None, None, "not_seen", is_ok, None]
    x_m, y_m = players.ball_xy_m[i].tolist()
    return [0, None, "ball", None, x_m, y_m, None, "detected", is_ok, None]


def calibration_rows(summary: RunSummary) -> Iterator[Row]:
    """Rows of ``calibration.csv``: every sample; a refused one keeps no matrix."""
    track = summary.calibrations
    for i in range(len(track)):
        status = str(track.status[i])
        matrix = track.image_from_pitch[i].ravel().tolist()
        yield [
            int(track.times_ms[i]) / 1000,
            int(track.frame_indices[i]) if summary.video.is_constant_rate else None,
            *track.image_size_px,
            *(matrix if status != "refused" else [None] * 9),
            float(track.confidence[i]),
            status,
            track.method,
        ]


def shot_rows(summaries: Sequence[RunSummary]) -> Iterator[Row]:
    """Rows of ``shots.csv``."""
    shots = [shot for summary in summaries for shot in summary.shots]
    for number, shot in enumerate(shots, start=1):
        span = [shot.start_ms / 1000, shot.end_ms / 1000]
        yield [number, *span, shot.camera, shot.transition, shot.is_replay, shot.confidence]


def replay_rows(summaries: Sequence[RunSummary]) -> Iterator[Row]:
    """Rows of ``replays.csv``."""
    links = [link for summary in summaries for link in summary.replays]
    for number, link in enumerate(links, start=1):
        action_s = None if link.action_ms is None else link.action_ms / 1000
        span = [link.replay_start_ms / 1000, link.replay_end_ms / 1000]
        yield [number, *span, None, action_s, link.confidence]


def manifest_of(
    summaries: Sequence[RunSummary], recipe: Recipe, pitch: PitchSpec, match_id: str
) -> dict[str, Any]:
    """What made the files, and what a reader must know beside their rows."""
    colours = next((s.team_colours_rgb for s in summaries if s.team_colours_rgb), None)
    return {
        "program": {"name": "touchline", "version": _program_version()},
        "match_id": match_id,
        "recipe": {
            "name": recipe.name, "title": recipe.title, "rate_hz": recipe.rate_hz, "floor": recipe.floor,
            "settings": _settings_of(recipe),
        },
        "methods": dict(summaries[0].versions) if summaries else {},
        "pitch": {"length_m": pitch.length_m, "width_m": pitch.width_m},
        "coordinates": "metres, centre origin, x along the length, y away from the main camera",
        "team_colours_rgb": None if colours is None else {"home": _whole(colours[0]), "away": _whole(colours[1])},
        "videos": [_video_entry(summary) for summary in summaries],
        "left_out": [
            "people without a position on the pitch", "jersey numbers and names", "reprojection errors",
            *_not_looked_for(recipe),
        ],
    }  # fmt: skip


def _not_looked_for(recipe: Recipe) -> list[str]:
    if recipe.shots is None:
        return [
            "camera shots and replays are not looked for by this recipe: their files hold a header only"
        ]
    return ["positions and events while the main camera is not live on air"]


def _settings_of(recipe: Recipe) -> dict[str, Any]:
    named = {"calibrate": recipe.calibrate, "locate": recipe.locate}
    named |= {f"represent.{choice.method}": choice for choice in recipe.represent}
    if recipe.spot is not None:
        named["spot"] = recipe.spot
    if recipe.shots is not None:
        named["shots"] = recipe.shots
    return {name: dict(choice.settings) for name, choice in named.items()}


def _whole(colour: tuple[float, float, float]) -> list[int]:
    return [round(part) for part in colour]


def _video_entry(summary: RunSummary) -> dict[str, Any]:
    info = summary.video
    return {
        "file": info.path.name, "sha256": info.sha256, "size_bytes": info.size_bytes,
        "width_px": info.width_px, "height_px": info.height_px, "fps": round(info.fps, 4),
        "is_constant_rate": info.is_constant_rate, "duration_ms": info.duration_ms, "start_ms": info.start_ms,
        "verdict": summary.verdict, "coverage": round(summary.coverage, 4),
        "passed_over": round(summary.passed_over, 4),
        "samples": len(summary.calibrations), "positions": n_positions(summary), "events": len(summary.spots),
        "kickoffs_ms": {str(half): time_ms for half, time_ms in sorted(summary.kickoffs_ms.items())},
    }  # fmt: skip


def n_positions(summary: RunSummary) -> int:
    """How many rows have a place on the pitch."""
    return int(np.isfinite(summary.players.pitch_xy_m).all(axis=1).sum())


def _program_version() -> str:
    try:
        return metadata.version("touchline")
    except metadata.PackageNotFoundError:
        return "unknown"


def write_files(
    folder: Path,
    summaries: Sequence[RunSummary],
    recipe: Recipe,
    pitch: PitchSpec,
    match_id: str,
) -> None:
    """Write the six files into a folder, made when needed; on a failure nothing new is left.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    manifest = manifest_of(summaries, recipe, pitch, match_id)
    calibrations = (row for summary in summaries for row in calibration_rows(summary))
    with _all_or_nothing(folder) as work:
        _write(work / "events.csv", tables.csv_text(tables.EVENTS, event_rows(summaries, match_id)))
        _write_zipped(
            work / "tracking.csv.gz",
            tables.csv_text(tables.TRACKING, tracking_rows(summaries, match_id, recipe.floor)),
        )
        _write(work / "calibration.csv", tables.csv_text(tables.CALIBRATION, calibrations))
        _write(work / "shots.csv", tables.csv_text(tables.SHOTS, shot_rows(summaries)))
        _write(work / "replays.csv", tables.csv_text(tables.REPLAYS, replay_rows(summaries)))
        _write(work / "manifest.json", [_json(manifest)])


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _write(path: Path, pieces: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as opened:
        opened.writelines(pieces)


def _write_zipped(path: Path, pieces: Iterable[str]) -> None:
    # Without a name and a time in its head, the same rows give the same bytes.
    with (
        path.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="") as opened,
    ):
        opened.writelines(pieces)


def check_target(folder: Path) -> None:
    """Refuse a target that cannot become a folder, before any work is done.

    Raises:
        InputProblem: ``output_exists`` when a file of that name, or of a parent's name, is in the way.
    """
    for path in (folder, *folder.absolute().parents):
        if path.exists():
            if path.is_dir():
                return
            raise InputProblem(
                "output_exists", f"{path.name!r} is a file, not a folder; name another --out."
            )


@contextmanager
def _all_or_nothing(folder: Path) -> Iterator[Path]:
    """A work folder on the same disk whose files move into ``folder`` at the end; failures take new folders back."""
    made = [path for path in (folder, *folder.absolute().parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        work = Path(tempfile.mkdtemp(prefix=".part-", dir=folder))
        try:
            yield work
            for path in sorted(work.iterdir()):
                path.replace(folder / path.name)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except BaseException:
        for path in made:
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()
        raise
