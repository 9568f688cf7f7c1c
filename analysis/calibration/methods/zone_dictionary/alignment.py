"""Our last step: a full camera moved until the borders of its zones lie on the borders of the seen ones.

Not part of the published system. Every point of a zone's border on the ground is asked how far it lies, in the
picture, from the border of that zone as seen (signed distance transform); robust least squares over the eight numbers
of a camera bring the distances down. Distances are in cells of the zone map.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import project_ground
from analysis.calibration.methods.zone_dictionary.zones import (
    MAP_SIZE,
    N_CLASSES,
    LabelArray,
    template,
)
from analysis.calibration.refinement import Prior, refine
from analysis.core.pitch import PitchSpec

FloatArray = NDArray[np.float64]
BORDER_STEP_PX = 14
#: How far borders may be apart to be asked, in cells; while they are far apart the camera only turns and zooms, since
#: place, roll and lens would bend to whatever lies near by mistake, and every third point of the borders is enough.
FAR_REACHES = (60.0, 40.0, 25.0, 15.0)
NEAR_REACHES = (8.0, 4.0, 2.0)
_FAR_STEP = 3
_STIFF_SIGMA = np.array([0.5, 1.0, 0.5, 0.5, 0.2, 0.002, 0.5, 0.001])
_SIGMA = np.array([6.0, 12.0, 5.0, 0.5, 0.2, 0.012, 0.5, 0.01])


@lru_cache(maxsize=8)
def borders(pitch: PitchSpec) -> tuple[FloatArray, NDArray[np.int64]]:
    """Points (N, 2) in metres about 0.9 m apart along every border of a zone, and that zone (N,), 1 to 3."""
    drawn = template(pitch)
    pitch_from_template = np.linalg.inv(drawn.template_from_pitch)
    points, zones = [], []
    for zone in range(1, N_CLASSES):
        contours, _ = cv2.findContours(
            (drawn.labels == zone).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE
        )
        for contour in contours:
            pixels = contour[::BORDER_STEP_PX, 0].astype(np.float64)
            points.append(pixels @ pitch_from_template[:2, :2].T + pitch_from_template[:2, 2])
            zones.append(np.full(len(pixels), zone))
    return np.concatenate(points), np.concatenate(zones)


@dataclass(frozen=True)
class SeenBorders:
    """Signed distances (4, H, W) to the border of each zone, cells of the zone map, positive inside the zone."""

    distance: NDArray[np.float32]
    scale: float

    def at(self, cells: FloatArray, zones: NDArray[np.int64]) -> tuple[FloatArray, FloatArray]:
        """Distances (C, N) and their slopes (C, N, 2) at cells (C, N, 2) for zones (N,); NaN outside the map."""
        _, height, width = self.distance.shape
        place = cells * self.scale - 0.5
        with np.errstate(invalid="ignore"):
            inside = ((place > 0) & (place < [width - 1.001, height - 1.001])).all(axis=-1)
        place = np.where(inside[..., None], place, 0.0)
        corner = place.astype(np.int64)
        x, y = (place - corner)[..., 0], (place - corner)[..., 1]
        column, row = corner[..., 0], corner[..., 1]
        zone = np.broadcast_to(zones, column.shape)
        near_left, near_right = (self.distance[zone, row, column + k] for k in (0, 1))
        far_left, far_right = (self.distance[zone, row + 1, column + k] for k in (0, 1))
        near = near_left + x * (near_right - near_left)
        far = far_left + x * (far_right - far_left)
        across = (1 - y) * (near_right - near_left) + y * (far_right - far_left)
        slope = np.stack([across, far - near], axis=-1) * self.scale
        value = np.where(inside, near + y * (far - near), np.nan)
        return value, slope


def seen_borders(zones: LabelArray) -> SeenBorders:
    """Of a map of classes (H, W), which may be finer than the zone map."""
    scale = zones.shape[1] / MAP_SIZE[0]
    distance = np.zeros((N_CLASSES, *zones.shape), np.float32)
    for zone in range(1, N_CLASSES):
        inside = (zones == zone).astype(np.uint8)
        if not inside.any():
            distance[zone] = -MAP_SIZE[0]
            continue
        into = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_5)
        out_of = cv2.distanceTransform(1 - inside, cv2.DIST_L2, cv2.DIST_MASK_5)
        # a border runs between two cells: half a cell from the middle of either
        distance[zone] = np.where(inside > 0, into - 0.5, 0.5 - out_of) / scale
    return SeenBorders(distance, scale)


def aligned(
    vectors: FloatArray,
    seen: SeenBorders,
    pitch: PitchSpec,
    kept: Callable[[FloatArray], NDArray[np.int64]] | None = None,
) -> FloatArray:
    """Cameras (C, 8) after alignment; each stays near its start as far as the picture leaves it open.

    Args:
        vectors: (C, 8) starts.
        seen: borders in the picture.
        pitch: whose zones they are.
        kept: numbers of the cameras, after turning and zooming, that are worth the rest of the way; None for all.
    """
    start = vectors.copy()
    start[:, 5] = start[:, 7] = 0.0
    for reach in FAR_REACHES:
        vectors = _moved(vectors, Prior(start, _STIFF_SIGMA), seen, pitch, reach, _FAR_STEP)
    if kept is not None:
        numbers = kept(vectors)
        vectors, start = vectors[numbers], start[numbers]
    for reach in NEAR_REACHES:
        vectors = _moved(vectors, Prior(start, _SIGMA), seen, pitch, reach, 1)
    return vectors


def _moved(
    vectors: FloatArray,
    prior: Prior,
    seen: SeenBorders,
    pitch: PitchSpec,
    reach: float,
    point_step: int,
) -> FloatArray:
    """Cameras (C, 8) nearer to the seen borders that are within reach, in cells."""
    ground, zones = (part[::point_step] for part in borders(pitch))
    cells = project_ground(vectors, ground, MAP_SIZE)
    value, slope = seen.at(cells, zones)
    value = np.where(np.abs(value) < reach, value, np.nan)

    def residuals(moved: FloatArray, owners: NDArray[np.int64]) -> FloatArray:
        step = project_ground(moved, ground, MAP_SIZE) - cells[owners]
        away = value[owners] + (slope[owners] * step).sum(axis=-1)
        return np.asarray(away / max(reach / 6, 0.5))

    found, _ = refine(vectors, residuals, prior, n_steps=4, robust_scale=3.0, evidence_weight=0.2)
    return found
