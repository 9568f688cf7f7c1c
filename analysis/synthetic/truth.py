"""The truth of a simulated match as files (columns in ``core.tables``), and the video beside them."""

import gzip
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from analysis.core import tables
from analysis.core.clock import clock_text, game_time, timecode
from analysis.core.homography import normalised
from analysis.synthetic.clock import ms_of_frame
from analysis.synthetic.match import SyntheticMatch
from analysis.synthetic.records import RATE_HZ, MatchEvent

_CHUNK_FRAMES = 500
_LEAD_MS, _LAG_MS = 7000, 5000
VERSION = "synthetic-1"

Progress = Callable[[str, int, int], None]


def to_files(
    match: SyntheticMatch,
    folder: Path,
    *,
    with_video: bool = True,
    progress: Progress | None = None,
) -> list[Path]:
    """Write truth (and the video) into a folder; all of it appears at the end, or nothing does.

    Args:
        match: the match.
        folder: created when needed; files of the same names are replaced.
        with_video: also ``match.mp4``.
        progress: called as (what, done, total).

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".simulate-", dir=folder))
    try:
        write_truth(match, work, progress)
        if with_video:
            write_video(match, work / "match.mp4", progress)
        written = []
        for path in sorted(work.iterdir()):
            written.append(path.replace(folder / path.name))
        return written
    finally:
        shutil.rmtree(work, ignore_errors=True)


def write_video(match: SyntheticMatch, path: Path, progress: Progress | None = None) -> None:
    """Render and encode all frames."""
    from analysis.video.encode import FilmWriter

    with FilmWriter(path, match.image_size_px, RATE_HZ) as video:
        for frame in match.frames():
            video.write(frame.image)
            if progress is not None and frame.index % RATE_HZ == 0:
                progress("video", frame.index, match.n_frames)


def write_truth(match: SyntheticMatch, folder: Path, progress: Progress | None = None) -> None:
    """All truth files, without the video."""
    _write(folder / "events.csv", tables.EVENTS, event_rows(match))
    (folder / "Labels-v2.json").write_text(
        json.dumps(soccernet_labels(match), indent=1), encoding="utf-8"
    )
    _write(folder / "tracking.csv.gz", tables.TRACKING, tracking_rows(match))
    _write(folder / "cameras.csv", tables.CAMERAS, camera_rows(match))
    _write(folder / "shots.csv", tables.SHOTS, shot_rows(match))
    _write(folder / "replays.csv", tables.REPLAYS, replay_rows(match))
    _write(folder / "boxes.csv", tables.BOXES, box_rows(match))
    if progress is not None:
        progress("truth", match.n_frames, match.n_frames)


def _write(path: Path, table: tables.Table, rows: Iterable[Any]) -> None:
    if path.suffix == ".gz":
        # A fixed time and no name in the header: the same truth gives the same bytes.
        with path.open("wb") as raw, gzip.GzipFile("", "wb", 1, raw, mtime=0) as packed:
            stream = io.TextIOWrapper(packed, encoding="utf-8", newline="")
            stream.writelines(tables.csv_text(table, rows))
            stream.flush()
            stream.detach()
        return
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(tables.csv_text(table, rows))


def match_id(match: SyntheticMatch) -> str:
    """Name of a simulated match in its files."""
    return f"synthetic-{match.seed}"


def kickoff_ms(match: SyntheticMatch, half: int) -> int:
    """Video time of a half's kick-off."""
    return next(ms_of_frame(p.kickoff) for p in match.play.periods if p.half == half)


def event_rows(match: SyntheticMatch) -> Iterator[tuple[Any, ...]]:
    """Rows of ``events.csv``."""
    for number, event in enumerate(match.play.events, start=1):
        time_ms = ms_of_frame(event.frame)
        period_ms = time_ms - kickoff_ms(match, event.half)
        person = None if event.person is None else match.play.people[event.person]
        yield (
            str(number), match_id(match), event.half, clock_text(period_ms), period_ms / 1000,
            time_ms / 1000, timecode(time_ms), event.frame, event.label, event.team,
            None if person is None else str(person.jersey), None if person is None else person.name,
            *event.pitch_xy_m, 1.0, "human", "confirmed", "model", VERSION,
            max(0, time_ms - _LEAD_MS) / 1000, min(match.duration_ms, time_ms + _LAG_MS) / 1000, None,
            None if is_visible(match, event) else "not shown",
        )  # fmt: skip


