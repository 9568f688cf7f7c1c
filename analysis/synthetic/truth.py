"""The truth of a simulated match as files (columns in ``core.tables``), and the video beside them."""

import gzip
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from analysis.core import tables
from analysis.core.clock import clock_text, game_time, timecode
from analysis.synthetic import fast_csv
from analysis.synthetic.clock import ms_of_frame
from analysis.synthetic.match import SyntheticMatch
from analysis.synthetic.records import RATE_HZ, MatchEvent
from analysis.synthetic.sound import SOUND_RATE_HZ, stadium_sound

_CHUNK_FRAMES = 500
_LEAD_MS, _LAG_MS = 7000, 5000
VERSION = "synthetic-1"
_SEEN_CLOSE = {"Yellow card", "Red card", "Yellow->red card", "Substitution"}

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

    sound = stadium_sound(match.play, np.random.default_rng([match.seed, 7]))
    n_seconds = 0
    with FilmWriter(
        path, match.image_size_px, match.film_rate_hz, sound_rate_hz=SOUND_RATE_HZ
    ) as video:
        for frame in match.frames():
            video.write(frame.image)
            while n_seconds * 1000 <= frame.time_ms:
                video.write_sound(next(sound))
                n_seconds += 1
                if progress is not None:
                    progress("video", frame.time_ms, match.duration_ms)


def write_truth(match: SyntheticMatch, folder: Path, progress: Progress | None = None) -> None:
    """All truth files, without the video."""
    _write(folder / "events.csv", tables.EVENTS, event_rows(match))
    (folder / "Labels-v2.json").write_text(
        json.dumps(soccernet_labels(match), indent=1), encoding="utf-8"
    )
    _write_packed(folder / "tracking.csv.gz", tracking_bytes(match))
    with (folder / "cameras.csv").open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(camera_lines(match))
    _write(folder / "shots.csv", tables.SHOTS, shot_rows(match))
    _write(folder / "replays.csv", tables.REPLAYS, replay_rows(match))
    with (folder / "boxes.csv").open("wb") as boxes:
        boxes.writelines(box_bytes(match))
    if progress is not None:
        progress("truth", match.n_frames, match.n_frames)


def _write(path: Path, table: tables.Table, rows: Iterable[Any]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(tables.csv_text(table, rows))


def _write_packed(path: Path, pieces: Iterable[bytes]) -> None:
    # A fixed time and no name in the header: the same truth gives the same bytes.
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 1, raw, mtime=0) as packed:
        for piece in pieces:
            packed.write(piece)


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
            time_ms / 1000, timecode(time_ms), event.frame // match.frame_step, event.label, event.team,
            None if person is None else str(person.jersey), None if person is None else person.name,
            *event.pitch_xy_m, 1.0, "human", "confirmed", "model", VERSION,
            max(0, time_ms - _LEAD_MS) / 1000, min(match.duration_ms, time_ms + _LAG_MS) / 1000, None,
            None if is_visible(match, event) else "not shown",
        )  # fmt: skip


def is_visible(match: SyntheticMatch, event: MatchEvent) -> bool:
    """Whether the live main camera is on air at the event; cards and substitutions are seen in close-ups too."""
    if event.label in _SEEN_CLOSE:
        shot = next(s for s in match.shots if s.start <= event.frame < s.stop)
        return not shot.is_replay
    return bool(match.shows_main_camera[min(event.frame, match.n_frames - 1)])


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


def tracking_bytes(match: SyntheticMatch) -> Iterator[bytes]:
    """``tracking.csv`` in pieces: everybody on the grass at 25 Hz, the ball first as track 0."""
    yield (",".join(tables.TRACKING.header) + "\n").encode()
    play, name = match.play, match_id(match)
    who = [f"{p.person_id},{p.team or ''},{p.role},{p.jersey or ''}" for p in play.people]
    who_cells = fast_csv.texts(["0,,ball,", *who])
    tail = fast_csv.texts(["0.00,detected,1,0.0"])
    for period in play.periods:
        for start in range(period.start, period.stop, _CHUNK_FRAMES):
            frames = range(start, min(start + _CHUNK_FRAMES, period.stop))
            part = slice(frames.start, frames.stop)
            ball = play.ball_xyz_m[part, None, :2]
            position = np.concatenate([ball, play.person_xy_m[part]], axis=1).astype(np.float64)
            row, column = np.nonzero(np.isfinite(position[..., 0]))
            heads = [
                f"{name},{period.half},{f},{f / RATE_HZ:.3f},{(f - period.kickoff) / RATE_HZ:.3f}"
                for f in frames
            ]
            place = position[row, column]
            yield fast_csv.lines(
                [
                    fast_csv.texts(heads)[row],
                    who_cells[column],
                    fast_csv.decimals(place[:, 0], 2),
                    fast_csv.decimals(place[:, 1], 2),
                    np.repeat(tail, len(row), axis=0),
                ]
            )


def camera_lines(match: SyntheticMatch) -> Iterator[str]:
    """``cameras.csv`` in pieces: every frame; ``refused`` without numbers where the main camera is not on air."""
    yield ",".join(tables.CAMERAS.header) + "\n"
    width, height = match.image_size_px
    on_air = match.shows_main_camera
    for frames in _film_chunks(match):
        matrices = match.path.image_from_pitch(slice(frames.start, frames.stop, frames.step))
        cells = (matrices / matrices[:, 2:, 2:]).reshape(-1, 9).tolist()
        rows = []
        for frame, numbers in zip(frames, cells, strict=True):
            head = f"{frame / RATE_HZ:.3f},{frame // frames.step},{width},{height}"
            if on_air[frame]:
                rows.append(f"{head},{','.join(map(repr, numbers))},1.000,ok,synthetic\n")
            else:
                rows.append(f"{head}{',' * 10}0.000,refused,synthetic\n")
        yield "".join(rows)


def _film_chunks(match: SyntheticMatch) -> Iterator[range]:
    """The film's moments, some hundreds at a time."""
    step = match.frame_step
    for start in range(0, match.n_frames, _CHUNK_FRAMES * step):
        yield range(start, min(start + _CHUNK_FRAMES * step, match.n_frames), step)


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


def box_bytes(match: SyntheticMatch) -> Iterator[bytes]:
    """``boxes.csv`` in pieces: everybody in the picture, every frame of the main camera on air."""
    yield (",".join(tables.BOXES.header) + "\n").encode()
    who = [f"{p.person_id},{p.team or ''},{p.role}" for p in match.play.people]
    who_cells = fast_csv.texts(who)
    on_air = match.shows_main_camera
    for frames in _film_chunks(match):
        views = match.views(frames)
        row, column = np.nonzero(views.is_shown & on_air[np.asarray(frames), None])
        heads = [f"{f / RATE_HZ:.3f},{f // frames.step}" for f in frames]
        box = views.box_px[row, column]
        yield fast_csv.lines(
            [
                fast_csv.texts(heads)[row],
                who_cells[column],
                *(fast_csv.decimals(box[:, k], 1) for k in range(4)),
                fast_csv.decimals(views.visible_share[row, column], 3),
            ]
        )
