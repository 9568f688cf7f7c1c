"""What the network should say for a known camera: one soft map for each mark and key point."""

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import LOG_FOCAL, project_ground
from analysis.calibration.methods.pitch_elements.elements import geometry
from analysis.calibration.rays import cell_centres, rotations, straightened
from analysis.core.pitch import CIRCLE_RADIUS_M, STANDARD_PITCH, PitchSpec

FloatArray = NDArray[np.float64]
MapArray = NDArray[np.float32]
MARK_SIGMA_CELLS = 1.0
POINT_SIGMA_CELLS = 1.5


def element_maps(
    vector: FloatArray, map_size: tuple[int, int], pitch: PitchSpec = STANDARD_PITCH
) -> MapArray:
    """(53, H, W) targets in [0, 1] for a camera vector (8,) and a map of (width, height)."""
    elements = geometry(pitch)
    width, height = map_size
    vectors = vector[None]
    direction = straightened(vectors, cell_centres(map_size))[0]
    rotation = rotations(vectors)[0]
    focal_cells = np.exp(vector[LOG_FOCAL]) * width
    world = (direction @ rotation[:2] + rotation[2]).astype(np.float32)
    drop = -world[:, 2]
    ground = np.stack([vector[2] * world[:, k] + vector[k] * drop for k in (0, 1)], axis=1)
    safe = np.maximum(drop, 1e-6)
    place = ground / safe[:, None]
    front = drop > 1e-4
    across = rotation[:2]
    maps = np.zeros(
        (len(elements.line_axis) + 3 + len(elements.points_xy_m), height * width), np.float32
    )
    for index, (axis, offset) in enumerate(
        zip(elements.line_axis, elements.line_offset_m, strict=True)
    ):
        value = ground[:, axis] - offset * drop
        gradient = vector[2] * across[:, axis] - (vector[axis] - offset) * across[:, 2]
        cells = value / max(float(np.linalg.norm(gradient)), 1e-9) * focal_cells
        first, last = elements.line_span_m[index]
        along = place[:, 1 - axis]
        margin = 0.15
        inside = front & (along > first - margin) & (along < last + margin)
        maps[index] = np.exp(-0.5 * (cells / MARK_SIGMA_CELLS) ** 2) * inside
    for index, centre in enumerate(elements.arc_centre_m):
        offset = ground - centre.astype(np.float32) * drop[:, None]
        value = np.sum(offset**2, axis=1) - CIRCLE_RADIUS_M**2 * drop**2
        slope = 2 * CIRCLE_RADIUS_M**2 * drop[:, None] * across[:, 2]
        for k in (0, 1):
            d_offset = vector[2] * across[:, k] - (vector[k] - centre[k]) * across[:, 2]
            slope = slope + 2 * offset[:, k : k + 1] * d_offset
        cells = value / np.maximum(np.linalg.norm(slope, axis=1), 1e-9) * focal_cells
        bearing = np.arctan2(place[:, 1] - centre[1], place[:, 0] - centre[0])
        start, end = elements.arc_start_rad[index], elements.arc_end_rad[index]
        turned = np.mod(bearing - start, 2 * np.pi)
        inside = front & (turned <= end - start + 1e-6)
        maps[len(elements.line_axis) + index] = (
            np.exp(-0.5 * (cells / MARK_SIGMA_CELLS) ** 2) * inside
        )
    maps = maps.reshape(-1, height, width)
    _draw_points(maps[len(elements.line_axis) + 3 :], vectors, elements.points_xy_m)
    return maps


def _draw_points(maps: MapArray, vectors: FloatArray, points_xy_m: FloatArray) -> None:
    _, height, width = maps.shape
    x, y = project_ground(vectors, points_xy_m, (width, height))[0].T
    with np.errstate(invalid="ignore"):
        seen = (x > -1) & (x < width + 1) & (y > -1) & (y < height + 1)
    columns, rows = np.arange(width) + 0.5, np.arange(height) + 0.5
    for index in np.flatnonzero(seen):
        across = np.exp(-0.5 * ((columns - x[index]) / POINT_SIGMA_CELLS) ** 2)
        down = np.exp(-0.5 * ((rows - y[index]) / POINT_SIGMA_CELLS) ** 2)
        maps[index] = np.outer(down, across)
