"""Metrica's tracking files: one CSV a team, three header rows, the ball last, 0-1 from the top left, five decimals.

Frames lie on a grid of 25 a second, as their readers expect, and only sampled ones are written: nothing is invented in
between. A column is a track; a player who was lost and found again has two.
"""

from collections.abc import Iterator
from itertools import groupby

from webapp.exports.coordinates import to_system
from webapp.exports.sheet import Options, Sheet, Spot
from webapp.exports.writing import chunks, one_line

TITLE = "Metrica tracking"
WORDS = "RawTrackingData for both teams, as in Metrica's open sample data; kloppy reads it."
EXTENSION = "zip"
CONTENT_TYPE = "application/zip"
ASKS = ("rate",)
DROPS = (
    "Referees, roles and how a position is known are left out; frames lie on a grid of 25 a second.",
)
GRID_HZ = 25
MAX_TRACKS = 60
FEW = "positions of tracks beyond the {} longest of a team"
NOBODY = "positions of people without a team"
Frame = tuple[int, int, dict[int, tuple[str, str]]]


def files(sheet: Sheet, options: Options) -> Iterator[tuple[str, Iterator[bytes]]]:
    """(name, bytes) of both files."""
    for team in ("home", "away"):
        is_counting = team == "home"
        text = _text(sheet, team, is_counting=is_counting)
        yield f"RawTrackingData_{team.capitalize()}_Team.csv", chunks(text)


def columns_of(sheet: Sheet) -> dict[str, list[int]]:
    """Team -> the tracks that get columns, in order of their numbers."""
    kept: dict[str, list[int]] = {"home": [], "away": []}
    for track, team, _, _ in sheet.tracks():
        if team in kept and track and len(kept[team]) < MAX_TRACKS:
            kept[team].append(track)
    return {team: sorted(tracks) for team, tracks in kept.items()}


def frames_of(sheet: Sheet, *, is_counting: bool) -> Iterator[Frame]:
    """(period, frame on the grid of the video, track -> the two cells); the ball is track 0."""
    kept = columns_of(sheet)
    wanted = {0, *kept["home"], *kept["away"]}
    last = (0, -1)
    pairs = groupby(sheet.positions(), key=lambda pair: (pair[1].period, pair[1].time_ms, pair[0]))
    for (period, time_ms, film), rows in pairs:
        number = round((time_ms - film.begin_ms) * GRID_HZ / 1000) + 1
        found = {}
        for _, spot in rows:
            if spot.track in wanted and (spot.team or not spot.track):
                found[spot.track] = cells(spot, sheet.facts.pitch_m)
            elif is_counting:
                sheet.dropped[FEW.format(MAX_TRACKS) if spot.team else NOBODY] += 1
        if (period, number) > last:
            last = (period, number)
            yield period, number, found


def cells(spot: Spot, pitch_m: tuple[float, float]) -> tuple[str, str]:
    """Five decimals, or NaN where the position is not known."""
    if spot.xy_m is None:
        return ("NaN", "NaN")
    x, y = to_system("metrica", spot.xy_m, pitch_m)
    return f"{x:.5f}", f"{y:.5f}"


def _text(sheet: Sheet, team: str, *, is_counting: bool) -> Iterator[str]:
    tracks = columns_of(sheet)[team]
    name = team.capitalize()
    yield (
        f",,,{','.join(f'{name},' for _ in tracks)}{',' if tracks else ''},\n"
        if tracks
        else ",,,,\n"
    )
    yield (
        f",,,{','.join(f'{track},' for track in tracks)}{',' if tracks else ''},\n"
        if tracks
        else ",,,,\n"
    )
    players = "".join(f"Player{track},," for track in tracks)
    yield one_line(f"Period,Frame,Time [s],{players}Ball,") + "\n"
    nothing = ("NaN", "NaN")
    for period, number, found in frames_of(sheet, is_counting=is_counting):
        shown = [number_cell for track in (*tracks, 0) for number_cell in found.get(track, nothing)]
        yield f"{period},{number},{number / GRID_HZ:.2f},{','.join(shown)}\n"
