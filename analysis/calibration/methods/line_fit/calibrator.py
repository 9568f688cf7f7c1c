"""White lines and a bank of broadcast views: calibration without any trained weights.

For each frame: see grass and lines, rank the bank coarsely, pull the best views (and the last frame's view) onto the
lines, keep the one that explains the picture best in both directions, and say how far to trust it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import LOG_FOCAL, PAN, TILT, Z, homography_of
from analysis.calibration.confidence import probability, status_of
from analysis.calibration.methods.line_fit.bank import bank_for
from analysis.calibration.methods.line_fit.evidence import Evidence, observe
from analysis.calibration.methods.line_fit.matching import Agreement, Matcher, line_field
from analysis.calibration.plausibility import implausible
from analysis.calibration.refinement import Prior
from analysis.core.pitch import PitchSpec
from analysis.core.records import Calibration, Frame

FloatArray = NDArray[np.float64]
METHOD = "line_fit"
GRASS_CELLS = 16

N_COARSE = 1500
# Two views within these differences are one: of the bank (lead to the same optimum), and after refinement.
APART = np.array([6.0, 14.0, 4.5, 0.04, 0.025, 0.1, 0.12, 0.1])
SAME = np.array([3.0, 6.0, 3.0, 0.02, 0.02, 0.02, 0.05, 0.02])
FIRST_REACHES_PX = (60.0, 60.0, 40.0, 40.0, 25.0)
LAST_REACHES_PX = (20.0, 14.0, 10.0, 8.0, 6.0, 5.0)
OTHER_REACHES_PX = (50.0, 40.0, 30.0)
# How much a squared standard deviation from what cameras usually are counts against the agreement.
DOUBT_WEIGHT = 0.006
PRIOR_MEAN = np.array([0.0, -80.0, 18.0, 0.0, 0.2, 0.0, 0.6, 0.0])
PRIOR_SIGMA = np.array([8.0, 18.0, 7.0, 9.0, 9.0, 0.012, 2.0, 0.02])
STIFF_SIGMA = np.array([8.0, 18.0, 7.0, 9.0, 9.0, 0.005, 2.0, 0.002])


@dataclass(frozen=True, slots=True)
class Settings:
    """How hard to look.

    Args:
        n_candidates: views of the bank that are pulled onto the lines.
        n_finalists: those that are refined to the end.
        n_varied: the best of these, tried again from elsewhere.
        min_grass_share: less grass than this share of the picture is no pitch view.
        min_line_points: fewer ridge tops than this say nothing.
    """

    n_candidates: int = 60
    n_finalists: int = 6
    n_varied: int = 2
    min_grass_share: float = 0.15
    min_line_points: int = 150


@dataclass(frozen=True)
class Solution:
    """A refined camera with what speaks for it."""

    vector: FloatArray
    agreement: Agreement


class LineFitCalibrator:
    """See the module head; one instance may serve several streams one after the other."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def calibrate(self, frames: Iterable[Frame], pitch: PitchSpec) -> Iterator[Calibration | None]:
        """One answer a frame, in order; the last frame's view is tried again, but must earn its place."""
        last: FloatArray | None = None
        for frame in frames:
            calibration, last = self._one(frame, pitch, last)
            yield calibration

    def _one(
        self, frame: Frame, pitch: PitchSpec, last: FloatArray | None
    ) -> tuple[Calibration | None, FloatArray | None]:
        evidence = observe(frame.image)
        if (
            evidence is None
            or evidence.grass_share < self.settings.min_grass_share
            or len(evidence.points_px) < self.settings.min_line_points
        ):
            return None, None
        solution = self.solve(evidence, pitch, last)
        if solution is None:
            return None, None
        calibration = _calibration(solution, evidence, frame, pitch)
        keep = calibration is not None and calibration.status == "ok"
        return calibration, solution.vector if keep else None

    def solve(
        self, evidence: Evidence, pitch: PitchSpec, last: FloatArray | None
    ) -> Solution | None:
        """The view that explains the evidence best."""
        field = line_field(evidence)
        matcher = Matcher(field, pitch)
        bank = bank_for(evidence.size_px, pitch)
        grass = cv2.resize(
            evidence.grass.astype(np.float32), bank.grass_size, interpolation=cv2.INTER_AREA
        ).ravel()
        best, cost = bank.ranked(field.coarse_distances(40.0), grass, n_best=N_COARSE)
        cost = cost + matcher.unexplained(bank.vectors[best], reach_px=40.0, n_points=120)
        best = best[np.argsort(cost, kind="stable")]
        starts = bank.vectors[_distinct(best, bank.vectors, APART)[: self.settings.n_candidates]]
        if last is not None:
            starts = np.concatenate([last[None], starts])
        pulled = matcher.pull(starts, _prior(starts, stiff=True), reach_px=FIRST_REACHES_PX)
        finalists = self._best(matcher, pulled)[: self.settings.n_finalists]
        final = matcher.pull(pulled[finalists], _prior(pulled[finalists]), reach_px=LAST_REACHES_PX)
        final = final[self._best(matcher, final)]
        others = around(final[: self.settings.n_varied])
        others = matcher.pull(others, _prior(others, stiff=True), reach_px=OTHER_REACHES_PX)
        others = matcher.pull(others, _prior(others), reach_px=LAST_REACHES_PX)
        final = np.concatenate([final, others])
        winner = final[self._best(matcher, final)[0]]
        return Solution(winner, matcher.judge(winner))

    def _best(self, matcher: Matcher, vectors: FloatArray) -> NDArray[np.int64]:
        """Indices of different views, the best first."""
        doubt = _prior(vectors).distance2(vectors)
        scores = [
            matcher.judge(vector).score - DOUBT_WEIGHT * min(far, 60.0)
            for vector, far in zip(vectors, doubt, strict=True)
        ]
        return _distinct(np.argsort(-np.array(scores), kind="stable"), vectors, SAME)


