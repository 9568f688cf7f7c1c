"""The camera that agrees with what was seen: a coarse bank of broadcast cameras, then robust refinement of the best.

Because every point knows its mark, the cost has no local minima between parallel lines; the bank only has to be near.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import (
    BEND,
    LOG_FOCAL,
    ROLL,
    TILT,
    camera_from_homography,
    project_ground,
    vector_of,
)
from analysis.calibration.methods.pitch_elements.elements import LINES, ElementGeometry
from analysis.calibration.methods.pitch_elements.reading import Sighting
from analysis.calibration.methods.pitch_elements.residuals import arc_distances, line_distances
from analysis.calibration.refinement import Prior, Residuals, refine

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Standard deviations of a fully trusted sighting, in image widths (1.2 and 2 px at 1280 wide).
MARK_SIGMA = 1.2 / 1280
POINT_SIGMA = 2.0 / 1280
# Sightings further off than a few of these count as wrong.
FINE_SCALE = 3.0
NEAR_TOUCH_LINE = LINES.index("touch_near")
_UNIT = (1, 1)

# Where broadcast cameras stand: labelled sequences and World Cup 2014; aim and zoom are free.
BESIDE = Prior(
    mean=np.array([0.0, -68.0, 17.0, 0.0, 0.25, 0.0, 0.4, -0.01]),
    sigma=np.array([10.0, 18.0, 7.0, np.inf, np.inf, 0.012, 1.0, 0.012]),
)
BEHIND_GOAL = Prior(
    mean=np.array([-82.0, 0.0, 14.0, np.pi / 2, 0.25, 0.0, 0.4, -0.01]),
    sigma=np.array([15.0, 12.0, 7.0, np.inf, np.inf, 0.012, 1.0, 0.012]),
)


@dataclass(frozen=True, slots=True)
class Fit:
    """One fitted camera: vector (8,), robust cost, and the prior's share of that cost."""

    vector: FloatArray
    cost: float
    prior_cost: float


def residuals_of(sighting: Sighting, elements: ElementGeometry) -> Residuals:
    """What pulls a camera: all sightings in their standard deviations; M = lines + arcs + 2 * points."""

    def residuals(vectors: FloatArray, owners: IntArray) -> FloatArray:
        parts = []
        if len(sighting.line):
            distance = line_distances(vectors, sighting.line_seen, sighting.line, elements)
            parts.append(distance * (sighting.line_trust / MARK_SIGMA))
        if len(sighting.arc):
            distance = arc_distances(vectors, sighting.arc_seen, sighting.arc, elements)
            parts.append(distance * (sighting.arc_trust / MARK_SIGMA))
        if len(sighting.point):
            known = elements.points_xy_m[sighting.point]
            apart = project_ground(vectors, known, _UNIT) - 0.5 - sighting.point_seen
            apart = np.nan_to_num(apart, nan=10.0) * (sighting.point_trust / POINT_SIGMA)[:, None]
            parts.append(apart.reshape(len(vectors), -1))
        return np.concatenate(parts, axis=1)

    return residuals


def thinned(sighting: Sighting, every: int) -> Sighting:
    """Every n-th point on marks, all key points."""
    return Sighting(
        sighting.line_seen[::every], sighting.line[::every], sighting.line_trust[::every],
        sighting.arc_seen[::every], sighting.arc[::every], sighting.arc_trust[::every],
        sighting.point_seen, sighting.point, sighting.point_trust,
    )  # fmt: skip


@lru_cache(maxsize=1)
def bank() -> FloatArray:
    """(N, 8) cameras as broadcasts have them: places beside the pitch and behind a goal, targets, focal lengths."""
    places = [(0.0, y, -y * slope) for y in (-55.0, -68.0, -88.0) for slope in (0.2, 0.3)]
    beside = [(x, y) for x in np.linspace(-48, 48, 13) for y in (-20.0, -5.0, 10.0, 25.0)]
    rows = [
        _aimed(place, target, focal)
        for place in places
        for target in beside
        for focal in (0.85, 1.3, 2.0, 3.2)
    ]
    behind = [(x, y) for x in (-45.0, -30.0, -10.0) for y in (-24.0, -8.0, 8.0, 24.0)]
    rows += [
        _aimed((-82.0, 0.0, height), target, focal)
        for height in (10.0, 18.0)
        for target in behind
        for focal in (0.8, 1.4, 2.4)
    ]
    return np.array(rows)


