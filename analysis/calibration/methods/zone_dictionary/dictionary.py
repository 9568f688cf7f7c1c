"""The dictionary of views: a mixture of Gaussians over camera parameters, one template a mode.

The number of modes is found, not given: it grows until views that were not used for the fit are explained, i.e. have a
template that overlaps them well (the stopping rule of Sha et al. 2020, "End-to-end camera calibration for broadcast
videos"). Each mode also stands mirrored.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sklearn.mixture import GaussianMixture

from analysis.calibration.cameras import homography_of
from analysis.calibration.methods.zone_dictionary.poses import TOLD, PoseSampler, level
from analysis.calibration.methods.zone_dictionary.zones import (
    MAP_SIZE,
    N_CLASSES,
    LabelArray,
    zone_map,
)
from analysis.calibration.virtual_views import mirrored_view
from analysis.core.pitch import STANDARD_PITCH, PitchSpec

FloatArray = NDArray[np.float64]
_COARSE_SIZE = (64, 36)


@dataclass(frozen=True)
class Dictionary:
    """Views of one pitch.

    Args:
        poses: (N, 8) camera vectors.
        pitch: whose zones they show.
    """

    poses: FloatArray
    pitch: PitchSpec = STANDARD_PITCH

    def __len__(self) -> int:
        return len(self.poses)

    @cached_property
    def maps_from_pitch(self) -> FloatArray:
        """(N, 3, 3) homographies onto the zone map."""
        return np.stack([homography_of(pose, MAP_SIZE) for pose in self.poses])

    @cached_property
    def zones(self) -> LabelArray:
        """(N, 144, 256) templates."""
        return np.stack([zone_map(matrix, pitch=self.pitch) for matrix in self.maps_from_pitch])

    @cached_property
    def _coarse(self) -> NDArray[np.float32]:
        return coarse(self.zones)

    def overlaps(self, zones: LabelArray) -> NDArray[np.float32]:
        """(M, N) IoU of zone maps (M, 144, 256) with every template, zones of the pitch taken together, coarsely."""
        return self.overlaps_with(coarse(zones))

    def overlaps_with(self, shares: NDArray[np.float32]) -> NDArray[np.float32]:
        """(M, N) IoU of coarse maps (M, D), 0 to 1 in each cell, with every template."""
        common = shares @ self._coarse.T
        total = shares.sum(axis=1)[:, None] + self._coarse.sum(axis=1)[None]
        return np.asarray(common / np.maximum(total - common, 1e-6))


def coarse(zones: LabelArray) -> NDArray[np.float32]:
    """(M, 3 * 36 * 64) indicator of each zone of the pitch, every fourth cell."""
    width, _ = _COARSE_SIZE
    step = MAP_SIZE[0] // width
    small = zones[:, step // 2 :: step, step // 2 :: step].reshape(len(zones), -1)
    return np.concatenate([small == zone for zone in range(1, N_CLASSES)], axis=1).astype(
        np.float32
    )


def coarse_shares(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """(3 * 36 * 64) mean probability of each zone of the pitch in blocks of four by four, from (4, 144, 256)."""
    width, height = _COARSE_SIZE
    step = MAP_SIZE[0] // width
    blocks = probabilities[1:].reshape(N_CLASSES - 1, height, step, width, step)
    return np.asarray(blocks.mean(axis=(2, 4)).reshape(-1))


@dataclass(frozen=True, slots=True)
class GrowthPlan:
    """How a dictionary grows.

    Args:
        n_poses, n_checks: poses to fit and to explain.
        explained_iou: overlap with the best template from which on a view is explained.
        explained_share: share of the checks at which growing ends.
        first, most: modes of the first trial and at most; each trial has half as many more.
        seed: of the poses and the fit.
    """

    n_poses: int = 6000
    n_checks: int = 600
    explained_iou: float = 0.7
    explained_share: float = 0.9
    first: int = 150
    most: int = 550
    seed: int = 1000


def grown_dictionary(sampler: PoseSampler, plan: GrowthPlan) -> tuple[Dictionary, float]:
    """A dictionary that explains most views, mirrored entries included, and the share it explains."""
    rng = np.random.default_rng(plan.seed)
    poses = np.stack([sampler.draw(rng) for _ in range(plan.n_poses)])[:, TOLD]
    checks = [sampler.draw(rng) for _ in range(plan.n_checks)]
    views = np.stack([zone_map(homography_of(pose, MAP_SIZE)) for pose in checks])
    middle, spread = poses.mean(axis=0), poses.std(axis=0)
    n_modes = plan.first
    while True:
        mixture = GaussianMixture(
            n_modes, covariance_type="diag", init_params="k-means++", max_iter=30, tol=1e-2,
            reg_covar=1e-3, random_state=plan.seed,
        )  # fmt: skip
        mixture.fit((poses - middle) / spread)
        kept = mixture.weights_ > 1 / (10 * plan.n_poses)
        modes = level(mixture.means_[kept] * spread + middle)
        dictionary = Dictionary(np.concatenate([modes, mirrored_view(modes)]))
        best = dictionary.overlaps(views).max(axis=1)
        share = float((best >= plan.explained_iou).mean())
        if share >= plan.explained_share or n_modes >= plan.most:
            return dictionary, share
        n_modes = min(plan.most, n_modes + n_modes // 2)
