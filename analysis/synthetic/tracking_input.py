"""Real tracking data in place of the match model: positions from a file, events read off them.

Two kinds of CSV (plain or gzip) are known, both in metres with the origin at the centre spot:

* wide: ``frame, ball_x, ball_y, ball_z, ball_status, team_possession, home_9_x, home_9_y, away_4_x, ...`` at 25 Hz;
* Last-Row: one file a team, ``frame, ball_x, 379_x, ..., ball_y, 379_y, ..., 379_vx, ..., Time [s]`` at 20 Hz; the
  other team's file lies beside it.
"""

import csv
import gzip
import io
import re
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import STANDARD_PITCH, PitchSpec
from analysis.core.problems import InputProblem
from analysis.synthetic.readings import Reading, read_events
from analysis.synthetic.records import RATE_HZ, MatchEvent, MatchPlay, Period, Person

FloatArray = NDArray[np.float64]

_WIDE = re.compile(r"(home|away)_(\d+)_[xy]")
_WIDE_OTHERS = {"frame", "ball_x", "ball_y", "ball_z", "ball_status", "team_possession"}
_LAST_ROW = re.compile(r"(\d+)_([xy]|v[xy])")
_LAST_ROW_OTHERS = {"frame", "ball_x", "ball_y", "Time [s]"}
_LAST_ROW_HZ = 20
_MOST_BYTES = 512 << 20
_STILL_M = 0.3
_KNOWN = (
    "known are the wide form (frame, ball_x, ball_y, ball_z, ball_status, team_possession, home_9_x, home_9_y, ...) "
    "and Last-Row's (frame, ball_x, ball_y, 379_x, 379_y, ..., Time [s])"
)


def play_tracking(
    path: Path, minutes: float | None, pitch: PitchSpec = STANDARD_PITCH
) -> MatchPlay:
    """The match in a tracking file.

    Args:
        path: a CSV of one of the two kinds, plain or gzip.
        minutes: only the beginning; the whole file when None or longer.
        pitch: size of the pitch.

    Raises:
        InputProblem: ``tracking_file`` (cannot be read), ``tracking_columns`` (of no known kind), ``tracking_cell``.
    """
    header, columns = _table(path)
    if all(name in _WIDE_OTHERS or _WIDE.fullmatch(name) for name in header):
        ball, teams, is_live = _wide(header, columns)
    elif all(name in _LAST_ROW_OTHERS or _LAST_ROW.fullmatch(name) for name in header):
        ball, teams = _last_row(path, header, columns)
        is_live = np.ones(len(ball), dtype=bool)
    else:
        fine = (_WIDE_OTHERS | _LAST_ROW_OTHERS).__contains__
        unknown = [
            n for n in header if not (fine(n) or _WIDE.fullmatch(n) or _LAST_ROW.fullmatch(n))
        ]
        raise InputProblem(
            "tracking_columns",
            f"{path.name} has columns that are not known ({', '.join(unknown[:4]) or 'a mixture'}); {_KNOWN}.",
        )
    n_frames = (
        len(ball) if minutes is None else min(len(ball), max(1, round(minutes * 60 * RATE_HZ)))
    )
    cut = {team: {n: xy[:n_frames] for n, xy in members.items()} for team, members in teams.items()}
    return _as_play(_filled(ball[:n_frames]), cut, is_live[:n_frames], pitch)