def is_visible(match: SyntheticMatch, event: MatchEvent) -> bool:
    """Whether a live camera on the pitch is on air at the event."""
    shot = next(s for s in match.shots if s.start <= event.frame < s.stop)
    return not shot.is_replay and shot.camera.startswith("Main")


def soccernet_labels(match: SyntheticMatch) -> dict[str, Any]:
    """SoccerNet's ``Labels-v2.json``; positions count from each half's kick-off."""
    annotations = []
    for event in match.play.events:
        position = ms_of_frame(event.frame) - kickoff_ms(match, event.half)
        annotations.append(
            {
                "gameTime": game_time(event.half, position),
                "label": event.label,
                "position": str(position),
                "team": event.team or "not applicable",
                "visibility": "visible" if is_visible(match, event) else "not shown",
            }
        )
    return {"UrlLocal": match_id(match), "UrlYoutube": "", "annotations": annotations}


def tracking_rows(match: SyntheticMatch) -> Iterator[tuple[Any, ...]]:
    """Rows of ``tracking.csv``: everybody on the grass at 25 Hz, the ball as track 0."""
    play, name = match.play, match_id(match)
    for period in play.periods:
        for frame in range(period.start, period.stop):
            time_s, period_s = frame / RATE_HZ, (frame - period.kickoff) / RATE_HZ
            ball = play.ball_xyz_m[frame]
            head = (name, period.half, frame, time_s, period_s)
            yield (
                *head,
                0,
                None,
                "ball",
                None,
                float(ball[0]),
                float(ball[1]),
                0.0,
                "detected",
                1,
                0.0,
            )
            position = play.person_xy_m[frame]
            for p in np.flatnonzero(np.isfinite(position[:, 0])):
                person = play.people[p]
                x, y = float(position[p, 0]), float(position[p, 1])
                jersey = str(person.jersey) if person.jersey else None
                yield (
                    *head,
                    person.person_id,
                    person.team,
                    person.role,
                    jersey,
                    x,
                    y,
                    0.0,
                    "detected",
                    1,
                    0.0,
                )


def camera_rows(match: SyntheticMatch) -> Iterator[tuple[Any, ...]]:
    """Rows of ``cameras.csv``: every frame; ``refused`` without numbers where no pitch view is on air."""
    width, height = match.image_size_px
    for start in range(0, match.n_frames, _CHUNK_FRAMES):
        stop = min(start + _CHUNK_FRAMES, match.n_frames)
        for i, matrix in enumerate(match.path.image_from_pitch(slice(start, stop))):
            frame = start + i
            cells = tuple(normalised(matrix).ravel())
            yield (frame / RATE_HZ, frame, width, height, *cells, 1.0, "ok", "synthetic")


def shot_rows(match: SyntheticMatch) -> Iterator[tuple[Any, ...]]:
    """Rows of ``shots.csv``."""
    for number, shot in enumerate(match.shots, start=1):
        yield (
            number, shot.start / RATE_HZ, shot.stop / RATE_HZ, shot.camera, shot.transition,
            int(shot.is_replay), 1.0,
        )  # fmt: skip


def replay_rows(match: SyntheticMatch) -> Iterator[tuple[Any, ...]]:
    """Rows of ``replays.csv``."""
    replays = [s for s in match.shots if s.is_replay and s.event is not None]
    for number, shot in enumerate(replays, start=1):
        event = match.play.events[shot.event or 0]
        yield (
            number, shot.start / RATE_HZ, shot.stop / RATE_HZ, str((shot.event or 0) + 1),
            event.frame / RATE_HZ, 1.0,
        )  # fmt: skip


def box_rows(match: SyntheticMatch) -> Iterator[tuple[Any, ...]]:
    """Rows of ``boxes.csv``: everybody in the picture, every frame."""
    people = match.play.people
    for start in range(0, match.n_frames, _CHUNK_FRAMES):
        stop = min(start + _CHUNK_FRAMES, match.n_frames)
        views = match.views(start, stop)
        for i, p in zip(*np.nonzero(views.is_shown), strict=True):
            frame, person = start + int(i), people[p]
            box = views.box_px[i, p].tolist()
            share = float(views.visible_share[i, p])
            yield (
                frame / RATE_HZ,
                frame,
                str(person.person_id),
                person.team,
                person.role,
                *box,
                share,
            )
