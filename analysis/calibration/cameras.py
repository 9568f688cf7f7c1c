"""Many cameras at once: a view as eight numbers, so that whole banks are projected and refined by one array operation.

A camera vector is ``(x_m, y_m, z_m, pan_rad, tilt_rad, roll_rad, log_focal, bend)`` with the frames and signs of
``core.camera``. ``log_focal`` is ln(focal_px / width_px), so it does not depend on the image's size; ``bend`` is the
relative radial displacement at half the image's width (negative for barrels), the one lens term.
"""

import numpy as np
from numpy.typing import NDArray

from analysis.core.camera import Camera
from analysis.core.homography import facing

FloatArray = NDArray[np.float64]

N_PARAMETERS = 8
X, Y, Z, PAN, TILT, ROLL, LOG_FOCAL, BEND = range(N_PARAMETERS)
MIN_DEPTH_M = 0.5
# Beyond this radius (in half widths) the lens term stays constant: a polynomial must not fold far points into view.
MAX_BEND_RADIUS = 2.0


def camera_of(vector: FloatArray, image_size_px: tuple[int, int]) -> Camera:
    """The camera a vector (8,) describes, for an image of (width, height)."""
    x, y, z, pan, tilt, roll, log_focal, bend = (float(value) for value in vector)
    return Camera(
        position_m=(x, y, z),
        pan_rad=pan,
        tilt_rad=tilt,
        focal_px=float(np.exp(log_focal)) * image_size_px[0],
        image_size_px=image_size_px,
        roll_rad=roll,
        radial_k1=bend * (2 * float(np.exp(log_focal))) ** 2,
    )


def vector_of(camera: Camera) -> FloatArray:
    """The vector (8,) of a camera; inverse of ``camera_of``."""
    log_focal = np.log(camera.focal_px / camera.image_size_px[0])
    bend = camera.radial_k1 / (2 * np.exp(log_focal)) ** 2
    angles = (camera.pan_rad, camera.tilt_rad, camera.roll_rad)
    return np.array([*camera.position_m, *angles, log_focal, bend], dtype=np.float64)


def camera_from_ground(vectors: FloatArray) -> FloatArray:
    """(N, 3, 3): ground point (x, y, 1) to camera coordinates (right, down, forward), metres. Vectors (N, 8)."""
    sine, cosine = np.sin(vectors[:, PAN : ROLL + 1]), np.cos(vectors[:, PAN : ROLL + 1])
    (sin_pan, sin_tilt, sin_roll), (cos_pan, cos_tilt, cos_roll) = sine.T, cosine.T
    # Written out: this runs a hundred times a picture on few cameras, where every array call costs more than its sums.
    down_x, down_y = -sin_pan * sin_tilt, -cos_pan * sin_tilt
    matrices = np.empty((len(vectors), 3, 3))
    matrices[:, 0, 0] = cos_roll * cos_pan + sin_roll * down_x
    matrices[:, 0, 1] = -cos_roll * sin_pan + sin_roll * down_y
    matrices[:, 0, 2] = -sin_roll * cos_tilt
    matrices[:, 1, 0] = -sin_roll * cos_pan + cos_roll * down_x
    matrices[:, 1, 1] = sin_roll * sin_pan + cos_roll * down_y
    matrices[:, 1, 2] = -cos_roll * cos_tilt
    matrices[:, 2, 0] = sin_pan * cos_tilt
    matrices[:, 2, 1] = cos_pan * cos_tilt
    matrices[:, 2, 2] = -sin_tilt
    # The column of the height becomes the camera's place; nothing on the ground has a height.
    matrices[:, :, 2] = -(matrices @ vectors[:, :3, None])[:, :, 0]
    return matrices


