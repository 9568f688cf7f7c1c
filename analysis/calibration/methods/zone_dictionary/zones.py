"""The pitch as coloured zones: a template on the ground, and what a camera sees of it.

Classes (Cioppa et al. 2021, released template): 0 background and the lines, drawn 0.47 m wide; 1 the penalty areas
without the goal areas; 2 the rest of the pitch; 3 the centre circle, the penalty arcs and the goal areas.
Maps have 256 x 144 cells; a homography onto them is named ``map_from_pitch``.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import CIRCLE_RADIUS_M, STANDARD_PITCH, PitchSpec

FloatArray = NDArray[np.float64]
LabelArray = NDArray[np.uint8]

MAP_SIZE = (256, 144)
N_CLASSES = 4
BACKGROUND, PENALTY_AREA, FIELD, ROUND = range(N_CLASSES)
PX_PER_M = 15
LINE_PX = 7
#: Ground shown by the released template of 1920 x 1080 px; larger pitches get a larger one.
_LEAST_M = (128.0, 72.0)
_RIM_M = 4.0
_SUBPIXEL_BITS = 4


@dataclass(frozen=True)
class Template:
    """The zones from above.

    Args:
        labels: (H, W) classes, 15 px a metre, x to the right, y upwards.
        template_from_pitch: (3, 3) metres to template pixels, whose centres are whole numbers.
    """

    labels: LabelArray
    template_from_pitch: FloatArray


@lru_cache(maxsize=8)
def template(pitch: PitchSpec = STANDARD_PITCH) -> Template:
    """The template of a pitch; 1920 x 1080 px for the standard one."""
    width = round(max(_LEAST_M[0], pitch.length_m + _RIM_M) * PX_PER_M)
    height = round(max(_LEAST_M[1], pitch.width_m + _RIM_M) * PX_PER_M)
    matrix = np.array([[PX_PER_M, 0, width / 2], [0, -PX_PER_M, height / 2], [0, 0, 1.0]])
    labels = np.zeros((height, width), np.uint8)

    def fixed(points_m: FloatArray) -> NDArray[np.int32]:
        pixels = points_m @ matrix[:2, :2].T + matrix[:2, 2]
        return np.round(pixels * 2**_SUBPIXEL_BITS).astype(np.int32).reshape(-1, 1, 2)

    def fill(points_m: FloatArray, zone: int) -> None:
        cv2.fillPoly(labels, [fixed(points_m)], zone, shift=_SUBPIXEL_BITS)

    marks = pitch.sampled_marks(0.1)
    fill(pitch.corners, FIELD)
    fill(marks["centre_circle"], ROUND)
    for side in ("left", "right"):
        fill(_disc(pitch.spots[f"penalty_mark_{side}"]), ROUND)
        fill(_area(pitch, "penalty_area", side), PENALTY_AREA)
        fill(_area(pitch, "goal_area", side), ROUND)
    for points_m in marks.values():
        cv2.polylines(
            labels,
            [fixed(points_m)],
            isClosed=False,
            color=BACKGROUND,
            thickness=LINE_PX,
            shift=_SUBPIXEL_BITS,
        )
    return Template(labels, matrix)


def _disc(centre_m: FloatArray) -> FloatArray:
    angle = np.linspace(0, 2 * np.pi, 181)
    return centre_m + CIRCLE_RADIUS_M * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _area(pitch: PitchSpec, area: str, side: str) -> FloatArray:
    """(4, 2) corners of a penalty or goal area."""
    near = pitch.straight_lines[f"{area}_{side}_near"]
    far = pitch.straight_lines[f"{area}_{side}_far"]
    return np.concatenate([near, far[::-1]])


def zone_map(
    map_from_pitch: FloatArray,
    *,
    pitch: PitchSpec = STANDARD_PITCH,
    size: tuple[int, int] = MAP_SIZE,
) -> LabelArray:
    """(144, 256) classes a homography onto a map of ``size`` (width, height) sees, nearest sampling.

    Ground mirrored over the horizon lies behind the camera, which stands beside the pitch, so it shows as background.
    """
    drawn = template(pitch)
    # cell centres are at half cells in our maps and at whole numbers in the warp
    shift = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1.0]])
    matrix = shift @ map_from_pitch @ np.linalg.inv(drawn.template_from_pitch)
    return np.asarray(cv2.warpPerspective(drawn.labels, matrix, size, flags=cv2.INTER_NEAREST))


def one_hot(labels: LabelArray) -> NDArray[np.float32]:
    """(..., 4, H, W) float of classes (..., H, W); the background channel is empty, as the networks expect."""
    channels = np.arange(N_CLASSES).reshape(-1, 1, 1)
    return ((labels[..., None, :, :] == channels) & (channels > 0)).astype(np.float32)


def weighted_jaccard(warped: LabelArray, seen: LabelArray) -> float:
    """Overlap of two maps of classes: IoU of each class, weighted by its cells in the warped template; 0 to 1."""
    pairs = np.bincount(
        warped.ravel().astype(np.int64) * N_CLASSES + seen.ravel(), minlength=N_CLASSES**2
    ).reshape(N_CLASSES, N_CLASSES)
    common, support = np.diag(pairs), pairs.sum(axis=1)
    union = support + pairs.sum(axis=0) - common
    return float((common / np.maximum(union, 1)) @ support / support.sum())