def _aimed(
    place: tuple[float, float, float], target: tuple[float, float], focal: float
) -> list[float]:
    x, y, z = place
    away_x, away_y = target[0] - x, target[1] - y
    pan, tilt = np.arctan2(away_x, away_y), np.arctan2(z, np.hypot(away_x, away_y))
    return [x, y, z, pan, tilt, 0.0, float(np.log(focal)), -0.01]


def prior_of(vectors: FloatArray) -> Prior:
    """The prior (C, 8) of each camera (C, 8): behind a goal for those that stand there, else beside the pitch."""
    behind = (np.abs(vectors[:, 1]) < 38) & (np.abs(vectors[:, 0]) > 50)
    mean = np.where(behind[:, None], BEHIND_GOAL.mean, BESIDE.mean)
    sigma = np.where(behind[:, None], BEHIND_GOAL.sigma, BESIDE.sigma)
    return Prior(mean, sigma)


def _can_be(vectors: FloatArray) -> NDArray[np.bool_]:
    """(C,) whether cameras (C, 8) stand above the grass, look down and are upright."""
    return np.asarray(
        (vectors[:, 2] > 3.0)
        & (vectors[:, TILT] > 0.015)
        & (np.abs(vectors[:, ROLL]) < 0.12)
        & (np.abs(vectors[:, LOG_FOCAL] - 0.5) < 1.5)
    )


def linear_start(sighting: Sighting, elements: ElementGeometry) -> FloatArray | None:
    """A camera (8,) from the linear system that key points and points on straight marks pose for pitch_from_image.

    A seen point q on the ground line L says L . (G q) = 0; a seen key point P says P x (G q) = 0: both linear in G.
    """
    rows, weights = [], []
    scale = np.array([1 / 40, 1 / 40])
    for axis in (0, 1):
        chosen = elements.line_axis[sighting.line] == axis
        offset = elements.line_offset_m[sighting.line[chosen]] * scale[axis]
        rows.append(_line_rows(sighting.line_seen[chosen], axis, offset))
        weights.append(sighting.line_trust[chosen])
        known = elements.points_xy_m[sighting.point][:, axis] * scale[axis]
        rows.append(_line_rows(sighting.point_seen, axis, known))
        weights.append(2 * sighting.point_trust)
    system, weight = np.concatenate(rows), np.concatenate(weights)
    if len(system) < 9:
        return None
    for _ in range(3):
        spectrum, axes = np.linalg.svd(system * weight[:, None], full_matrices=False)[1:]
        if spectrum[7] < 1e-4 * spectrum[0]:
            return None
        error = np.abs(system @ axes[8])
        weight = weight / (1 + (error / max(2 * float(np.median(error)), 1e-9)) ** 2)
    pitch_from_image = np.diag([1 / scale[0], 1 / scale[1], 1.0]) @ axes[8].reshape(3, 3)
    if abs(np.linalg.det(pitch_from_image)) < 1e-12:
        return None
    matrix = np.array([[1280, 0, 640], [0, 1280, 360], [0, 0, 1.0]]) @ np.linalg.inv(
        pitch_from_image
    )
    camera = camera_from_homography(matrix, (1280, 720))
    return None if camera is None else _believable(vector_of(camera))


def _line_rows(seen: FloatArray, axis: int, offset: FloatArray) -> FloatArray:
    homogeneous = np.column_stack([seen, np.ones(len(seen))])
    rows = np.zeros((len(seen), 9))
    rows[:, 3 * axis : 3 * axis + 3] = homogeneous
    rows[:, 6:] = -offset[:, None] * homogeneous
    return rows


def _believable(vector: FloatArray) -> FloatArray:
    """Drawn into the range where refinement can work."""
    vector = vector.copy()
    vector[2] = np.clip(vector[2], 4, 50)
    vector[TILT] = np.clip(vector[TILT], 0.03, 1.2)
    vector[ROLL] = np.clip(vector[ROLL], -0.1, 0.1)
    vector[LOG_FOCAL] = np.clip(vector[LOG_FOCAL], np.log(0.5), np.log(8))
    vector[BEND] = -0.01
    return vector


