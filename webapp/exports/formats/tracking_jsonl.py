"""Positions as JSON lines in SkillCorner's shape: a frame a line, ``is_detected`` on every position, gzipped."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import numpy as np

from analysis.core.clock import timecode
from webapp.exports.formats.tracking_csv import gzipped
from webapp.exports.sheet import Film, Options, Sheet, Spot
from webapp.exports.writing import as_json, chunks

TITLE = "Positions, JSON lines"
WORDS = "A frame a line in SkillCorner's shape, with what the camera saw and whether each position was detected."
EXTENSION = "jsonl.gz"
CONTENT_TYPE = "application/gzip"
ASKS = ("rate",)
DROPS = (
    "Roles, uncertainty in metres and the state of the camera are left out; nobody knows who has the ball.",
)
_CORNERS = ("top_left", "top_right", "bottom_right", "bottom_left")


def pieces(sheet: Sheet, options: Options) -> Iterator[bytes]:
    """The compressed file's bytes."""
    return gzipped(chunks(_lines(sheet)))


def _lines(sheet: Sheet) -> Iterator[str]:
    views = {film.number: sheet.views(film.number) for film in sheet.facts.films}
    frames = groupby(sheet.positions(), key=lambda pair: (pair[0].number, pair[1].time_ms))
    for (number, time_ms), pairs in frames:
        rows = list(pairs)
        film, spots = rows[0][0], [spot for _, spot in rows]
        yield as_json(_frame(film, spots, views[number].get(time_ms))) + "\n"


def _frame(film: Film, spots: list[Spot], view: tuple[float, ...] | None) -> dict[str, Any]:
    first = spots[0]
    ball = next((spot for spot in spots if spot.track == 0), None)
    x_m, y_m = (ball.xy_m if ball else None) or (None, None)
    return {
        "frame": first.frame if film.is_constant_rate else None,
        "timestamp": timecode(first.time_ms)[:-1],
        "period": first.period,
        "ball_data": {
            "x": x_m, "y": y_m, "z": None, "is_detected": bool(ball and ball.source == "detected"),
        },
        "possession": {"player_id": None, "group": None},
        "image_corners_projection": corners_of(view, film.size_px),
        "player_data": [
            {
                "x": spot.xy_m[0] if spot.xy_m else None,
                "y": spot.xy_m[1] if spot.xy_m else None,
                "player_id": spot.track,
                "is_detected": spot.source == "detected",
                "team": spot.team or None,
            }
            for spot in spots
            if spot.track != 0
        ],
    }  # fmt: skip


def corners_of(view: tuple[float, ...] | None, size_px: tuple[int, int]) -> dict[str, float | None]:
    """Where the picture's corners lie on the grass, metres; empty above the horizon or without a camera."""
    found: dict[str, float | None] = {f"{axis}_{c}": None for c in _CORNERS for axis in "xy"}
    if view is None:
        return found
    matrix = np.asarray(view, dtype=np.float64).reshape(3, 3)
    width, height = size_px
    corners = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]], np.float64)
    try:
        rays = corners @ np.linalg.inv(matrix).T
    except np.linalg.LinAlgError:
        return found
    # The picture's lower middle is grass in front of the camera: corners on its side of the horizon are too.
    below = float((rays[2] + rays[3])[2])
    for name, ray in zip(_CORNERS, rays, strict=True):
        if ray[2] * below > 0 and abs(ray[2]) > 1e-12:
            found[f"x_{name}"], found[f"y_{name}"] = (round(float(v), 2) for v in ray[:2] / ray[2])
    return found