def _table(path: Path) -> tuple[list[str], dict[str, list[str]]]:
    """Header and columns of a CSV as text."""
    try:
        raw = path.read_bytes() if path.stat().st_size < _MOST_BYTES else b""
        if raw[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
                raw = packed.read(_MOST_BYTES)
        rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise InputProblem(
            "tracking_file",
            f"{path} cannot be read as a CSV of tracking data; name such a file for --tracking.",
        ) from error
    if len(rows) < 3 or len(set(map(len, rows))) != 1:
        raise InputProblem(
            "tracking_file",
            f"{path.name} has too few rows, or rows of different lengths, for tracking data.",
        )
    header = [name.strip() for name in rows[0]]
    if "ball_x" not in header or "ball_y" not in header:
        raise InputProblem(
            "tracking_columns", f"{path.name} has no columns ball_x and ball_y; {_KNOWN}."
        )
    return header, dict(zip(header, map(list, zip(*rows[1:], strict=True)), strict=True))


def _numbers(columns: dict[str, list[str]], name: str) -> FloatArray:
    """A column as numbers, NaN for empty cells."""
    try:
        return np.array([float(cell) if cell.strip() else np.nan for cell in columns[name]])
    except KeyError as error:
        raise InputProblem(
            "tracking_columns", f"The tracking file has no column {name}."
        ) from error
    except ValueError as error:
        raise InputProblem(
            "tracking_cell", f"Column {name} of the tracking file holds a cell that is no number."
        ) from error


def _wide(
    header: list[str], columns: dict[str, list[str]]
) -> tuple[FloatArray, dict[str, dict[int, FloatArray]], NDArray[np.bool_]]:
    height = (
        _numbers(columns, "ball_z") if "ball_z" in columns else np.zeros(len(columns["ball_x"]))
    )
    ball = np.stack([_numbers(columns, "ball_x"), _numbers(columns, "ball_y"), height], axis=1)
    teams: dict[str, dict[int, FloatArray]] = {"home": {}, "away": {}}
    for name in header:
        found = _WIDE.fullmatch(name)
        if found and name.endswith("_x"):
            stem = name[:-2]
            xy = np.stack([_numbers(columns, f"{stem}_x"), _numbers(columns, f"{stem}_y")], axis=1)
            if np.isfinite(xy).any():
                teams[found[1]][int(found[2])] = xy
    status = columns.get("ball_status", ["alive"] * len(ball))
    return ball, teams, np.array([word == "alive" for word in status])


def _last_row(
    path: Path, header: list[str], columns: dict[str, list[str]]
) -> tuple[FloatArray, dict[str, dict[int, FloatArray]]]:
    others = [p for p in sorted(path.parent.glob("*.csv")) if p != path and p.name != "events.csv"]
    ball = np.stack([_numbers(columns, "ball_x"), _numbers(columns, "ball_y")], axis=1)
    teams = {"home": _members(header, columns), "away": {}}
    if others:
        other_header, other_columns = _table(others[0])
        teams["away"] = _members(other_header, other_columns)
    ball = np.concatenate([ball, np.zeros((len(ball), 1))], axis=1)
    resampled = {
        team: {n: _resampled(xy) for n, xy in members.items()} for team, members in teams.items()
    }
    ball = _resampled(_filled(ball))
    # Files of the two teams may differ by a few frames at the end.
    n_frames = min(
        [len(ball), *(len(xy) for members in resampled.values() for xy in members.values())]
    )
    return ball[:n_frames], {
        t: {n: xy[:n_frames] for n, xy in m.items()} for t, m in resampled.items()
    }


def _members(header: list[str], columns: dict[str, list[str]]) -> dict[int, FloatArray]:
    stems = [name[:-2] for name in header if name.endswith("_x") and name != "ball_x"]
    return {
        number: np.stack([_numbers(columns, f"{stem}_x"), _numbers(columns, f"{stem}_y")], axis=1)
        for number, stem in enumerate(stems, start=1)
    }


def _resampled(track: FloatArray) -> FloatArray:
    """20 Hz to 25 Hz; a gap stays a gap."""
    source = np.arange(len(track)) / _LAST_ROW_HZ
    wanted = np.arange(int(source[-1] * RATE_HZ) + 1) / RATE_HZ
    return np.stack([np.interp(wanted, source, track[:, k]) for k in range(track.shape[1])], axis=1)


def _filled(track: FloatArray) -> FloatArray:
    """Gaps bridged in straight lines; a column without any number becomes 0."""
    filled = track.copy()
    at = np.arange(len(track))
    for k in range(track.shape[1]):
        known = np.isfinite(track[:, k])
        filled[:, k] = np.interp(at, at[known], track[known, k]) if known.any() else 0.0
    return filled


def _as_play(
    ball: FloatArray,
    teams: dict[str, dict[int, FloatArray]],
    is_live: NDArray[np.bool_],
    pitch: PitchSpec,
) -> MatchPlay:
    people: list[Person] = []
    tracks: list[FloatArray] = []
    for team in ("home", "away"):
        members = teams[team]
        depth = {
            n: abs(float(np.nanmean(xy[:, 0])))
            for n, xy in members.items()
            if np.isfinite(xy).any()
        }
        keeper = max(depth, key=lambda n: depth[n], default=None)
        for number in sorted(depth):
            is_keeper = number == keeper and depth[number] > 30
            role = "goalkeeper" if is_keeper else "player"
            name = f"{team.title()} {number}"
            people.append(
                Person(
                    len(people) + 1,
                    team,
                    role,
                    number,
                    name,
                    1.82,
                    9.0,
                    (number * 5 + len(people)) % 6,
                )
            )
            tracks.append(members[number])
    if not people:
        raise InputProblem("tracking_columns", f"The tracking file has no players; {_KNOWN}.")
    xy = np.stack(tracks, axis=1)
    home = np.array([person.team == "home" for person in people])
    found = read_events(ball, xy[:, home], xy[:, ~home], pitch, still_m=_STILL_M)
    attacks = _home_attacks(people, xy)
    events = tuple(_named(reading, people, xy, attacks) for reading in found)
    kickoff = next((e.frame for e in events if e.label == "Kick-off"), 0)
    return MatchPlay(
        people=tuple(people),
        person_xy_m=xy.astype(np.float32),
        ball_xyz_m=ball.astype(np.float32),
        is_live=is_live,
        events=events,
        periods=(Period(1, 0, len(ball), kickoff, attacks),),
    )


def _home_attacks(people: list[Person], xy: FloatArray) -> int:
    """+1 when the home keeper (or, without one, the home team) stands on the left."""
    for k, person in enumerate(people):
        if person.team == "home" and person.role == "goalkeeper":
            return 1 if np.nanmean(xy[:, k, 0]) < 0 else -1
    home = [k for k, person in enumerate(people) if person.team == "home"]
    return 1 if not home or np.nanmean(xy[0, home, 0]) < np.nanmean(xy[0, :, 0]) else -1


def _named(reading: Reading, people: list[Person], xy: FloatArray, home_attacks: int) -> MatchEvent:
    """The event with the person nearest to the ball; goals belong to who attacks that side."""
    gap = np.linalg.norm(xy[reading.frame] - np.array(reading.pitch_xy_m), axis=1)
    nearest = int(np.nanargmin(gap)) if np.isfinite(gap).any() else None
    team = None if nearest is None else people[nearest].team
    if reading.label == "Goal":
        team = "home" if reading.pitch_xy_m[0] * home_attacks > 0 else "away"
        nearest = None
    if reading.label == "Ball out of play":
        team = nearest = None
    return MatchEvent(reading.frame, reading.label, team, nearest, reading.pitch_xy_m, 1)