def fit(
    sighting: Sighting, elements: ElementGeometry, *, hints: FloatArray | None = None
) -> Fit | None:
    """The best camera for a sighting; None where too little was seen to tell.

    Args:
        sighting: what the picture showed.
        elements: where the elements are.
        hints: (K, 8) further starts, such as the neighbouring frame's camera.
    """
    n_rows = len(sighting.line) + len(sighting.arc) + 2 * len(sighting.point)
    if n_rows < 8 or sighting.n_elements < 3:
        return None
    few = thinned(sighting, 4)
    coarse = residuals_of(few, elements)
    cameras = bank()
    value = coarse(cameras, np.zeros(len(cameras), np.int64))
    # far starts: sums of capped absolute distances keep the order where squares would be all outliers
    score = np.minimum(np.abs(value), 150.0).mean(axis=1)
    starts = [cameras[_spread(score, cameras, 5)]]
    direct = linear_start(sighting, elements)
    if direct is not None:
        starts.append(direct[None])
    if hints is not None:
        starts.append(hints)
    vectors = np.concatenate(starts)
    candidates = [_pulled(vectors, few, elements, n_best=2)]
    doubted = _without(few, NEAR_TOUCH_LINE)
    if doubted.n_elements >= 4 and len(doubted.line) < len(few.line):
        candidates.append(_pulled(vectors, doubted, elements, n_best=1))
    vectors = np.concatenate(candidates)
    prior = prior_of(vectors)
    weight = _evidence_weight(sighting)
    vectors, cost = refine(
        vectors,
        residuals_of(sighting, elements),
        prior,
        n_steps=10,
        robust_scale=FINE_SCALE,
        evidence_weight=weight,
    )
    judged = _trusted_cost(vectors, sighting, elements) * weight + prior.distance2(vectors)
    winner = int(np.argmin(np.where(_can_be(vectors), judged, judged + 1e6)))
    return Fit(vectors[winner], float(cost[winner]), float(prior.distance2(vectors)[winner]))


def _pulled(
    starts: FloatArray, sighting: Sighting, elements: ElementGeometry, *, n_best: int
) -> FloatArray:
    """The best of the starts after coarse refinement on a thinned sighting."""
    residuals, prior, vectors = residuals_of(sighting, elements), prior_of(starts), starts
    for robust_scale in (40.0, 15.0, 5.0):
        vectors, cost = refine(vectors, residuals, prior, n_steps=7, robust_scale=robust_scale)
    return vectors[np.argsort(np.where(_can_be(vectors), cost, cost + 1e6))[:n_best]]


def _without(sighting: Sighting, line: int) -> Sighting:
    """The sighting as if one straight mark had not been seen: the near touch-line is the one most often imagined."""
    keep = sighting.line != line
    return replace(
        sighting,
        line_seen=sighting.line_seen[keep],
        line=sighting.line[keep],
        line_trust=sighting.line_trust[keep],
    )


def _trusted_cost(vectors: FloatArray, sighting: Sighting, elements: ElementGeometry) -> FloatArray:
    """(C,) robust cost in which a sighting that is given up costs as much as it was trusted."""
    trust = np.concatenate(
        [sighting.line_trust, sighting.arc_trust, np.repeat(sighting.point_trust, 2)]
    )
    owners = np.arange(len(vectors))
    square = (residuals_of(sighting, elements)(vectors, owners) / trust) ** 2
    return np.asarray((trust * square / (1 + square / FINE_SCALE**2)).sum(axis=1))


def _evidence_weight(sighting: Sighting) -> float:
    """Points along one mark repeat each other: a mark counts about as six independent points."""
    n_marks = len(np.unique(sighting.line)) + len(np.unique(sighting.arc))
    n_rows = len(sighting.line) + len(sighting.arc)
    total = n_rows + 2 * len(sighting.point)
    return min(1.0, (6 * n_marks + 2 * len(sighting.point)) / max(total, 1))


def _spread(score: FloatArray, cameras: FloatArray, n_starts: int) -> IntArray:
    """The best cameras that differ in aim or zoom from better ones."""
    chosen: list[int] = []
    for index in np.argsort(score)[:60]:
        apart = [
            np.abs((cameras[index] - cameras[other])[[3, 4, 6]] / [0.12, 0.06, 0.3]).max()
            for other in chosen
        ]
        if not apart or min(apart) > 1:
            chosen.append(int(index))
        if len(chosen) == n_starts:
            break
    return np.array(chosen)
