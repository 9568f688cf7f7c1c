"""What calibrations say about the kind of camera: whether a view fits the pitch at all, and where it was filmed."""

import numpy as np
from numpy.typing import NDArray

from analysis.core.vocabulary import CAMERAS
from analysis.shots.base import Evidence

FloatArray = NDArray[np.float32]

_MAIN = CAMERAS.index("Main camera center")
_LEFT, _RIGHT = CAMERAS.index("Main camera left"), CAMERAS.index("Main camera right")
_BEHIND = CAMERAS.index("Main behind the goal")
_SURE = 0.5
# In logarithms of odds a sample: a view that fits and one that fits nowhere, a place that says which camera it is.
_FITS, _FITS_NOT, _ELSEWHERE, _PLACE = 0.7, -1.5, -4.0, 1.5
# Where cameras stand, metres: beside the middle of a long side; on that side further to an end; behind a short side.
_BESIDE_M, _MIDDLE_M, _LONG_SIDE_M = 40.0, 20.0, 55.0


def told_by_calibration(evidence: Evidence) -> FloatArray:
    """(N, 13) to be added to the logarithms of the looks; zeros where nothing was calibrated.

    A view that fits from the main stand speaks for the main camera, one that fits nowhere against it, and one that fits
    from another place more so: looks alone take high cameras behind a goal for the main one.
    """
    weight = np.zeros_like(evidence.looks)
    if evidence.calibrated is None:
        return weight
    sure = np.nan_to_num(evidence.calibrated) >= _SURE
    weight[:, _MAIN] = np.where(
        sure, _FITS, np.where(np.isfinite(evidence.calibrated), _FITS_NOT, 0.0)
    )
    if evidence.eye_m is None:
        return weight
    known = sure & np.isfinite(evidence.eye_m).all(1)
    x, y = np.nan_to_num(evidence.eye_m[:, 0]), np.abs(np.nan_to_num(evidence.eye_m[:, 1]))
    beside = y > _BESIDE_M
    weight[known & ~(beside & (np.abs(x) < _MIDDLE_M)), _MAIN] = _ELSEWHERE
    weight[known & beside & (x <= -_MIDDLE_M), _LEFT] = _PLACE
    weight[known & beside & (x >= _MIDDLE_M), _RIGHT] = _PLACE
    weight[known & ~beside & (np.abs(x) > _LONG_SIDE_M), _BEHIND] = _PLACE
    return weight