def _prior(vectors: FloatArray, *, stiff: bool = False) -> Prior:
    """What is known of any broadcast camera; for one behind a goal, that it stays about where it is.

    ``stiff`` holds lens and roll, which would otherwise bend to whatever is paired wrongly while pairs are far apart.
    """
    mean = np.tile(PRIOR_MEAN, (len(vectors), 1))
    behind_goal = np.abs(vectors[:, 0]) > 50
    mean[behind_goal, :2] = vectors[behind_goal, :2]
    sigma = np.where(stiff, STIFF_SIGMA, PRIOR_SIGMA)
    return Prior(mean, np.tile(sigma, (len(vectors), 1)))


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


def _distinct(
    order: NDArray[np.int64], vectors: FloatArray, apart: FloatArray
) -> NDArray[np.int64]:
    """The order without views that are nearer to an earlier one than ``apart`` in all eight numbers."""
    kept: list[int] = []
    for i in order:
        if not kept or (np.abs(vectors[kept] - vectors[i]) > apart).any(axis=1).all():
            kept.append(int(i))
    return np.array(kept, np.int64)


def _calibration(
    solution: Solution, evidence: Evidence, frame: Frame, pitch: PitchSpec
) -> Calibration | None:
    matrix = homography_of(solution.vector, evidence.size_px)
    matrix = np.diag([1 / evidence.scale[0], 1 / evidence.scale[1], 1.0]) @ matrix
    if not np.isfinite(matrix).all() or abs(matrix[2, 2]) < 1e-9:
        return None
    agreement = solution.agreement
    confidence = probability(
        {
            "support": agreement.support,
            "recall": agreement.recall,
            "grass": agreement.grass,
            "elements": min(agreement.n_elements, 6),
        },
        {"support": 10.0, "recall": 4.0, "grass": 10.0, "elements": 0.4},
        bias=-18.5,
    )
    if implausible(matrix / matrix[2, 2], frame.size_px, pitch=pitch) is not None:
        confidence = min(confidence, 0.05)
    return Calibration(matrix, frame.size_px, confidence, status_of(confidence), METHOD)
