"""A match room filled with a simulated match and the truth about it: pictures, players and cameras fit together."""

import csv
import gzip
import io
import json
import shutil
from dataclasses import asdict
from pathlib import Path

from tests.factories import make_match, make_video
from tests.webapp.analytics.rooms import make_run, store_positions
from webapp.analytics.models import (
    CalibrationSample,
    Period,
    ReplayMatch,
    ShotSegment,
    SpottedAction,
)
from webapp.matches.models import Match

STEP_FRAMES = 5
ROLES = {"player": 0, "goalkeeper": 1, "referee": 2, "ball": 3}
# Beside the true events: candidates that a model may propose, as (share of the film, label, team, confidence).
CANDIDATES = (
    (0.11, "Foul", "", 0.31), (0.22, "Throw-in", "away", 0.58), (0.3, "Clearance", "home", 0.44),
    (0.41, "Shots on target", "home", 0.67), (0.47, "Corner", "home", 0.52), (0.52, "Foul", "away", 0.71),
    (0.63, "Throw-in", "home", 0.35), (0.7, "Shots off target", "away", 0.49), (0.78, "Offside", "home", 0.27),
    (0.85, "Yellow card", "away", 0.4), (0.93, "Goal", "home", 0.62),
)  # fmt: skip


def rows_of(path: Path) -> list[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(io.StringIO(opened.read(), newline="")))


def milliseconds(text: str) -> int:
    return round(float(text) * 1000)


def make_true_room(team, folder: Path, media_root: Path, **fields) -> Match:
    """A match of ``team`` from the files of ``analysis simulate`` in ``folder``; its media lie below ``media_root``."""
    from analysis.video.companions import frame_times_ms, make_storyboard, write_frame_times
    from analysis.video.encode import playable_copy, poster
    from analysis.video.probe import probe
    from analysis.video.streaming import make_stream

    info = probe(folder / "match.mp4")
    match = make_match(team, home_colour="#c8102e", away_colour="#f2f2f2", **fields)
    match.home_name, match.away_name, match.title = "Rovers", "United", "Rovers v United"
    match.save()
    run = make_run(match, coverage=1.0)
    video = make_video(
        match, duration_ms=info.duration_ms, start_ms=info.start_ms, fps=info.fps, has_playback=True,
        has_poster=True, width_px=info.width_px, height_px=info.height_px, extension="mp4",
    )  # fmt: skip
    place = media_root / video.folder
    place.mkdir(parents=True)
    copies = folder / "copies"
    if not copies.is_dir():
        made = folder / "copies.part"
        made.mkdir(exist_ok=True)
        playable_copy(info, made / "play.mp4")
        poster(info, made / "poster.jpg")
        copy = probe(made / "play.mp4")
        write_frame_times(frame_times_ms(copy), made / "frames.bin")
        board = make_storyboard(copy, made / "sheets")
        (made / "storyboard.json").write_text(json.dumps(asdict(board)))
        made.rename(copies)
    if not (copies / "stream").is_dir():
        make_stream(probe(copies / "play.mp4"), copies / "stream")
    shutil.copytree(copies, place, dirs_exist_ok=True)
    video.storyboard, video.has_stream = json.loads((copies / "storyboard.json").read_text()), True
    video.save()
    shutil.copy(folder / "match.mp4", place / "source.mp4")
    Period.objects.create(match=match, number=1, video=video, kickoff_ms=2200)
    _fill(run, video, folder)
    return match


def _fill(run, video, folder: Path) -> None:
    CalibrationSample.objects.bulk_create(
        CalibrationSample(
            run=run, video=video, time_ms=milliseconds(row["video_time_s"]), frame=int(row["frame"]),
            image_from_pitch=[float(row[f"h{i}{j}"]) for i in (1, 2, 3) for j in (1, 2, 3)],
            confidence=0.93, status="weak" if int(row["frame"]) % 300 < 40 else "ok",
        )
        for row in rows_of(folder / "cameras.csv")
        if int(row["frame"]) % STEP_FRAMES == 0
    )  # fmt: skip
    seen = {
        (row["frame"], row["player_id"], row["role"] == "ball") for row in rows_of(folder / "boxes.csv")
    }  # fmt: skip
    store_positions(
        [
            _position(run, video, row)
            for row in rows_of(folder / "tracking.csv.gz")
            if int(row["frame"]) % STEP_FRAMES == 0
            and (
                (row["frame"], row["track_id"], row["role"] == "ball") in seen
                or row["role"] == "ball"
            )
        ]
    )
    half = video.duration_ms // 2
    for start_ms, end_ms, camera, is_replay in (
        (0, half, "Main camera center", False),
        (half, half + 2500, "Main camera left", True),
        (half + 2500, video.duration_ms, "Main camera center", False),
    ):
        ShotSegment.objects.create(
            run=run, video=video, start_ms=start_ms, end_ms=end_ms, camera=camera, is_replay=is_replay, confidence=0.9,
        )  # fmt: skip
    actions = SpottedAction.objects.bulk_create(_actions(run, video, folder))
    shot = next(row for row in actions if row.label == "Shots on target")
    ReplayMatch.objects.create(
        run=run, video=video, start_ms=half, end_ms=half + 2500, action_ms=shot.position_ms,
        action=shot, confidence=0.8,
    )  # fmt: skip


def _position(run, video, row: dict[str, str]) -> tuple:
    role = ROLES[row["role"]]
    team = {"home": 0, "away": 1}.get(row["team"], -1)
    frame, track = int(row["frame"]), int(row["track_id"])
    source = 1 if (frame // STEP_FRAMES + track * 7) % 11 == 0 and role != 3 else 0
    return (
        run.match_id, run.pk, video.pk, milliseconds(row["video_time_s"]), frame, track, team, role, source,
        float(row["x_m"]), float(row["y_m"]), 0.3, 0.9, 0xC8102E if team == 0 else 0xF2F2F2, 0, 0, 1, 1,
    )  # fmt: skip


def _actions(run, video, folder: Path) -> list[SpottedAction]:
    def action(at_ms: int, label: str, team: str, confidence: float) -> SpottedAction:
        return SpottedAction(
            run=run, video=video, period=1, position_ms=at_ms, period_time_ms=at_ms - 2200,
            frame=at_ms // 40, label=label, team=team, confidence=confidence, model_version="rules 3",
        )  # fmt: skip

    true = [
        action(milliseconds(row["video_time_s"]), row["label"], row["team"], 0.9)
        for row in rows_of(folder / "events.csv")
    ]
    more = [
        action(int(share * video.duration_ms) // 40 * 40, label, team, confidence)
        for share, label, team, confidence in CANDIDATES
    ]
    return [*true, *more]
