"""A bank of views that a broadcast can show, and a fast comparison of all of them with one picture.

The bank says what is commonly known of match coverage and nothing of any data set: the main camera stands on a
platform near the halfway line, 15 to 60 m behind the near touch-line and at an elevation of 8 to 28 degrees seen from
the centre spot; it looks at some place on the pitch and shows 22 to 120 m of it. A small part stands behind a goal.
Views are spread evenly over these ranges by a low-discrepancy sequence (additive recurrence with the generalised golden
ratio), so the bank is the same each time.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import N_PARAMETERS, camera_from_ground, project_ground
from analysis.core.memory import remembered
from analysis.core.pitch import PitchSpec

FloatArray = NDArray[np.float64]

N_SIDE_VIEWS = 30_000
N_GOAL_VIEWS = 4_000
MARK_STEP_M = 2.0
N_ORIENTATIONS = 4
# Cells of the coarse picture along its longer side, for lines and for grass.
LINE_CELLS = 240
GRASS_CELLS = 16
OUTSIDE_MARGIN_M = 9.0


@dataclass(frozen=True)
class Bank:
    """Views with what each predicts, for pictures of one shape.

    Args:
        vectors: (K, 8) camera vectors.
        line_cells: (K, P) int32 index into (orientation, row, column) of the coarse line picture of each mark
            point; the last index where the point is out of view.
        n_seen: (K,) points in view.
        grass_sign: (K, G) float32: 1 where the view puts pitch, -1 where it puts sky or ground well off the pitch.
        n_inside: (K,) cells that hold pitch.
        line_size: (columns, rows) of the coarse line picture.
        grass_size: (columns, rows) of the coarse grass picture.
    """

    vectors: FloatArray
    line_cells: NDArray[np.int32]
    n_seen: NDArray[np.int64]
    grass_sign: NDArray[np.float32]
    n_inside: NDArray[np.float32]
    line_size: tuple[int, int]
    grass_size: tuple[int, int]

    def ranked(
        self, distances: NDArray[np.float32], grass: NDArray[np.float32], *, n_best: int
    ) -> tuple[NDArray[np.int64], FloatArray]:
        """The views that agree best with a picture, best first, and their costs.

        Args:
            distances: (orientation * row * column + 1,) truncated distances in [0, 1] to the next line of that
                orientation; the last entry, for points out of view, is 0.
            grass: (row * column,) share of grass in each coarse cell.
            n_best: how many.
        """
        n_cells = len(grass)
        misfit = (self.n_inside - self.grass_sign @ grass + 0.0) / n_cells
        kept = np.argpartition(misfit, len(misfit) // 2)[: len(misfit) // 2]
        away = distances[self.line_cells[kept]].sum(axis=1) / self.n_seen[kept]
        # A view with few marks is easily in agreement: demand a little more of it.
        cost = away + 0.8 * misfit[kept] + 4.0 / self.n_seen[kept]
        order = np.argsort(cost, kind="stable")[:n_best]
        return kept[order], cost[order]


@remembered(2)
def bank_for(size_px: tuple[int, int], pitch: PitchSpec) -> Bank:
    """The bank for working pictures of (width, height), made once for each shape."""
    vectors = np.concatenate([_side_views(size_px), _goal_views(size_px, pitch)])
    line_size, grass_size = coarse_size(size_px, LINE_CELLS), coarse_size(size_px, GRASS_CELLS)
    points, directions = mark_points(pitch, MARK_STEP_M)
    cells, seen, signs = [], [], []
    for start in range(0, len(vectors), 2000):
        some = vectors[start : start + 2000].astype(np.float32)
        cells.append(_line_cells(some, points, directions, size_px=size_px, line_size=line_size))
        seen.append((cells[-1] < N_ORIENTATIONS * line_size[0] * line_size[1]).sum(axis=1))
        signs.append(_grass_sign(some, pitch, size_px=size_px, grass_size=grass_size))
    n_seen = np.concatenate(seen)
    useful = n_seen >= 18
    sign = np.concatenate(signs)[useful]
    return Bank(
        vectors[useful],
        np.concatenate(cells)[useful],
        n_seen[useful],
        sign,
        (sign > 0).sum(axis=1).astype(np.float32),
        line_size,
        grass_size,
    )


def coarse_size(size_px: tuple[int, int], longer: int) -> tuple[int, int]:
    """(columns, rows) of a coarse picture with ``longer`` cells along the longer side."""
    zoom = longer / max(size_px)
    return max(2, round(size_px[0] * zoom)), max(2, round(size_px[1] * zoom))


@lru_cache(maxsize=16)
def mark_points(pitch: PitchSpec, step_m: float) -> tuple[FloatArray, FloatArray]:
    """Points (P, 2) along all marks and their unit directions (P, 2); kept for the next picture, read-only."""
    points, directions = [], []
    for mark in pitch.sampled_marks(step_m).values():
        step = np.gradient(mark, axis=0)
        points.append(mark)
        directions.append(step / np.linalg.norm(step, axis=1, keepdims=True))
    found = np.concatenate(points), np.concatenate(directions)
    for array in found:
        array.flags.writeable = False
    return found


@lru_cache(maxsize=16)
def mark_numbers(pitch: PitchSpec, step_m: float) -> NDArray[np.int64]:
    """(P,) which mark each of ``mark_points`` belongs to; read-only."""
    lengths = [len(points) for points in pitch.sampled_marks(step_m).values()]
    numbers = np.repeat(np.arange(len(lengths)), lengths)
    numbers.flags.writeable = False
    return numbers


def orientation_bins(normals: NDArray[np.floating]) -> NDArray[np.int64]:
    """Which of the four orientations a normal (..., 2) belongs to; NaN goes to 0."""
    angle = np.arctan2(normals[..., 1], normals[..., 0])
    turns = np.nan_to_num(angle / (np.pi / N_ORIENTATIONS))
    return np.asarray(np.round(turns).astype(np.int64) % N_ORIENTATIONS)


def _spread(n_points: int, n_dimensions: int) -> FloatArray:
    """(n, d) points in [0, 1): additive recurrence with the generalised golden ratio."""
    ratio = 2.0
    for _ in range(40):
        ratio = (1 + ratio) ** (1 / (n_dimensions + 1))
    steps = ratio ** -np.arange(1, n_dimensions + 1)
    return (0.5 + np.arange(1, n_points + 1)[:, None] * steps) % 1.0


def _side_views(size_px: tuple[int, int]) -> FloatArray:
    u = _spread(N_SIDE_VIEWS, 6)
    y = -(49.0 + 51.0 * u[:, 0])
    x = 9.0 * np.clip(np.sqrt(2) * _probit(u[:, 1]), -1.6, 1.6)
    z = -y * np.tan(np.radians(8.0 + 20.0 * u[:, 2]))
    aim_x = -50.0 + 100.0 * u[:, 3]
    aim_y = -24.0 + 44.0 * u[:, 4]
    shown_m = 22.0 * (120.0 / 22.0) ** u[:, 5]
    return _aimed(np.column_stack([x, y, z]), np.column_stack([aim_x, aim_y]), shown_m, size_px)


def _goal_views(size_px: tuple[int, int], pitch: PitchSpec) -> FloatArray:
    """Behind the left goal; the pitch's symmetry makes the right goal the same picture."""
    u = _spread(N_GOAL_VIEWS, 6)
    x = -pitch.length_m / 2 - (8.0 + 55.0 * u[:, 0])
    y = -14.0 + 28.0 * u[:, 1]
    z = (-x) * np.tan(np.radians(9.0 + 20.0 * u[:, 2]))
    aim_x = -45.0 + 65.0 * u[:, 3]
    aim_y = -14.0 + 28.0 * u[:, 4]
    shown_m = 30.0 * (110.0 / 30.0) ** u[:, 5]
    return _aimed(np.column_stack([x, y, z]), np.column_stack([aim_x, aim_y]), shown_m, size_px)


