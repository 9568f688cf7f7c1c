"""What speaks for a fitted camera: numbers that tell a right calibration from a wrong one without knowing the truth."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import N_PARAMETERS, ground_of_pixels, project_ground
from analysis.calibration.methods.pitch_elements.elements import MARKS, ElementGeometry
from analysis.calibration.methods.pitch_elements.fitting import Fit, prior_of, residuals_of
from analysis.calibration.methods.pitch_elements.reading import Frameset, MapArray, Sighting
from analysis.calibration.methods.pitch_elements.residuals import arc_distances, line_distances
from analysis.calibration.refinement import STEPS
from analysis.core.pitch import PitchSpec

FloatArray = NDArray[np.float64]
NEAR_MARK = 5.0 / 1280
NEAR_POINT = 10.0 / 1280
_MAX_DOUBT_PX = 200.0


def evidence_of(
    fit: Fit,
    sighting: Sighting,
    maps: MapArray,
    frameset: Frameset,
    *,
    pitch: PitchSpec,
    elements: ElementGeometry,
    height: float,
) -> Mapping[str, float]:
    """Named agreements.

    Args:
        fit, sighting, maps, frameset: the camera and what it was fitted to.
        pitch, elements: where the marks are.
        height: of the picture in image widths.

    Returns:
        ``explained``: trusted share of sightings that lie near the projection of their mark;
        ``support``: mean map value along the marks that should be in view;
        ``misfit``: log of the robust cost per sighting; ``prior``: log of the prior's share of the cost;
        ``doubt``: log of the expected error of ground positions in view, pixels at 1280 wide;
        ``marks``: number of different marks and key points, capped.
    """
    return {
        "explained": _explained(fit, sighting, elements),
        "support": _support(fit, maps, frameset, pitch=pitch, height=height),
        "misfit": float(np.log(1e-2 + max(fit.cost - fit.prior_cost, 0.0) / 40)),
        "prior": float(np.log1p(fit.prior_cost)),
        "doubt": float(np.log(_expected_error_px(fit, sighting, elements, height=height))),
        "marks": float(min(sighting.n_elements, 14)),
    }


def _explained(fit: Fit, sighting: Sighting, elements: ElementGeometry) -> float:
    vectors = fit.vector[None]
    near, trust = [], []
    if len(sighting.line):
        distance = line_distances(vectors, sighting.line_seen, sighting.line, elements)[0]
        near.append(np.abs(distance) < NEAR_MARK)
        trust.append(sighting.line_trust)
    if len(sighting.arc):
        distance = arc_distances(vectors, sighting.arc_seen, sighting.arc, elements)[0]
        near.append(np.abs(distance) < NEAR_MARK)
        trust.append(sighting.arc_trust)
    if len(sighting.point):
        known = elements.points_xy_m[sighting.point]
        apart = project_ground(vectors, known, (1, 1))[0] - 0.5 - sighting.point_seen
        near.append(np.nan_to_num(np.linalg.norm(apart, axis=1), nan=9.0) < NEAR_POINT)
        trust.append(4 * sighting.point_trust)
    weight = np.concatenate(trust)
    return float(np.concatenate(near) @ weight / max(float(weight.sum()), 1e-9))


def _support(
    fit: Fit, maps: MapArray, frameset: Frameset, *, pitch: PitchSpec, height: float
) -> float:
    """Mean over marks in view of the map's value along them, each mark weighing with the root of its length."""
    _, rows, columns = maps.shape
    total, weight = 0.0, 0.0
    marks = pitch.sampled_marks(1.0)
    for channel, name in enumerate(MARKS):
        seen = project_ground(fit.vector[None], marks[name], (1, 1))[0] - 0.5
        inside = (np.abs(seen[:, 0]) < 0.49) & (np.abs(seen[:, 1]) < height / 2 - 0.01)
        if inside.sum() < 2:
            continue
        cells = np.floor(frameset.cells(seen[inside])).astype(int)
        x, y = np.clip(cells[:, 0], 0, columns - 1), np.clip(cells[:, 1], 0, rows - 1)
        length = np.linalg.norm(np.diff(seen[inside], axis=0), axis=1).sum()
        share = float(np.sqrt(max(length, 1e-4)))
        total += share * float(maps[channel, y, x].mean())
        weight += share
    return total / weight if weight else 0.0


def _expected_error_px(
    fit: Fit, sighting: Sighting, elements: ElementGeometry, *, height: float
) -> float:
    """Standard deviation, in pixels at 1280 wide, of projected ground in view if the sightings err as assumed."""
    residuals = residuals_of(sighting, elements)
    shifted = np.concatenate([fit.vector[None], fit.vector + np.diag(STEPS)])
    value = residuals(shifted, np.zeros(len(shifted), np.int64))
    jacobian = ((value[1:] - value[:1]) / STEPS[:, None]).T
    trusted = 1 / (1 + (value[0] / 3) ** 2) ** 2
    # a mark's points err together: one in four counts
    precision = 0.25 * (jacobian * trusted[:, None]).T @ jacobian + np.diag(
        1 / prior_of(fit.vector[None]).sigma[0] ** 2
    )
    covariance = np.linalg.inv(precision + 1e-9 * np.eye(N_PARAMETERS))
    x, y = np.meshgrid(np.linspace(-0.45, 0.45, 7), np.linspace(-0.45, 0.45, 5) * height)
    pixels = np.column_stack([x.ravel(), y.ravel()]) + 0.5
    ground = ground_of_pixels(fit.vector, pixels, (1, 1))
    ground = ground[np.isfinite(ground).all(axis=1) & (np.abs(ground) < [56, 38]).all(axis=1)]
    if len(ground) < 3:
        return _MAX_DOUBT_PX
    moved = project_ground(shifted, ground, (1, 1))
    change = ((moved[1:] - moved[:1]) / STEPS[:, None, None]).transpose(1, 2, 0)
    variance = np.einsum("pcj,jk,pck->p", change, covariance, change)
    variance = variance[np.isfinite(variance)]
    if not len(variance):
        return _MAX_DOUBT_PX
    return float(np.clip(np.sqrt(variance.mean()) * 1280, 0.3, _MAX_DOUBT_PX))
