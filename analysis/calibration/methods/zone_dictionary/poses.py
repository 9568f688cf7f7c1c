"""Camera poses without end: where operators point cameras, and where real ones were seen to point.

Encoder, refiner and dictionary learn from poses alone; their zone maps are drawn, not filmed.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import (
    BEND,
    LOG_FOCAL,
    PAN,
    ROLL,
    TILT,
    camera_from_homography,
    homography_of,
    vector_of,
)
from analysis.calibration.methods.zone_dictionary.zones import MAP_SIZE, zone_map
from analysis.calibration.virtual_views import mirrored_view
from analysis.datasets.camera_poses import POSE_SIZE_PX, read_camera_poses
from analysis.synthetic.viewpoints import draw_stand, draw_view

FloatArray = NDArray[np.float64]
KINDS = {"main": 0.6, "scouting": 0.3, "tactical": 0.1}
POSES_FOLDER = "camera_poses"
_JITTER = np.array([1.5, 4.0, 1.5, 0.04, 0.012, 0.01, 0.12, 0.0])
_MEASURED_SHARE = 0.35
_LEAST_FIELD = 0.2


class PoseSampler:
    """Draws camera vectors (8,) without lens term that look at the pitch.

    Args:
        measured: (N, 8) real cameras, drawn again with jitter; may be empty.
    """

    def __init__(self, measured: FloatArray | None = None) -> None:
        self.measured = np.zeros((0, 8)) if measured is None else measured

    def draw(self, rng: np.random.Generator) -> FloatArray:
        """One pose; a mirrored one half of the time."""
        for _ in range(20):
            pose = self._any(rng)
            if (zone_map(homography_of(pose, MAP_SIZE)) > 0).mean() > _LEAST_FIELD:
                break
        return mirrored_view(pose) if rng.random() < 0.5 else pose

    def _any(self, rng: np.random.Generator) -> FloatArray:
        if len(self.measured) and rng.random() < _MEASURED_SHARE:
            return np.asarray(
                self.measured[rng.integers(len(self.measured))] + rng.normal(0, _JITTER)
            )
        ball = np.array([rng.uniform(-50, 50), rng.uniform(-32, 32)])
        pose = vector_of(draw_view(rng, draw_stand(rng, KINDS), ball, MAP_SIZE))
        pose[BEND] = 0.0
        return pose


def measured_poses(data: Path | None) -> FloatArray:
    """(N, 8) cameras of ``camera_poses`` in or beside a folder of labelled frames; none where it is absent."""
    for folder in [] if data is None else [data / POSES_FOLDER, data.parent / POSES_FOLDER]:
        if folder.is_dir():
            found = [camera_from_homography(h, POSE_SIZE_PX) for h in read_camera_poses(folder)]
            return np.stack([vector_of(camera) for camera in found if camera is not None])
    return np.zeros((0, 8))


#: What a dictionary entry tells of a camera; roll and lens are zero (A template is level).
TOLD = [0, 1, 2, LOG_FOCAL, PAN, TILT]


def level(told: FloatArray) -> FloatArray:
    """(N, 8) cameras of told parameters (N, 6), without roll and lens."""
    poses = np.zeros((len(told), 8))
    poses[:, TOLD] = told
    poses[:, ROLL] = 0.0
    return poses