def project_ground(
    vectors: FloatArray, pitch_xy_m: FloatArray, image_size_px: tuple[int, int]
) -> FloatArray:
    """Pixels (N, P, 2) of ground points through N cameras, lens term included; NaN behind a camera.

    Args:
        vectors: (N, 8).
        pitch_xy_m: (P, 2), the same points for all cameras, or (N, P, 2).
        image_size_px: (width, height).
    """
    ground = np.asarray(pitch_xy_m)
    matrices = camera_from_ground(vectors).astype(ground.dtype, copy=False)
    if ground.ndim == 2:
        local = np.matmul(matrices[:, :, :2], ground.T) + matrices[:, :, 2:]
    else:
        local = np.matmul(matrices[:, :, :2], ground.transpose(0, 2, 1)) + matrices[:, :, 2:]
    depth = local[:, 2]
    depth[depth <= MIN_DEPTH_M] = np.nan
    return to_pixels(local[:, :2] / depth[:, None], vectors, image_size_px)


def to_pixels(plane: FloatArray, vectors: FloatArray, image_size_px: tuple[int, int]) -> FloatArray:
    """Pixels (N, P, 2) of points (N, 2, P) on the plane at distance 1 m before each camera."""
    focal = np.exp(vectors[:, LOG_FOCAL]).astype(plane.dtype)[:, None]
    x, y = plane[:, 0], plane[:, 1]
    radius2 = np.minimum((x * x + y * y) * (2 * focal) ** 2, MAX_BEND_RADIUS**2)
    factor = (1 + vectors[:, BEND].astype(plane.dtype)[:, None] * radius2) * (
        focal * image_size_px[0]
    )
    pixels = np.empty((len(plane), plane.shape[2], 2), plane.dtype)
    np.multiply(x, factor, out=pixels[..., 0])
    np.multiply(y, factor, out=pixels[..., 1])
    pixels += np.array(image_size_px, dtype=plane.dtype) / 2
    return pixels


def ground_of_pixels(
    vector: FloatArray, points_px: FloatArray, image_size_px: tuple[int, int]
) -> FloatArray:
    """Ground positions (P, 2) in metres of pixels (P, 2) through one camera, lens term undone; sky is NaN."""
    return grounds_of_pixels(np.asarray(vector)[None], points_px, image_size_px)[0]


