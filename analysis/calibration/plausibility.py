"""Can this be a camera that films a match? Geometry alone, no pixels: a gate behind every calibrator."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import camera_from_homography
from analysis.core.camera import Camera
from analysis.core.homography import facing, ground_from_image
from analysis.core.pitch import STANDARD_PITCH, PitchSpec

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CameraLimits:
    """What a real camera beside a pitch can be; generous, since a stadium may surprise.

    Args:
        height_m: lowest and highest optical centre above the grass.
        reach_m: largest distance of the camera from the centre spot along x and y.
        focal: smallest and largest focal length in image widths (0.45: 96 degrees wide, 9: 6 degrees).
        roll_rad: largest roll either way.
        tilt_rad: lowest and highest angle below the horizon.
        min_ground_share: share of the image's lower half that must look at ground within ``margin_m`` of the pitch.
        margin_m: how far round the pitch ground is believable.
    """

    height_m: tuple[float, float] = (2.5, 75.0)
    reach_m: tuple[float, float] = (150.0, 170.0)
    focal: tuple[float, float] = (0.45, 9.0)
    roll_rad: float = 0.21
    tilt_rad: tuple[float, float] = (0.005, 1.25)
    min_ground_share: float = 0.25
    margin_m: float = 30.0


GENEROUS = CameraLimits()


def implausible(
    image_from_pitch: FloatArray,
    image_size_px: tuple[int, int],
    *,
    pitch: PitchSpec = STANDARD_PITCH,
    limits: CameraLimits = GENEROUS,
) -> str | None:
    """Why a homography cannot be a view of a match, in words; None when nothing speaks against it.

    Args:
        image_from_pitch: (3, 3) pitch metres -> pixels.
        image_size_px: (width, height).
        pitch: where the marks are.
        limits: see ``CameraLimits``.
    """
    matrix = np.asarray(image_from_pitch, dtype=np.float64)
    if matrix.shape != (3, 3) or not np.isfinite(matrix).all():
        return "the map is not a finite 3x3 matrix"
    if np.linalg.matrix_rank(matrix) < 3:
        return "the map is singular"
    camera = camera_from_homography(matrix, image_size_px)
    if camera is None:
        return "no camera with square pixels has this view"
    return implausible_camera(camera, limits=limits) or _implausible_view(
        matrix, image_size_px, pitch=pitch, limits=limits
    )


def implausible_camera(camera: Camera, *, limits: CameraLimits = GENEROUS) -> str | None:
    """Why a camera cannot stand at a match, in words; None when it can."""
    x, y, z = camera.position_m
    focal = camera.focal_px / camera.image_size_px[0]
    checks = (
        (limits.height_m[0] <= z <= limits.height_m[1], f"the camera stands {z:.1f} m high"),
        (
            abs(x) <= limits.reach_m[0] and abs(y) <= limits.reach_m[1],
            f"the camera stands at ({x:.0f}, {y:.0f}) m, too far away",
        ),
        (
            limits.focal[0] <= focal <= limits.focal[1],
            f"a focal length of {focal:.2f} image widths",
        ),
        (
            abs(camera.roll_rad) <= limits.roll_rad,
            f"a roll of {np.degrees(camera.roll_rad):.0f} degrees",
        ),
        (
            limits.tilt_rad[0] <= camera.tilt_rad <= limits.tilt_rad[1],
            f"a tilt of {np.degrees(camera.tilt_rad):.0f} degrees",
        ),
    )
    return next((words for fine, words in checks if not fine), None)


def _implausible_view(
    matrix: FloatArray, image_size_px: tuple[int, int], *, pitch: PitchSpec, limits: CameraLimits
) -> str | None:
    width_px, height_px = image_size_px
    columns, rows = np.meshgrid(
        (np.arange(16) + 0.5) / 16 * width_px, (0.5 + (np.arange(6) + 0.5) / 12) * height_px
    )
    ground = ground_from_image(
        matrix, np.column_stack([columns.ravel(), rows.ravel()]), image_size_px
    )
    share = float(pitch.contains(ground, margin_m=limits.margin_m).mean())
    if share < limits.min_ground_share:
        return f"only {share:.0%} of the lower half of the image looks at the pitch"
    outline = visible_outline_m(matrix, image_size_px, pitch=pitch)
    if len(outline) < 3:
        return "no part of the pitch is in view"
    return None


def visible_outline_m(
    image_from_pitch: FloatArray,
    image_size_px: tuple[int, int],
    *,
    pitch: PitchSpec = STANDARD_PITCH,
) -> FloatArray:
    """The part of the pitch in view as a convex polygon (N, 2) in metres, counter-clockwise; empty when none is.

    The pitch rectangle is cut by the image's four sides and by the horizon, each a half-plane on the ground.
    """
    front = facing(np.asarray(image_from_pitch, dtype=np.float64), image_size_px)
    width_px, height_px = image_size_px
    edges = np.array(
        [[0, 0, 1], [1, 0, 0], [-1, 0, width_px], [0, 1, 0], [0, -1, height_px]], dtype=np.float64
    )
    polygon = pitch.corners
    for edge in edges @ front:
        polygon = _cut(polygon, edge)
        if len(polygon) < 3:
            return np.zeros((0, 2))
    return polygon


def _cut(polygon: FloatArray, half_plane: FloatArray) -> FloatArray:
    """The part of a convex polygon where ``half_plane @ (x, y, 1) >= 0`` (Sutherland-Hodgman, one edge)."""
    value = polygon @ half_plane[:2] + half_plane[2]
    kept: list[FloatArray] = []
    for i, here in enumerate(value):
        following = (i + 1) % len(value)
        if here >= 0:
            kept.append(polygon[i])
        if (here >= 0) != (value[following] >= 0):
            share = here / (here - value[following])
            kept.append(polygon[i] + share * (polygon[following] - polygon[i]))
    return np.array(kept).reshape(-1, 2)
