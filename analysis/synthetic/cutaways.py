"""Every other camera of a broadcast: close-ups, behind the goal, above the pitch, the public; a path for each."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import PitchSpec
from analysis.synthetic.operator import CameraPath
from analysis.synthetic.records import MatchPlay

FloatArray = NDArray[np.float64]

_CHEST_M = 1.15


def shot_path(
    camera: str,
    play: MatchPlay,
    moments: NDArray[np.int64],
    subject: int | None,
    *,
    rng: np.random.Generator,
    stand_m: FloatArray,
    image_size_px: tuple[int, int],
    pitch: PitchSpec,
) -> CameraPath:
    """The path of one shot.

    Args:
        camera: one of ``vocabulary.CAMERAS``.
        play: the match.
        moments: (F,) frames of the match shown.
        subject: index in ``play.people`` of who is followed; the ball where None.
        rng: small differences.
        stand_m: (3,) where the main camera stands.
        image_size_px: (width, height).
        pitch: size of the pitch.
    """
    ball = _steady(play.ball_xyz_m[moments].astype(np.float64), 9)
    person = _person(play, moments, subject, ball)
    side = 1.0 if ball[:, 0].mean() >= 0 else -1.0
    half = np.array([pitch.length_m / 2, pitch.width_m / 2])
    build = _BUILDERS.get(camera, _close_up)
    eye, target, width_m = build(ball, person, side, half, stand_m)
    eye = eye + rng.normal(0, [1.0, 0.6, 0.2])
    return look_at(np.broadcast_to(eye, target.shape), target, width_m, image_size_px)


def look_at(
    eye_m: FloatArray, target_m: FloatArray, width_m: float, image_size_px: tuple[int, int]
) -> CameraPath:
    """A camera that keeps ``target_m`` (F, 3) in the middle; the picture is ``width_m`` wide there."""
    offset = target_m - eye_m
    level = np.hypot(offset[:, 0], offset[:, 1])
    reach = np.linalg.norm(offset, axis=1)
    return CameraPath(
        position_m=np.array(eye_m, np.float64),
        pan_rad=np.unwrap(np.arctan2(offset[:, 0], offset[:, 1])),
        tilt_rad=-np.arctan2(offset[:, 2], level),
        roll_rad=np.zeros(len(offset)),
        focal_px=image_size_px[0] * np.full(len(offset), np.median(reach)) / width_m,
        image_size_px=image_size_px,
    )


_View = tuple[FloatArray, FloatArray, float]


def _close_up(
    b: FloatArray, p: FloatArray, side: float, half: FloatArray, stand: FloatArray
) -> _View:
    return stand * np.array([1.0, 0.85, 0.8]), p, 4.2


def _side_staff(
    b: FloatArray, p: FloatArray, side: float, half: FloatArray, stand: FloatArray
) -> _View:
    target = np.tile([side * 9.0, -half[1] - 2.0, _CHEST_M], (len(b), 1))
    return np.array([side * 2.0, half[1] + 14.0, 4.0]), target, 7.0


def _corner(
    b: FloatArray, p: FloatArray, side: float, half: FloatArray, stand: FloatArray
) -> _View:
    return np.array([side * (half[0] + 9), -half[1] - 6, 2.6]), p, 9.0


def _close_behind_goal(
    b: FloatArray, p: FloatArray, side: float, half: FloatArray, stand: FloatArray
) -> _View:
    return np.array([side * (half[0] + 7.0), 8.0, 2.0]), p, 6.0


def _behind_goal(
    b: FloatArray, p: FloatArray, side: float, half: FloatArray, stand: FloatArray
) -> _View:
    target = b * np.array([0.9, 0.6, 0.0]) + np.array([-side * 4.0, 0.0, 0.0])
    return np.array([side * (half[0] + 24.0), 0.0, 11.0]), target, 38.0


def _inside_goal(
    b: FloatArray, p: FloatArray, side: float, half: FloatArray, stand: FloatArray
) -> _View:
    target = b * np.array([0.0, 0.5, 0.0]) + np.array([side * (half[0] - 14.0), 0.0, 1.0])
    return np.array([side * (half[0] + 1.7), 0.0, 2.2]), target, 22.0


def _goal_line(
    b: FloatArray, p: FloatArray, side: float, half: FloatArray, stand: FloatArray
) -> _View:
    target = np.tile([side * half[0], 0.0, 0.8], (len(b), 1))
    return np.array([side * half[0], -half[1] - 26.0, 14.0]), target, 17.0


def _spider(
    b: FloatArray, p: FloatArray, side: float, half: FloatArray, stand: FloatArray
) -> _View:
    eye = np.array([b[:, 0].mean() - side * 17.0, 0.4 * b[:, 1].mean(), 13.0])
    return eye, b * np.array([1.0, 0.8, 0.0]) + np.array([side * 4.0, 0.0, 0.0]), 30.0


def _public(
    b: FloatArray, p: FloatArray, side: float, half: FloatArray, stand: FloatArray
) -> _View:
    target = np.tile([side * 16.0, half[1] + 19.0, 7.0], (len(b), 1))
    return stand, target, 15.0


def _main_left(
    b: FloatArray, p: FloatArray, side: float, half: FloatArray, stand: FloatArray
) -> _View:
    eye = stand * np.array([0.0, 0.9, 1.0]) + np.array([-33.0, 0.0, 0.0])
    return eye, b * np.array([1.0, 0.6, 0.0]), 24.0


def _main_right(
    b: FloatArray, p: FloatArray, side: float, half: FloatArray, stand: FloatArray
) -> _View:
    eye = stand * np.array([0.0, 0.9, 1.0]) + np.array([33.0, 0.0, 0.0])
    return eye, b * np.array([1.0, 0.6, 0.0]), 24.0


_BUILDERS: dict[str, Callable[[FloatArray, FloatArray, float, FloatArray, FloatArray], _View]] = {
    "Close-up player or field referee": _close_up,
    "Close-up side staff": _side_staff,
    "Close-up corner": _corner,
    "Close-up behind the goal": _close_behind_goal,
    "Main behind the goal": _behind_goal,
    "Inside the goal": _inside_goal,
    "Goal line technology camera": _goal_line,
    "Spider camera": _spider,
    "Public": _public,
    "Main camera left": _main_left,
    "Main camera right": _main_right,
}


def _person(
    play: MatchPlay, moments: NDArray[np.int64], subject: int | None, ball: FloatArray
) -> FloatArray:
    """(F, 3) chest of the followed person; the ball where there is none."""
    if subject is None:
        return ball * np.array([1.0, 1.0, 0.0]) + np.array([0.0, 0.0, _CHEST_M])
    xy = play.person_xy_m[moments, subject].astype(np.float64)
    xy = np.where(np.isfinite(xy), xy, ball[:, :2])
    chest = np.full((len(xy), 1), _CHEST_M)
    return np.concatenate([_steady(xy, 7), chest], axis=1)


def _steady(track: FloatArray, width: int) -> FloatArray:
    """A running mean over ``width`` frames, ends repeated."""
    pad = width // 2
    padded = np.concatenate([np.repeat(track[:1], pad, 0), track, np.repeat(track[-1:], pad, 0)])
    total = np.cumsum(np.concatenate([np.zeros((1, track.shape[1])), padded]), axis=0)
    return np.asarray((total[width:] - total[:-width]) / width)
