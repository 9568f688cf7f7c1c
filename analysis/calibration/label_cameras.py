"""Full cameras for labelled frames: the lens term and the shared place of a sequence clean what a homography blurs."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import camera_from_homography, project_ground, vector_of
from analysis.calibration.refinement import Prior, refine
from analysis.datasets.pitch_keypoints import LABEL_SIZE_PX, LabelledFrame

FloatArray = NDArray[np.float64]
_POINT_SIGMA_PX = 1.5
_MAX_ERROR_PX = 6.0
_ALONE = Prior(
    mean=np.array([0, -65, 17, 0, 0.3, 0, 0.3, 0]),
    sigma=np.array([8, 25, 8, 1.5, 0.5, 0.02, 1.0, 0.02]),
)
_SHARED_SIGMA = np.array([0.7, 0.7, 0.5, 1.5, 0.5, 0.005, 1.0, 0.02])


def label_cameras(frames: Sequence[LabelledFrame]) -> list[FloatArray | None]:
    """One camera vector (8,) a frame, fitted to its labelled points; None where no upright camera explains them.

    Fitted twice: alone, then drawn towards the median place and roll of its sequence, since a tripod stays put.
    """
    first = [_fitted(frame, None) for frame in frames]
    of_sequence: dict[str, list[FloatArray]] = defaultdict(list)
    for frame, vector in zip(frames, first, strict=True):
        if vector is not None and len(frame.points_px) >= 6:
            of_sequence[frame.sequence].append(vector)
    medians = {name: np.median(np.stack(rows), axis=0) for name, rows in of_sequence.items()}
    second = [_fitted(frame, medians.get(frame.sequence)) for frame in frames]
    return [
        vector if vector is not None and error_px(vector, frame) < _MAX_ERROR_PX else None
        for frame, vector in zip(frames, second, strict=True)
    ]


def error_px(vector: FloatArray, frame: LabelledFrame) -> float:
    """Mean distance of a frame's labelled points from the camera's projections, pixels at 1280 wide."""
    projected = project_ground(vector[None], frame.points_xy_m, LABEL_SIZE_PX)[0]
    return float(np.nan_to_num(np.linalg.norm(projected - frame.points_px, axis=1), nan=1e4).mean())


def _fitted(frame: LabelledFrame, median: FloatArray | None) -> FloatArray | None:
    camera = camera_from_homography(frame.image_from_pitch, LABEL_SIZE_PX)
    starts = [vector_of(camera)] if camera is not None else []
    if median is not None:
        starts.append(median)
    if not starts:
        return None
    prior = _ALONE if median is None else Prior(mean=median, sigma=_SHARED_SIGMA)
    # the aim and zoom of a frame are its own: only place, roll and lens are shared
    free = np.array([False, False, False, True, True, False, True, False])
    prior = Prior(mean=prior.mean, sigma=np.where(free, np.inf, prior.sigma))

    def residuals(vectors: FloatArray, owners: NDArray[np.int64]) -> FloatArray:
        projected = project_ground(vectors, frame.points_xy_m, LABEL_SIZE_PX)
        return ((projected - frame.points_px) / _POINT_SIGMA_PX).reshape(len(vectors), -1)

    vectors, cost = refine(np.stack(starts), residuals, prior, n_steps=40, robust_scale=6.0)
    return vectors[int(np.argmin(cost))]
