"""Who is where in the picture: feet, boxes, poses and visibility of everybody, for many frames at once."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analysis.synthetic import figures
from analysis.synthetic.operator import CameraPath
from analysis.synthetic.records import RATE_HZ, MatchPlay

FloatArray = NDArray[np.float64]

_NEAREST_M = 4.0
_TURN_SPEED_MS = 0.6


@dataclass(frozen=True, slots=True)
class Views:
    """F frames, P people.

    Args:
        foot_px: (F, P, 2) image of the true position.
        depth_m: (F, P) distance along the optical axis.
        scale_px_per_m: (F, P, 2) across and upright at the feet.
        pose, yaw: (F, P) sprite indices.
        box_px: (F, P, 4) tight outline; its lower middle is ``foot_px``.
        visible_share: (F, P) share of the box that is in the picture and not hidden by somebody nearer.
        is_shown: (F, P) on the grass, in front of the camera, box meets the picture.
    """

    foot_px: FloatArray
    depth_m: FloatArray
    scale_px_per_m: FloatArray
    pose: NDArray[np.int64]
    yaw: NDArray[np.int64]
    box_px: FloatArray
    visible_share: FloatArray
    is_shown: NDArray[np.bool_]


@lru_cache(maxsize=1)
def _outlines() -> FloatArray:
    return figures.outlines()


class Motion:
    """Speed, direction and way of everybody, from positions.

    Args:
        play: the match; (T, P) arrays in float32 are kept.
    """

    def __init__(self, play: MatchPlay) -> None:
        position = play.person_xy_m
        step = np.zeros_like(position)
        step[1:] = position[1:] - position[:-1]
        step = np.nan_to_num(step)
        length = np.sqrt((step * step).sum(2))
        length[length > 1.0] = 0.0
        self.speed_ms = length * RATE_HZ
        self.distance_m = np.cumsum(length, axis=0, dtype=np.float32)
        self.step_m = step
        self.heights_m = np.array([person.height_m for person in play.people])


def view_people(
    play: MatchPlay,
    motion: Motion,
    path: CameraPath,
    *,
    path_part: slice,
    play_frames: NDArray[np.int64],
) -> Views:
    """Views of the frames ``path_part`` of a camera path at moments ``play_frames`` (F,) of the match."""
    position = play.person_xy_m[play_frames].astype(np.float64)  # (F, P, 2)
    matrix = path.image_from_world(path_part)  # (F, 3, 4)
    ground = np.einsum("fij,fpj->fpi", matrix[:, :, :2], position) + matrix[:, None, :, 3]
    depth = ground[..., 2]
    with np.errstate(invalid="ignore", divide="ignore"):
        front = depth > _NEAREST_M
        foot = np.where(front[..., None], ground[..., :2] / depth[..., None], np.nan)
        raised = ground + motion.heights_m[None, :, None] * matrix[:, None, :, 2]
        head = raised[..., :2] / raised[..., 2:]
        upright = np.abs(foot[..., 1] - head[..., 1]) / motion.heights_m
        across = path.focal_px[path_part][:, None] / depth
    eye = path.position_m[path_part][:, None, :2]
    pose, yaw = _stance(play, motion, play_frames, position, eye)
    size = _outlines()[pose, yaw] * (motion.heights_m / figures.NOMINAL_HEIGHT_M)[None, :, None]
    scale = np.stack([across, upright], axis=2)
    extent = size * scale
    box = np.stack(
        [
            foot[..., 0] - extent[..., 0] / 2,
            foot[..., 1] - extent[..., 1],
            foot[..., 0] + extent[..., 0] / 2,
            foot[..., 1],
        ],
        axis=2,
    )
    share = _visible_share(box, depth, path.image_size_px)
    shown = np.isfinite(box).all(2) & (share > 0) & (extent[..., 1] > 2)
    return Views(foot, depth, scale, pose, yaw, box, np.where(shown, share, 0.0), shown)


def _stance(
    play: MatchPlay,
    motion: Motion,
    frames: NDArray[np.int64],
    position: FloatArray,
    eye: FloatArray,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pose and yaw (F, P): people look where they run, or at the ball when they stand."""
    with np.errstate(invalid="ignore"):
        speed = motion.speed_ms[frames]
        to_ball = play.ball_xyz_m[frames][:, None, :2] - position
        heading = np.where((speed > _TURN_SPEED_MS)[..., None], motion.step_m[frames], to_ball)
        sight = position - eye
        sight = sight / np.linalg.norm(sight, axis=2, keepdims=True)
        away = (heading * sight).sum(2)
        right = heading[..., 0] * sight[..., 1] - heading[..., 1] * sight[..., 0]
    angle = np.nan_to_num(np.arctan2(away, right))
    return figures.pose_of(speed, motion.distance_m[frames]), figures.yaw_of(angle)


def _visible_share(box: FloatArray, depth: FloatArray, size_px: tuple[int, int]) -> FloatArray:
    """(F, P): the part of each box inside the picture, less what nearer boxes cover (overlaps summed)."""
    width, height = size_px
    share = np.zeros(box.shape[:2])
    with np.errstate(invalid="ignore"):
        meets = (
            (box[..., 2] > 0) & (box[..., 0] < width) & (box[..., 3] > 0) & (box[..., 1] < height)
        )
    some = np.flatnonzero(meets.any(0))
    if not len(some):
        return share
    part = np.where(meets[:, some, None], box[:, some], 0.0)
    x0, y0, x1, y1 = (np.ascontiguousarray(part[..., k], np.float32) for k in range(4))
    area = np.maximum((x1 - x0) * (y1 - y0), 1e-6)
    x0, y0, x1, y1 = (
        np.maximum(x0, 0),
        np.maximum(y0, 0),
        np.minimum(x1, width),
        np.minimum(y1, height),
    )
    inside = np.maximum(x1 - x0, 0) * np.maximum(y1 - y0, 0)
    hidden = np.zeros_like(inside)
    far = np.nan_to_num(depth[:, some].astype(np.float32), nan=np.inf)
    for k in range(len(some)):
        across = np.minimum(x1, x1[:, k : k + 1]) - np.maximum(x0, x0[:, k : k + 1])
        down = np.minimum(y1, y1[:, k : k + 1]) - np.maximum(y0, y0[:, k : k + 1])
        overlap = np.maximum(across, 0) * np.maximum(down, 0)
        hidden += np.where(far[:, k : k + 1] < far, overlap, 0.0)
    # A figure fills about half of its box, so an overlap hides about half as much.
    share[:, some] = np.clip(inside - 0.5 * hidden, 0.0, None) / area
    return np.where(meets, np.minimum(share, 1.0), 0.0)