def _probit(share: FloatArray) -> FloatArray:
    """A quick bell-shaped stand-in for the normal quantile, within +-1.6."""
    return np.asarray(np.sign(share - 0.5) * 1.6 * np.abs(2 * share - 1) ** 1.6)


def _aimed(
    position: FloatArray, aim: FloatArray, shown_m: FloatArray, size_px: tuple[int, int]
) -> FloatArray:
    """Vectors of cameras at positions (K, 3) that look at ground points (K, 2) and show a width there."""
    toward = np.column_stack([aim, np.zeros(len(aim))]) - position
    flat = np.hypot(toward[:, 0], toward[:, 1])
    distance = np.hypot(flat, toward[:, 2])
    vectors = np.zeros((len(aim), N_PARAMETERS))
    vectors[:, :3] = position
    vectors[:, 3] = np.arctan2(toward[:, 0], toward[:, 1])
    vectors[:, 4] = np.arctan2(-toward[:, 2], flat)
    focal = np.clip(distance / shown_m, 0.6, 8.0)
    vectors[:, 6] = np.log(focal)
    return vectors


def _line_cells(
    vectors: NDArray[np.float32],
    points: FloatArray,
    directions: FloatArray,
    *,
    size_px: tuple[int, int],
    line_size: tuple[int, int],
) -> NDArray[np.int32]:
    pixels = project_ground(vectors, points.astype(np.float32), size_px)
    ahead = project_ground(vectors, (points + 0.2 * directions).astype(np.float32), size_px)
    tangent = ahead - pixels
    bins = orientation_bins(np.stack([-tangent[..., 1], tangent[..., 0]], axis=-1))
    with np.errstate(invalid="ignore"):
        inside = ((pixels >= 0) & (pixels < np.array(size_px))).all(axis=-1)
    column = np.nan_to_num(pixels[..., 0] * (line_size[0] / size_px[0]))
    row = np.nan_to_num(pixels[..., 1] * (line_size[1] / size_px[1]))
    column = np.clip(column, 0, line_size[0] - 1).astype(np.int32)
    row = np.clip(row, 0, line_size[1] - 1).astype(np.int32)
    index = (bins * line_size[1] + row) * line_size[0] + column
    return np.where(inside, index, N_ORIENTATIONS * line_size[0] * line_size[1]).astype(np.int32)


