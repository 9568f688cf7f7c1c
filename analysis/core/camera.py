"""A pinhole camera that stands beside the pitch and looks at it: pan, tilt, roll, focal length, one radial term.

World frame as in ``core.pitch`` (z up). Camera frame: x right, y down, z forward. Pan 0 looks along +y (away from the
main camera's touch-line), pan grows to the right (+x); tilt is the angle below the horizon; roll turns clockwise.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Camera:
    """One view.

    Args:
        position_m: (3,) x, y, z of the optical centre, metres; z is the height above the grass.
        pan_rad, tilt_rad, roll_rad: see the module head.
        focal_px: focal length in pixels of the image of ``image_size_px``.
        image_size_px: (width, height); the principal point is its middle.
        radial_k1: r' = r (1 + k1 r^2), r in focal lengths; 0 for a pure pinhole.
    """

    position_m: tuple[float, float, float]
    pan_rad: float
    tilt_rad: float
    focal_px: float
    image_size_px: tuple[int, int]
    roll_rad: float = 0.0
    radial_k1: float = 0.0

    @property
    def camera_from_world(self) -> FloatArray:
        """(3, 3) rotation: rows are the camera's right, down and forward axes in world coordinates."""
        sin_pan, cos_pan = np.sin(self.pan_rad), np.cos(self.pan_rad)
        sin_tilt, cos_tilt = np.sin(self.tilt_rad), np.cos(self.tilt_rad)
        right = np.array([cos_pan, -sin_pan, 0.0])
        forward = np.array([sin_pan * cos_tilt, cos_pan * cos_tilt, -sin_tilt])
        down = np.cross(forward, right)
        sin_roll, cos_roll = np.sin(self.roll_rad), np.cos(self.roll_rad)
        return np.stack(
            [cos_roll * right + sin_roll * down, -sin_roll * right + cos_roll * down, forward]
        )

    @property
    def intrinsics(self) -> FloatArray:
        """(3, 3) matrix K; the principal point is the middle of the image."""
        width_px, height_px = self.image_size_px
        return np.array(
            [[self.focal_px, 0, width_px / 2], [0, self.focal_px, height_px / 2], [0, 0, 1.0]]
        )

    @property
    def image_from_pitch(self) -> FloatArray:
        """(3, 3) map of the ground plane to pixels, lens term left out; weight is depth, positive in front."""
        rotation = self.camera_from_world
        translation = -rotation @ np.array(self.position_m)
        return np.asarray(
            self.intrinsics @ np.stack([rotation[:, 0], rotation[:, 1], translation], axis=1)
        )

    def project(self, world_xyz_m: FloatArray) -> FloatArray:
        """Pixels (N, 2) of world points (N, 3), lens term included; points behind the camera or its lens are NaN."""
        local = (
            np.asarray(world_xyz_m, dtype=np.float64) - np.array(self.position_m)
        ) @ self.camera_from_world.T
        depth = local[:, 2:]
        with np.errstate(divide="ignore", invalid="ignore"):
            plane = np.where(depth > 1e-6, local[:, :2] / depth, np.nan)
        bend = self.radial_k1 * np.sum(plane**2, axis=1, keepdims=True)
        # Far outside the picture the polynomial of a barrel lens folds back: nothing is seen there.
        plane = np.where(1 + 3 * bend > 0, plane * (1 + bend), np.nan)
        width_px, height_px = self.image_size_px
        return np.asarray(plane * self.focal_px + np.array([width_px / 2, height_px / 2]))
