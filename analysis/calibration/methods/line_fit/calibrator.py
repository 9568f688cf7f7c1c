"""White lines and a bank of broadcast views: calibration without any trained weights.

For each frame: see grass and lines, rank the bank coarsely, pull the best views (and the last frame's view) onto the
lines, keep the one that explains the picture best in both directions, and say how far to trust it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import homography_of
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

PRIOR_MEAN = np.array([0.0, -80.0, 18.0, 0.0, 0.2, 0.0, 0.6, -0.003])
PRIOR_SIGMA = np.array([8.0, 18.0, 7.0, 9.0, 9.0, 0.012, 2.0, 0.008])


@dataclass(frozen=True, slots=True)
class Settings:
    """How hard to look.

    Args:
        n_candidates: views of the bank that are pulled onto the lines.
        n_finalists: those that are refined to the end.
        min_grass_share: less grass than this share of the picture is no pitch view.
        min_line_points: fewer ridge tops than this say nothing.
    """

    n_candidates: int = 60
    n_finalists: int = 6
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
        best = bank.ranked(field.coarse_distances(40.0), grass, n_best=self.settings.n_candidates)
        starts = bank.vectors[best]
        if last is not None:
            starts = np.concatenate([last[None], starts])
        mean = np.tile(PRIOR_MEAN, (len(starts), 1))
        sigma = np.tile(PRIOR_SIGMA, (len(starts), 1))
        behind_goal = np.abs(starts[:, 0]) > 50
        mean[behind_goal, :2] = starts[behind_goal, :2]
        prior = Prior(mean, sigma)
        pulled = matcher.pull(starts, prior, reach_px=(60.0, 40.0, 25.0))
        judged = [matcher.judge(vector) for vector in pulled]
        order = _distinct(np.argsort([-a.score for a in judged], kind="stable"), pulled)
        order = order[: self.settings.n_finalists]
        prior = Prior(mean[order], sigma[order])
        final = matcher.pull(
            pulled[order], prior, reach_px=(20.0, 14.0, 10.0, 8.0, 6.0, 5.0), weight=1.0
        )
        agreements = [matcher.judge(vector) for vector in final]
        winner = int(np.argmax([a.score for a in agreements]))
        return Solution(final[winner], agreements[winner])


def _distinct(order: NDArray[np.int64], vectors: FloatArray) -> NDArray[np.int64]:
    """The order without views that are all but the same as an earlier one."""
    kept: list[int] = []
    scale = np.array([3.0, 6.0, 3.0, 0.02, 0.02, 0.02, 0.05, 0.02])
    for i in order:
        if all((np.abs(vectors[i] - vectors[j]) > scale).any() for j in kept):
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
