"""Real camera views of World Cup 2014: ``wc14_train_val.mat`` of SCCvSD (Chen and Little 2019), homographies only.

The file maps a template of 115 x 74 yards, origin at the far left corner and y towards the main camera, to pixels of
1280 x 720 pictures.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.core.homography import normalised
from analysis.core.problems import InputProblem

FloatArray = NDArray[np.float64]

FILE_NAME = "wc14_train_val.mat"
POSE_SIZE_PX = (1280, 720)
_YARD_M = 0.9144
_TEMPLATE_YARDS = (115.0, 74.0)


def read_camera_poses(folder: Path) -> FloatArray:
    """(N, 3, 3) ``image_from_pitch`` of every view, to pixels of a 1280 x 720 picture.

    Raises:
        InputProblem: no readable file in the folder.
    """
    from scipy.io import loadmat

    try:
        rows = loadmat(folder / FILE_NAME)["annotation"][0]
        yards = [np.asarray(row["homography"], dtype=np.float64).reshape(3, 3) for row in rows]
    except (OSError, KeyError, ValueError, TypeError, IndexError) as error:
        raise InputProblem(
            "poses_unreadable", f"{folder} has no readable {FILE_NAME}: name the folder that has."
        ) from error
    yards_from_pitch = np.array(
        [
            [1 / _YARD_M, 0, _TEMPLATE_YARDS[0] / 2],
            [0, -1 / _YARD_M, _TEMPLATE_YARDS[1] / 2],
            [0, 0, 1.0],
        ]
    )
    return np.stack([normalised(matrix @ yards_from_pitch) for matrix in yards])
