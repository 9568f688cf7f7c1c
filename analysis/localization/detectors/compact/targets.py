"""What the maps should be: soft middles, sides around them, roles at them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.localization.detectors.compact.network import STRIDE

FloatArray = NDArray[np.float64]
SPREAD = 0.18
# Cells with at least this much of a person's peak learn its sides: those that decoding averages are among them.
LEAST_PEAK = 0.1
BALL_SIGMA_CELLS = 0.9


@dataclass(frozen=True, slots=True)
class TargetMaps:
    """Arrays over cells (h, w).

    Args:
        heat: (2, h, w) person and ball middles, 1 at them.
        sides: (4, h, w) distances in pixels.
        side_weight: (h, w) how much a cell's sides count; sums to about 1 a person.
        role: (h, w) int64 index in ROLES, -1 where no role counts.
    """

    heat: NDArray[np.float32]
    sides: NDArray[np.float32]
    side_weight: NDArray[np.float32]
    role: NDArray[np.int64]


def target_maps(
    box_px: FloatArray, role: NDArray[np.int64], ball_px: FloatArray, size_px: tuple[int, int]
) -> TargetMaps:
    """Maps of one picture.

    Args:
        box_px: (N, 4) people, role (N,); drawn from far to near, so that the nearer one owns a shared cell.
        role: (N,) index in ROLES or -1.
        ball_px: (M, 4) balls.
        size_px: (width, height) of the picture.
    """
    width, height = size_px[0] // STRIDE, size_px[1] // STRIDE
    maps = TargetMaps(
        np.zeros((2, height, width), np.float32),
        np.ones((4, height, width), np.float32),
        np.zeros((height, width), np.float32),
        np.full((height, width), -1, np.int64),
    )
    owner = np.zeros((height, width), np.float32)
    for i in np.argsort(box_px[:, 3]) if len(box_px) else ():
        _draw_person(maps, owner, box_px[i], int(role[i]))
    for x0, y0, x1, y1 in ball_px:
        _draw_peak(maps.heat[1], (x0 + x1) / 2, (y0 + y1) / 2, BALL_SIGMA_CELLS, BALL_SIGMA_CELLS)
    return maps


def _draw_person(maps: TargetMaps, owner: NDArray[np.float32], box: FloatArray, role: int) -> None:
    x0, y0, x1, y1 = box
    middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
    sigma_x = max(0.7, SPREAD * (x1 - x0) / STRIDE)
    sigma_y = max(0.9, SPREAD * (y1 - y0) / STRIDE)
    placed = _draw_peak(maps.heat[0], middle_x, middle_y, sigma_x, sigma_y)
    if placed is None:
        return
    (rows, columns), peak = placed
    mine = (peak > LEAST_PEAK) & (peak >= owner[rows, columns])
    owner[rows, columns][mine] = peak[mine]
    grid_y = (np.arange(rows.start, rows.stop)[:, None] + 0.5) * STRIDE
    grid_x = (np.arange(columns.start, columns.stop)[None] + 0.5) * STRIDE
    distances = np.broadcast_arrays(grid_x - x0, grid_y - y0, x1 - grid_x, y1 - grid_y)
    for side, distance in enumerate(distances):
        maps.sides[side, rows, columns][mine] = np.maximum(distance, 0.5)[mine]
    maps.side_weight[rows, columns][mine] = (peak / max(peak[mine].sum(), 1e-6))[mine]
    maps.role[rows, columns][mine] = role


def _draw_peak(
    heat: NDArray[np.float32], x_px: float, y_px: float, sigma_x: float, sigma_y: float
) -> tuple[tuple[slice, slice], NDArray[np.float32]] | None:
    """Raise a bump whose highest cell is exactly 1; None when its middle lies outside."""
    height, width = heat.shape
    column, row = int(x_px // STRIDE), int(y_px // STRIDE)
    if not (0 <= column < width and 0 <= row < height):
        return None
    reach_x, reach_y = int(np.ceil(3 * sigma_x)), int(np.ceil(3 * sigma_y))
    rows = slice(max(0, row - reach_y), min(height, row + reach_y + 1))
    columns = slice(max(0, column - reach_x), min(width, column + reach_x + 1))
    off_y = (np.arange(rows.start, rows.stop) - row) / sigma_y
    off_x = (np.arange(columns.start, columns.stop) - column) / sigma_x
    peak = np.exp(-0.5 * (off_y[:, None] ** 2 + off_x[None] ** 2)).astype(np.float32)
    np.maximum(heat[rows, columns], peak, out=heat[rows, columns])
    return (rows, columns), peak