def _grass_sign(
    vectors: NDArray[np.float32],
    pitch: PitchSpec,
    *,
    size_px: tuple[int, int],
    grass_size: tuple[int, int],
) -> NDArray[np.float32]:
    columns = (np.arange(grass_size[0]) + 0.5) / grass_size[0] - 0.5
    rows = ((np.arange(grass_size[1]) + 0.5) / grass_size[1] - 0.5) * size_px[1] / size_px[0]
    grid_x, grid_y = np.meshgrid(columns, rows)
    focal = np.exp(vectors[:, 6])[:, None]
    rays = np.stack(
        [grid_x.ravel() / focal, grid_y.ravel() / focal, np.ones((len(vectors), grid_x.size))],
        axis=1,
    )
    ground = np.matmul(np.linalg.inv(camera_from_ground(vectors)), rays)
    with np.errstate(divide="ignore", invalid="ignore"):
        seen = ground[:, 2] > 1e-9
        x, y = np.abs(ground[:, 0] / ground[:, 2]), np.abs(ground[:, 1] / ground[:, 2])
        inside = seen & (x < pitch.length_m / 2) & (y < pitch.width_m / 2)
        near = (
            seen
            & (x < pitch.length_m / 2 + OUTSIDE_MARGIN_M)
            & (y < pitch.width_m / 2 + OUTSIDE_MARGIN_M)
        )
    return (inside.astype(np.float32) - (~near).astype(np.float32)).astype(np.float32)


def nearest_marks(pitch: PitchSpec) -> tuple[FloatArray, FloatArray, NDArray[np.int32]]:
    """Mark points (Q, 2), their directions (Q, 2) and a map from ground cells of 0.25 m to the nearest one.

    The map (rows, columns) covers the pitch and 10 m round it; row 0 is the near side.
    """
    return _nearest_marks(pitch)


@lru_cache(maxsize=4)
def _nearest_marks(pitch: PitchSpec) -> tuple[FloatArray, FloatArray, NDArray[np.int32]]:
    points, directions = mark_points(pitch, 0.25)
    columns, rows = (round((side + 20) / 0.25) for side in (pitch.length_m, pitch.width_m))
    canvas = np.ones((rows, columns), np.uint8)
    corner = np.array([pitch.length_m / 2 + 10, pitch.width_m / 2 + 10])
    cell = np.floor((points + corner) / 0.25).astype(int)
    canvas[cell[:, 1], cell[:, 0]] = 0
    _, labels = cv2.distanceTransformWithLabels(
        canvas, cv2.DIST_L2, cv2.DIST_MASK_PRECISE, labelType=cv2.DIST_LABEL_PIXEL
    )
    index_of_label = np.zeros(labels.max() + 1, np.int32)
    index_of_label[labels[cell[:, 1], cell[:, 0]]] = np.arange(len(points))
    return points, directions, index_of_label[labels]
