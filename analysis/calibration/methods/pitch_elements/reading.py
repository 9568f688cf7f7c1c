"""From soft maps to what was seen: points on named marks and named key points, to a fraction of a cell."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.methods.pitch_elements.elements import LINES, N_MARKS

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
MapArray = NDArray[np.float32]


# A ridge this much lower than the best of its mark is more likely another mark's.
_WORTH = 0.4
# How far a point may leave the straight line of its mark: the lens bends long lines by about this much.
_ALIGNED_CELLS = 1.6


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one picture showed, in image widths from its middle.

    Args:
        line_seen, line, line_trust: (N, 2) points on straight marks, which mark (N,), trust (N,) in [0, 1].
        arc_seen, arc, arc_trust: the same for round marks.
        point_seen, point, point_trust: named key points.
    """

    line_seen: FloatArray
    line: IntArray
    line_trust: FloatArray
    arc_seen: FloatArray
    arc: IntArray
    arc_trust: FloatArray
    point_seen: FloatArray
    point: IntArray
    point_trust: FloatArray

    @property
    def n_elements(self) -> int:
        """Number of different marks and key points seen."""
        return len(np.unique(self.line)) + len(np.unique(self.arc)) + len(self.point)


@dataclass(frozen=True, slots=True)
class Frameset:
    """How a picture lies in the network's input: cells to image widths of the picture.

    Args:
        cell: size of one cell in image widths.
        shift: (2,) position of the map's first corner in image widths from the picture's middle.
    """

    cell: float
    shift: tuple[float, float]

    def seen(self, cells_xy: FloatArray) -> FloatArray:
        """Cell coordinates (..., 2), 0.5 being the middle of the first cell, in image widths."""
        return np.asarray(cells_xy * self.cell + np.array(self.shift))

    def cells(self, seen: FloatArray) -> FloatArray:
        """The inverse of ``seen``."""
        return np.asarray((seen - np.array(self.shift)) / self.cell)


def read_maps(
    maps: MapArray,
    frameset: Frameset,
    *,
    floor: float = 0.25,
    per_mark: int = 24,
) -> Sighting:
    """Ridges of the mark channels and peaks of the point channels.

    Args:
        maps: (53, H, W) in [0, 1].
        frameset: where the map's cells lie in the picture.
        floor: smallest value of a ridge or peak that is believed.
        per_mark: at most so many points on one mark, evenly spread.
    """
    channel, cells, trust = _ridges(maps[:N_MARKS], floor)
    strong = trust > _WORTH * maps[channel].max(axis=(1, 2))
    channel, cells, trust = channel[strong], cells[strong], trust[strong]
    kept = _thinned(channel, per_mark)
    channel, cells, trust = channel[kept], cells[kept], trust[kept]
    aligned = _aligned(channel, cells, trust)
    channel, cells, trust = channel[aligned], cells[aligned], trust[aligned]
    straight = channel < len(LINES)
    peak_channel, peak_cells, peak_trust = _peaks(maps[N_MARKS:], floor)
    return Sighting(
        line_seen=frameset.seen(cells[straight]),
        line=channel[straight],
        line_trust=trust[straight],
        arc_seen=frameset.seen(cells[~straight]),
        arc=channel[~straight] - len(LINES),
        arc_trust=trust[~straight],
        point_seen=frameset.seen(peak_cells),
        point=peak_channel,
        point_trust=peak_trust,
    )


def _ridges(maps: MapArray, floor: float) -> tuple[IntArray, FloatArray, FloatArray]:
    """Cells that top their neighbours across the ridge; the offset is that of a Gaussian through three cells."""
    inner = maps[:, 1:-1, 1:-1]
    channel, row, column = np.nonzero(inner > floor)
    here = np.log(inner[channel, row, column])
    logs = [
        np.log(np.maximum(maps[channel, row + 1 + dy, column + 1 + dx], 1e-4))
        for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1))
    ]
    left, right, above, below = logs
    # beyond the end of a mark the map falls off a cliff: such an axis is not across the ridge
    cliff = here + np.log(0.2)
    curve_x = np.where(np.minimum(left, right) > cliff, 2 * here - left - right, 0.0)
    curve_y = np.where(np.minimum(above, below) > cliff, 2 * here - above - below, 0.0)
    across_x = curve_x >= curve_y
    top = np.where(across_x, (here >= left) & (here > right), (here >= above) & (here > below))
    top &= np.maximum(curve_x, curve_y) > 0
    dx = np.where(across_x, (right - left) / np.maximum(2 * curve_x, 1e-6), 0.0)
    dy = np.where(across_x, 0.0, (below - above) / np.maximum(2 * curve_y, 1e-6))
    cells = np.stack([column + 1.5 + dx, row + 1.5 + dy], axis=1)
    keep = top & (np.abs(dx) <= 1) & (np.abs(dy) <= 1)
    return channel[keep], cells[keep], np.exp(here[keep]).astype(np.float64)


def _aligned(channel: IntArray, cells: FloatArray, trust: FloatArray) -> NDArray[np.bool_]:
    """Whether points of straight marks lie on the one line of the map that most trust agrees on; round ones pass."""
    keep = np.ones(len(channel), dtype=bool)
    for name in np.unique(channel[channel < len(LINES)]):
        rows = np.flatnonzero(channel == name)
        if len(rows) < 3:
            continue
        points, weight = cells[rows], trust[rows]
        one, other = np.triu_indices(len(rows), 1)
        along = points[other] - points[one]
        normal = np.stack([-along[:, 1], along[:, 0]], axis=1)
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
        apart = np.abs(normal @ points.T - np.sum(normal * points[one], axis=1)[:, None])
        near = apart < _ALIGNED_CELLS
        keep[rows] = near[int(np.argmax(near @ weight))]
    return keep


def _thinned(channel: IntArray, per_mark: int) -> IntArray:
    """Indices that keep at most ``per_mark`` rows of each channel, evenly spaced (channels come sorted)."""
    kept = []
    for name in np.unique(channel):
        rows = np.flatnonzero(channel == name)
        picks = np.linspace(0, len(rows) - 1, min(per_mark, len(rows))).round().astype(int)
        kept.append(rows[picks])
    return np.concatenate(kept) if kept else np.zeros(0, np.int64)


def _peaks(maps: MapArray, floor: float) -> tuple[IntArray, FloatArray, FloatArray]:
    n_channels, height, width = maps.shape
    flat = maps.reshape(n_channels, -1)
    best = flat.argmax(axis=1)
    value = flat[np.arange(n_channels), best]
    row, column = np.divmod(best, width)
    inside = (row > 0) & (row < height - 1) & (column > 0) & (column < width - 1)
    channel = np.flatnonzero((value > floor) & inside)
    row, column = row[channel], column[channel]
    logs = {
        (dx, dy): np.log(np.maximum(maps[channel, row + dy, column + dx], 1e-4))
        for dx, dy in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))
    }
    here = logs[0, 0]
    dx = _top(logs[-1, 0], here, logs[1, 0])
    dy = _top(logs[0, -1], here, logs[0, 1])
    cells = np.stack([column + 0.5 + dx, row + 0.5 + dy], axis=1)
    return channel, cells, value[channel].astype(np.float64)


def _top(before: FloatArray, here: FloatArray, after: FloatArray) -> FloatArray:
    curve = np.maximum(2 * here - before - after, 1e-6)
    return np.clip((after - before) / (2 * curve), -0.5, 0.5)