def grounds_of_pixels(
    vectors: FloatArray, points_px: FloatArray, image_size_px: tuple[int, int]
) -> FloatArray:
    """Ground positions (N, P, 2) of the same pixels (P, 2) through N cameras (N, 8); sky is NaN."""
    focal = np.exp(vectors[:, LOG_FOCAL])[:, None, None]
    centred = np.asarray(points_px) - np.array(image_size_px) / 2
    bent = centred[None] / (focal * image_size_px[0])
    bend = vectors[:, BEND][:, None, None]
    straight = bent
    for _ in range(4 if np.any(bend) else 0):
        radius2 = (straight**2).sum(axis=2, keepdims=True) * (2 * focal) ** 2
        straight = bent / (1 + bend * np.minimum(radius2, MAX_BEND_RADIUS**2))
    inverse = np.linalg.inv(camera_from_ground(vectors))
    ground = np.matmul(straight, inverse[:, :, :2].transpose(0, 2, 1)) + inverse[:, None, :, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        # The inverse keeps 1 / depth as weight: negative where the ray points at or above the horizon.
        return np.where(ground[..., 2:] > 1e-9, ground[..., :2] / ground[..., 2:], np.nan)


def homography_of(vector: FloatArray, image_size_px: tuple[int, int]) -> FloatArray:
    """The (3, 3) ``image_from_pitch`` that agrees best with a camera inside the image, lens term included.

    Without a lens term it is exact. With one, a plane map is fitted to a grid of the ground in view, so that what a
    straight-lines-only reader gets is right on average rather than only in the middle.
    """
    camera = camera_of(vector, image_size_px)
    pinhole = camera.image_from_pitch
    if abs(vector[BEND]) < 1e-5:
        return pinhole
    width_px, height_px = image_size_px
    columns, rows = np.meshgrid(np.linspace(0, width_px, 17), np.linspace(0, height_px, 13))
    pixels = np.column_stack([columns.ravel(), rows.ravel()])
    ground = ground_of_pixels(vector, pixels, image_size_px)
    near = np.isfinite(ground).all(axis=1) & (np.abs(ground) < [60.0, 45.0]).all(axis=1)
    if near.sum() < 12:
        return pinhole
    return fitted_homography(ground[near], pixels[near])


def fitted_homography(source: FloatArray, target: FloatArray) -> FloatArray:
    """Least-squares plane map (3, 3) of points (N, 2) to points (N, 2), N >= 4 (normalised direct linear transform).

    Raises:
        ValueError: fewer than four pairs.
    """
    if len(source) < 4:
        raise ValueError(f"a homography needs 4 pairs of points, got {len(source)}")
    to_unit_source, to_unit_target = _unit(source), _unit(target)
    a = source * to_unit_source[0, 0] + to_unit_source[:2, 2]
    b = target * to_unit_target[0, 0] + to_unit_target[:2, 2]
    ones, zeros = np.ones(len(a)), np.zeros((len(a), 3))
    homogeneous = np.column_stack([a, ones])
    rows = np.concatenate(
        [
            np.hstack([homogeneous, zeros, -b[:, :1] * homogeneous]),
            np.hstack([zeros, homogeneous, -b[:, 1:] * homogeneous]),
        ]
    )
    matrix = np.linalg.svd(rows, full_matrices=False)[2][-1].reshape(3, 3)
    return np.asarray(np.linalg.inv(to_unit_target) @ matrix @ to_unit_source)


def _unit(points: FloatArray) -> FloatArray:
    """(3, 3) similarity that centres points and scales them to mean distance sqrt(2)."""
    middle = points.mean(axis=0)
    scale = np.sqrt(2) / max(float(np.linalg.norm(points - middle, axis=1).mean()), 1e-9)
    return np.array([[scale, 0, -scale * middle[0]], [0, scale, -scale * middle[1]], [0, 0, 1.0]])


def camera_from_homography(
    image_from_pitch: FloatArray, image_size_px: tuple[int, int]
) -> Camera | None:
    """The pinhole camera whose ground-plane map is nearest to a homography; None when there is none.

    The principal point is taken as the middle of the image and pixels as square; the focal length is the least-squares
    one of the two constraints on the columns (Zhang 2000, "A flexible new technique for camera calibration", 3.1).
    """
    width_px, height_px = image_size_px
    shift = np.array([[1, 0, -width_px / 2], [0, 1, -height_px / 2], [0, 0, width_px]]) / width_px
    columns = shift @ facing(np.asarray(image_from_pitch, dtype=np.float64), image_size_px)
    first, second = columns[:, 0], columns[:, 1]
    coefficients = np.array([first[2] * second[2], first[2] ** 2 - second[2] ** 2])
    targets = np.array(
        [-(first[:2] @ second[:2]), -(first[:2] @ first[:2] - second[:2] @ second[:2])]
    )
    norm2 = float(coefficients @ coefficients)
    focal2 = float(coefficients @ targets) / norm2 if norm2 > 1e-30 else -1.0
    if not np.isfinite(focal2) or focal2 <= 1e-4:
        return None
    focal = np.sqrt(focal2)
    local = columns / np.array([[focal], [focal], [1.0]])
    local = local / np.sqrt(np.linalg.norm(local[:, 0]) * np.linalg.norm(local[:, 1]))
    rotation = np.column_stack([local[:, 0], local[:, 1], np.cross(local[:, 0], local[:, 1])])
    u, _, vt = np.linalg.svd(rotation)
    rotation = u @ np.diag([1, 1, np.linalg.det(u @ vt)]) @ vt
    position = -rotation.T @ local[:, 2]
    forward = rotation[2]
    pan, tilt = np.arctan2(forward[0], forward[1]), -np.arcsin(np.clip(forward[2], -1, 1))
    level = Camera((0.0, 0.0, 0.0), pan, tilt, 1.0, image_size_px).camera_from_world
    roll = np.arctan2(rotation[0] @ level[1], rotation[0] @ level[0])
    return Camera(
        position_m=(float(position[0]), float(position[1]), float(position[2])),
        pan_rad=float(pan),
        tilt_rad=float(tilt),
        focal_px=float(focal * width_px),
        image_size_px=image_size_px,
        roll_rad=float(roll),
    )
