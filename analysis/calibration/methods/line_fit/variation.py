"""Views near views: elsewhere on the same ground, turned on the same tripod, scattered, and which of many differ."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import LOG_FOCAL, PAN, TILT, X, Y, Z
from analysis.core.pitch import PitchSpec

FloatArray = NDArray[np.float64]
_ROUNDS = 4
_OFFSPRING = 5
_SURVIVORS = 200
_SHRINK = 0.8
_SHOWN_M = (22.0, 110.0)


def around(vectors: FloatArray) -> FloatArray:
    """(C * 6, 8) views of the same ground from elsewhere: nearer, further away, from the left and from the right.

    These are the flattest valleys of the cost. The focal length follows the distance, the pan follows the shift.
    """
    moved = []
    for vector in vectors:
        distance = vector[Z] / np.tan(max(vector[TILT], 0.05))
        ahead = np.array([np.sin(vector[PAN]), np.cos(vector[PAN])]) * distance
        aim = vector[:2] + ahead
        for factor, shift_m in (
            (0.7, 0.0),
            (0.84, 0.0),
            (1.2, 0.0),
            (1.4, 0.0),
            (1.0, -7.0),
            (1.0, 7.0),
        ):
            other = vector.copy()
            other[:2] = aim - ahead * factor + [shift_m, 0.0]
            other[Z] *= factor
            other[LOG_FOCAL] += np.log(factor)
            other[PAN] = np.arctan2(aim[0] - other[0], aim[1] - other[1])
            moved.append(other)
    return np.array(moved).reshape(-1, vectors.shape[1])


def turned(last: FloatArray) -> FloatArray:
    """(325, 8) views of the same camera, turned by up to half a picture and zoomed a little either way."""
    width = np.exp(-last[LOG_FOCAL])
    pans, tilts, zooms = np.meshgrid(
        np.arange(-6, 7) * 0.075 * width,
        np.arange(-2, 3) * 0.05 * width,
        np.log([0.8, 0.9, 1.0, 1.1, 1.25]),
        indexing="ij",
    )
    views = np.tile(last, (pans.size, 1))
    views[:, PAN] += pans.ravel()
    views[:, TILT] += tilts.ravel()
    views[:, LOG_FOCAL] += zooms.ravel()
    return views


def swept(anchor: FloatArray, pitch: PitchSpec) -> FloatArray:
    """(735, 8) views of the anchor's camera over the whole pitch: aimed at a grid of places, from wide to narrow."""
    half_length, half_width = pitch.length_m / 2, pitch.width_m / 2
    aims_x, aims_y, shown_m = np.meshgrid(
        np.linspace(-half_length, half_length, 15),
        np.linspace(-half_width, half_width, 7),
        np.geomspace(*_SHOWN_M, 7),
        indexing="ij",
    )
    toward_x, toward_y = aims_x.ravel() - anchor[X], aims_y.ravel() - anchor[Y]
    flat = np.hypot(toward_x, toward_y)
    views = np.tile(anchor, (len(flat), 1))
    views[:, PAN] = np.arctan2(toward_x, toward_y)
    views[:, TILT] = np.arctan2(anchor[Z], flat)
    views[:, LOG_FOCAL] = np.log(np.hypot(flat, anchor[Z]) / shown_m.ravel())
    return views


def distinct(
    order: NDArray[np.int64], vectors: FloatArray, apart: FloatArray, *, n_most: int = 1000
) -> NDArray[np.int64]:
    """The first of the order, without views nearer to an earlier one than ``apart`` in all eight numbers."""
    kept: list[int] = []
    for i in order:
        if len(kept) == n_most:
            break
        if not kept or (np.abs(vectors[kept] - vectors[i]) > apart).any(axis=1).all():
            kept.append(int(i))
    return np.array(kept, np.int64)


def scattered(
    vectors: FloatArray, n_each: int, rng: np.random.Generator, *, size: float
) -> FloatArray:
    """(N * n_each, 8) random views near each view: turned, zoomed, and moved along and across the line of sight.

    Args:
        vectors: (N, 8).
        n_each: copies of each.
        rng: chance.
        size: 1 turns by about a tenth of a picture and zooms and moves by about an eighth; others in proportion.
    """
    views = np.repeat(vectors, n_each, axis=0)
    n_views = len(views)
    width = np.exp(-views[:, LOG_FOCAL])
    views[:, PAN] += rng.normal(0, 0.1 * size, n_views) * width
    views[:, TILT] += rng.normal(0, 0.05 * size, n_views) * width
    factor = np.exp(rng.normal(0, 0.12 * size, n_views))
    distance = views[:, Z] / np.tan(np.maximum(views[:, TILT], 0.05))
    ahead = np.stack([np.sin(views[:, PAN]), np.cos(views[:, PAN])], axis=1) * distance[:, None]
    aim = views[:, :2] + ahead
    views[:, :2] = aim - ahead * factor[:, None]
    views[:, 0] += rng.normal(0, 3.0 * size, n_views)
    views[:, PAN] = np.arctan2(aim[:, 0] - views[:, 0], aim[:, 1] - views[:, 1])
    views[:, Z] *= factor
    views[:, LOG_FOCAL] += np.log(factor) + rng.normal(0, 0.12 * size, n_views)
    return views


def evolved(
    views: FloatArray, cost: Callable[[FloatArray, float], FloatArray], apart: FloatArray, seed: int
) -> FloatArray:
    """(up to 200, 8) views bred from views (N, 8): scattered, ranked by cost, the best different ones scattered again.

    Args:
        views: to begin with.
        cost: (M, 8) views and a reach in working pixels that shrinks from round to round -> (M,).
        apart: (8,) differences within which two views count as one.
        seed: of the scattering.
    """
    rng = np.random.default_rng(seed)
    for number in range(_ROUNDS):
        size = _SHRINK**number
        views = np.concatenate([views, scattered(views, _OFFSPRING, rng, size=size)])
        order = np.argsort(cost(views, 40.0 - 6.0 * number), kind="stable")
        kept = distinct(order[: 5 * _SURVIVORS], views, 0.35 * size * apart, n_most=_SURVIVORS)
        views = views[kept]
    return views
