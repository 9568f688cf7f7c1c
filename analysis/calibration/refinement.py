"""Robust non-linear least squares over camera vectors, many cameras side by side.

A caller says what it measures by a residual function in standard deviations (points, lines, distances to
edges); this brick moves the eight numbers of ``calibration.cameras`` until a robust sum of squares plus a prior is low.
Levenberg-Marquardt with a numeric Jacobian: all perturbed cameras of all candidates are evaluated by one call.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import N_PARAMETERS

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

#: (vectors (N, 8), owner (N,) index of the candidate each belongs to) -> residuals (N, M), NaN where unseen.
Residuals = Callable[[FloatArray, IntArray], FloatArray]

STEPS = np.array([0.02, 0.02, 0.02, 2e-5, 2e-5, 2e-5, 5e-5, 2e-5])


@dataclass(frozen=True)
class Prior:
    """A Gaussian over camera vectors.

    Args:
        mean: (8,) or (C, 8), one per candidate.
        sigma: (8,) or (C, 8), standard deviations; a tiny one holds a parameter fast, inf leaves it free.
    """

    mean: FloatArray
    sigma: FloatArray

    def distance2(self, vectors: FloatArray) -> FloatArray:
        """(C,) squared Mahalanobis distances of vectors (C, 8)."""
        return np.asarray((((vectors - self.mean) / self.sigma) ** 2).sum(axis=-1))


def refine(
    vectors: FloatArray,
    residuals: Residuals,
    prior: Prior,
    *,
    n_steps: int = 12,
    robust_scale: float = 2.0,
    evidence_weight: float = 1.0,
    n_nominal: int | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Move cameras to the nearest optimum.

    The cost of a camera is ``evidence_weight * n_nominal * mean(rho(r)) + prior``, with the Geman-McClure function
    ``rho(r) = r^2 / (1 + (r / robust_scale)^2)``; the mean runs over what is seen, so that looking away gains nothing.

    Args:
        vectors: (C, 8) starts.
        residuals: see ``Residuals``; M columns.
        prior: its pull; where the residuals say nothing, the camera stays plausible.
        n_steps: trials of the damped Gauss-Newton step, accepted or not.
        robust_scale: residuals well beyond it count as outliers.
        evidence_weight: below 1 where neighbouring residuals repeat each other.
        n_nominal: residuals that the evidence counts for, M unless told: more where a caller left out the unseen ones.

    Returns:
        (C, 8) refined vectors and (C,) costs.
    """
    vectors = np.array(vectors, dtype=np.float64, ndmin=2)
    n_cameras = len(vectors)
    owners = np.arange(n_cameras)
    scale2 = robust_scale**2
    damping = np.full(n_cameras, 1e-2)
    precision = np.broadcast_to(1.0 / prior.sigma**2, vectors.shape)
    base = residuals(vectors, owners)
    evidence = evidence_weight * (base.shape[1] if n_nominal is None else n_nominal)
    cost = _cost(base, scale2, evidence) + prior.distance2(vectors)
    for _ in range(n_steps):
        normal, gradient = _normal_equations(
            vectors, base, residuals, scale2=scale2, evidence=evidence
        )
        diagonal = np.arange(N_PARAMETERS)
        gradient = gradient + precision * (vectors - prior.mean)
        normal[:, diagonal, diagonal] += precision
        normal[:, diagonal, diagonal] *= 1 + damping[:, None]
        normal[:, diagonal, diagonal] += 1e-9
        trial = vectors - np.linalg.solve(normal, gradient[:, :, None])[:, :, 0]
        seen = residuals(trial, owners)
        trial_cost = _cost(seen, scale2, evidence) + prior.distance2(trial)
        better = trial_cost < cost
        gain = np.where(better, cost - trial_cost, 0.0)
        vectors[better], base[better], cost[better] = (
            trial[better],
            seen[better],
            trial_cost[better],
        )
        damping = np.clip(np.where(better, damping * 0.3, damping * 6), 1e-6, 1e4)
        if not (gain > 1e-5 * cost).any() and not (~better & (damping < 10)).any():
            break
    return vectors, cost


def _cost(residual: FloatArray, scale2: float, evidence: float) -> FloatArray:
    known = np.isfinite(residual)
    square = np.where(known, residual, 0.0) ** 2
    n_seen = known.sum(axis=1)
    total = (square / (1 + square / scale2)).sum(axis=1)
    mean = np.where(n_seen > 0, total / np.maximum(n_seen, 1), scale2)
    return np.asarray(evidence * mean)


def _normal_equations(
    vectors: FloatArray,
    base: FloatArray,
    residuals: Residuals,
    *,
    scale2: float,
    evidence: float,
) -> tuple[FloatArray, FloatArray]:
    """Gauss-Newton matrix (C, 8, 8) and gradient (C, 8), robustly weighted."""
    n_cameras, n_residuals = base.shape
    shifted = vectors[:, None] + np.eye(N_PARAMETERS) * STEPS
    owners = np.repeat(np.arange(n_cameras), N_PARAMETERS)
    moved = residuals(shifted.reshape(-1, N_PARAMETERS), owners)
    jacobian = (moved.reshape(n_cameras, N_PARAMETERS, n_residuals) - base[:, None]) / STEPS[
        :, None
    ]
    known = np.isfinite(jacobian).all(axis=1) & np.isfinite(base)
    jacobian = np.where(known[:, None], jacobian, 0.0)
    residual = np.where(known, base, 0.0)
    share = evidence / np.maximum(known.sum(axis=1), 1)
    weight = share[:, None] * known / (1 + residual**2 / scale2) ** 2
    weighted = jacobian * weight[:, None]
    normal = np.matmul(weighted, jacobian.transpose(0, 2, 1))
    return normal, np.einsum("cpm,cm->cp", weighted, residual)
