"""How tall a person standing at a given place of the image appears, with and without a calibration."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from analysis.core import homography

FloatArray = NDArray[np.float64]

PERSON_HEIGHT_M = 1.80
HeightModel = Callable[[FloatArray], FloatArray]


def height_from_calibration(
    image_from_pitch: FloatArray, size_px: tuple[int, int], *, person_m: float = PERSON_HEIGHT_M
) -> HeightModel:
    """Apparent height (px) at foot points (N, 2), from the camera inside the homography.

    With square pixels and the principal point in the middle, the two ground axes give the focal length
    (r1 . r2 = 0, |r1| = |r2|), and with it the image of the vertical axis. Where that fails (a view straight down, a
    bad matrix) the local scale of the ground along the image's rows stands in.
    """
    front = homography.facing(np.asarray(image_from_pitch, np.float64), size_px)
    vertical = _vertical_axis(front, size_px)
    pitch_from_image = np.linalg.inv(front)

    def height_px(foot_px: FloatArray) -> FloatArray:
        rays = foot_px @ pitch_from_image[:, :2].T + pitch_from_image[:, 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            ground = rays[:, :2] / rays[:, 2:]
        foot = ground @ front[:, :2].T + front[:, 2]
        if vertical is not None:
            head = foot + person_m * vertical
            with np.errstate(divide="ignore", invalid="ignore"):
                tall = foot_px[:, 1] - head[:, 1] / head[:, 2]
        else:
            aside = np.stack([ground[:, 0] + 1.0, ground[:, 1]], axis=1)
            tall = person_m * np.linalg.norm(homography.project(front, aside) - foot_px, axis=1)
        tall = np.where(foot[:, 2] > 1e-9, tall, np.nan)
        return np.asarray(np.where((tall > 2) & (tall < 2 * size_px[1]), tall, np.nan))

    return height_px


def _vertical_axis(front: FloatArray, size_px: tuple[int, int]) -> FloatArray | None:
    """Third column of the projection (per metre of height), in the scale of ``front``; None when not to be had."""
    centre = np.array([[1, 0, -size_px[0] / 2], [0, 1, -size_px[1] / 2], [0, 0, 1.0]])
    centred = centre @ front
    first, second = centred[:, 0], centred[:, 1]
    # (a1 a2 + b1 b2) / f^2 + c1 c2 = 0 and (a1^2 + b1^2 - a2^2 - b2^2) / f^2 + c1^2 - c2^2 = 0:
    # least squares in 1 / f^2
    planar = np.array([first[:2] @ second[:2], first[:2] @ first[:2] - second[:2] @ second[:2]])
    depth = np.array([first[2] * second[2], first[2] ** 2 - second[2] ** 2])
    scale = planar @ planar
    inverse_square = -(planar @ depth) / scale if scale > 0 else -1.0
    if not np.isfinite(inverse_square) or inverse_square <= 0:
        return None
    focal = 1 / np.sqrt(inverse_square)
    if not 0.3 * size_px[0] < focal < 30 * size_px[0]:
        return None
    unproject = np.diag([1 / focal, 1 / focal, 1.0])
    right, away = unproject @ first, unproject @ second
    unit = np.sqrt(np.linalg.norm(right) * np.linalg.norm(away))
    up = np.cross(right, away) / unit
    if up[1] > 0:  # image y grows downward: up must lower it
        up = -up
    return np.asarray(np.linalg.inv(centre) @ (np.diag([focal, focal, 1.0]) @ up))


def linear_height(slope: float, base_px: float, *, least_px: float, most_px: float) -> HeightModel:
    """Apparent height as a straight function of the foot's row: what a camera without roll gives."""

    def height_px(foot_px: FloatArray) -> FloatArray:
        return np.clip(slope * foot_px[:, 1] + base_px, least_px, most_px)

    return height_px


def fit_linear_height(
    foot_y_px: FloatArray, height_px: FloatArray, weight: FloatArray, image_height_px: int
) -> tuple[float, float] | None:
    """(slope, base) of the heights of blobs, by voting of pairs: most blobs of the right shape are single persons.

    Only slopes that broadcast cameras have are tried (0.04 to 0.25 a row). None when fewer than four blobs agree.
    """
    if len(foot_y_px) < 4:
        return None
    slopes = np.linspace(0.03, 0.25, 23)[:, None]
    bases = (
        height_px[None] - slopes * foot_y_px[None]
    )  # (S, N): the line of each slope through each blob
    expected = slopes[..., None] * foot_y_px + bases[..., None]  # (S, N, N)
    miss = np.abs(np.log(np.maximum(height_px, 1.0) / np.maximum(expected, 1.0)))
    votes = np.sum(weight * np.clip(1 - miss / 0.25, 0, None), axis=-1)
    votes = np.where(slopes * image_height_px + bases < 8, 0.0, votes)
    row, column = np.unravel_index(int(votes.argmax()), votes.shape)
    if votes[row, column] < 2.0:
        return None
    return float(slopes[row, 0]), float(bases[row, column])
