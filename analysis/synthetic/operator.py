"""The main camera's operator: a fixed stand beside the halfway line, a view that follows the ball with lag."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.core.camera import Camera
from analysis.synthetic.records import RATE_HZ

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CameraPath:
    """A camera over T frames, see ``core.camera`` for the angles.

    Args:
        position_m: (T, 3).
        pan_rad, tilt_rad, roll_rad, focal_px: (T,).
        image_size_px: (width, height).
    """

    position_m: FloatArray
    pan_rad: FloatArray
    tilt_rad: FloatArray
    roll_rad: FloatArray
    focal_px: FloatArray
    image_size_px: tuple[int, int]

    def __len__(self) -> int:
        return len(self.pan_rad)

    def camera(self, i: int) -> Camera:
        """The view of frame ``i``."""
        x, y, z = (float(v) for v in self.position_m[i])
        return Camera(
            (x, y, z),
            float(self.pan_rad[i]),
            float(self.tilt_rad[i]),
            float(self.focal_px[i]),
            self.image_size_px,
            float(self.roll_rad[i]),
        )

    def image_from_world(self, part: slice = slice(None)) -> FloatArray:
        """(T, 3, 4) projections of homogeneous world points; the weight is the depth in metres."""
        sin_pan, cos_pan = np.sin(self.pan_rad[part]), np.cos(self.pan_rad[part])
        sin_tilt, cos_tilt = np.sin(self.tilt_rad[part]), np.cos(self.tilt_rad[part])
        sin_roll, cos_roll = np.sin(self.roll_rad[part]), np.cos(self.roll_rad[part])
        zero = np.zeros_like(sin_pan)
        right = np.stack([cos_pan, -sin_pan, zero], axis=1)
        forward = np.stack([sin_pan * cos_tilt, cos_pan * cos_tilt, -sin_tilt], axis=1)
        down = np.cross(forward, right)
        rotation = np.stack(
            [
                cos_roll[:, None] * right + sin_roll[:, None] * down,
                -sin_roll[:, None] * right + cos_roll[:, None] * down,
                forward,
            ],
            axis=1,
        )
        shift = -np.einsum("tij,tj->ti", rotation, self.position_m[part])
        local = np.concatenate([rotation, shift[:, :, None]], axis=2)
        focal = self.focal_px[part][:, None]
        width_px, height_px = self.image_size_px
        depth = local[:, 2]
        return np.stack(
            [
                focal * local[:, 0] + width_px / 2 * depth,
                focal * local[:, 1] + height_px / 2 * depth,
                depth,
            ],
            axis=1,
        )

    def image_from_pitch(self, part: slice = slice(None)) -> FloatArray:
        """(T, 3, 3) maps of the ground, weight is the depth."""
        return self.image_from_world(part)[:, :, [0, 1, 3]]


def follow_ball(
    ball_xyz_m: NDArray[np.float32], rng: np.random.Generator, image_size_px: tuple[int, int]
) -> CameraPath:
    """The main camera's path over a whole video.

    Args:
        ball_xyz_m: (T, 3) at 25 Hz.
        rng: where the camera stands and how its operator works.
        image_size_px: (width, height).
    """
    n_frames = len(ball_xyz_m)
    stand = np.array([rng.normal(0, 1.5), -34 - rng.uniform(28, 46), rng.uniform(14, 23)])
    ball_x = np.clip(ball_xyz_m[:, 0].astype(float), -60, 60)
    ball_y = np.clip(ball_xyz_m[:, 1].astype(float), -36, 36)
    lag_s = rng.uniform(0.35, 0.6)
    focus_x = _followed(0.92 * ball_x, lag_s, float(rng.uniform(0.75, 0.95)))
    focus_y = _followed(np.clip(0.62 * ball_y + rng.uniform(-3, 2), -11, 18), 1.4 * lag_s, 0.9)
    focus_x = np.clip(focus_x, -41, 41)
    width_m = rng.uniform(40, 55) - 0.16 * np.abs(focus_x) + 3.5 * _wander(rng, n_frames, 9.0)
    width_m = _followed(np.clip(width_m, 34, 62), 0.9, 1.0)
    along, away = focus_x - stand[0], focus_y - stand[1]
    level = np.hypot(along, away)
    pan = np.arctan2(along, away) + 0.0012 * _wander(rng, n_frames, 0.5)
    tilt = np.arctan2(stand[2], level) + 0.0008 * _wander(rng, n_frames, 0.6)
    tilt -= rng.uniform(0.0, 0.02)
    focal = image_size_px[0] * np.hypot(level, stand[2]) / width_m
    return CameraPath(
        position_m=np.tile(stand, (n_frames, 1)),
        pan_rad=pan,
        tilt_rad=tilt,
        roll_rad=np.full(n_frames, rng.normal(0, 0.003)),
        focal_px=focal,
        image_size_px=image_size_px,
    )


def _followed(signal: FloatArray, lag_s: float, damping: float) -> FloatArray:
    """A second-order system behind a signal: lags, and overshoots when the damping is below 1."""
    from scipy.signal import lfilter

    omega, step = 2.0 / lag_s, 1 / RATE_HZ
    # Semi-implicit Euler: v += w^2 (s - x) dt - 2 d w v dt; x += v dt, as one recursive filter.
    a1 = -(2 - 2 * damping * omega * step - (omega * step) ** 2)
    a2 = 1 - 2 * damping * omega * step
    gain = (omega * step) ** 2
    start = signal[0]
    return np.asarray(lfilter([gain], [1.0, a1, a2], signal - start) + start)


def _wander(rng: np.random.Generator, n_frames: int, time_s: float) -> FloatArray:
    """(T,) smooth noise of unit size that forgets itself over ``time_s``."""
    from scipy.signal import lfilter

    keep = np.exp(-1 / (time_s * RATE_HZ))
    noise = rng.normal(0, 1, n_frames)
    once = lfilter([np.sqrt(1 - keep**2)], [1.0, -keep], noise)
    return np.asarray(_followed(once, max(0.25 * time_s, 0.2), 1.0))
