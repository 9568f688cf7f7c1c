"""Positions of one part of a match as columns: one binary ``COPY`` out of the partition, read by numpy at once.

A full half has a quarter of a million positions; as rows of Python they cost more than everything a figure does with
them. A page asks for the same columns several times in a row, so the last few stay for some seconds; their key carries
the run, which only ``board`` gives away.
"""

import io
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

KEPT_S = 20
_ROW = np.dtype(
    [
        ("fields", ">i2"), ("n0", ">i4"), ("time_ms", ">i4"), ("n1", ">i4"), ("x_m", ">f4"), ("n2", ">i4"),
        ("y_m", ">f4"), ("n3", ">i4"), ("team", ">i2"), ("n4", ">i4"), ("role", ">i2"), ("n5", ">i4"),
        ("track", ">i4"),
    ]
)  # fmt: skip
_SIGNATURE, _HEADER, _TRAILER = b"PGCOPY\n\xff\r\n\0", 19, 2


@dataclass(frozen=True, slots=True)
class Columns:
    """People with a known position in one part, in time order; the ball is not among them.

    Args:
        time_ms: (N,) int64 of the video.
        x_m, y_m: (N,) float64.
        team: (N,) 0 home, 1 away, -1 unknown.
        role: (N,) 0 player, 1 goalkeeper, 2 referee, -1 unknown.
        track: (N,) int64.
    """

    time_ms: NDArray[np.int64]
    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    team: NDArray[np.int64]
    role: NDArray[np.int64]
    track: NDArray[np.int64]

    def of(self, keep: NDArray[np.bool_]) -> "Columns":
        """Only the rows that are kept."""
        return Columns(
            self.time_ms[keep], self.x_m[keep], self.y_m[keep], self.team[keep], self.role[keep], self.track[keep]
        )  # fmt: skip

    def outfield(self, *teams: int) -> "Columns":
        """Outfield players of the teams."""
        return self.of(np.isin(self.team, teams) & ((self.role == 0) | (self.role == -1)))


def columns(
    match: int, run: int, video: int, from_ms: int, to_ms: int, *, edition: int = 0
) -> Columns:
    """Positions with ``from_ms <= time < to_ms``."""
    return _columns(match, run, video, from_ms, to_ms, (int(time.monotonic() // KEPT_S), edition))


@lru_cache(maxsize=4)
def _columns(
    match: int, run: int, video: int, from_ms: int, to_ms: int, _: tuple[int, int]
) -> Columns:
    # COPY takes no parameters; whole numbers need no quoting.
    keys = tuple(int(key) for key in (match, run, video, from_ms, to_ms))
    query = (
        "COPY (SELECT time_ms::int4, x_m::float4, y_m::float4, team::int2, role::int2, track_id::int4 "
        "FROM analytics_playerposition WHERE match_id = {} AND run_id = {} AND video_id = {} AND time_ms >= {} "
        "AND time_ms < {} AND source <> 2 AND role <> 3 AND x_m IS NOT NULL AND y_m IS NOT NULL ORDER BY time_ms) "
        "TO STDOUT (FORMAT binary)"
    ).format(*keys)
    held = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(query, held)
    return parsed(held.getvalue())


def parsed(data: bytes) -> Columns:
    """Columns of a binary COPY whose every row has the same length, since nothing in it is null."""
    if data[: len(_SIGNATURE)] != _SIGNATURE:
        raise ValueError("this is no binary COPY")
    found: Any = np.frombuffer(data[_HEADER : len(data) - _TRAILER], _ROW)
    return Columns(
        found["time_ms"].astype(np.int64), found["x_m"].astype(np.float64), found["y_m"].astype(np.float64),
        found["team"].astype(np.int64), found["role"].astype(np.int64), found["track"].astype(np.int64),
    )  # fmt: skip


def groups(sorted_keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each run of equal keys begins; for ``ufunc.reduceat``."""
    if not len(sorted_keys):
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.r_[True, sorted_keys[1:] != sorted_keys[:-1]])
