"""Frames with labelled boxes of people and ball: the folder layout of ``annotations.json`` beside ``images/``.

Neighbouring frames of a sequence are near-copies, so every split is by sequence. Bench and staff are unlabelled.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.core.vocabulary import ROLES
from analysis.datasets.annotations import read_annotations

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BoxedFrame:
    """One labelled frame.

    Args:
        image_path: picture file.
        sequence: name of its sequence.
        box_rel: (N, 4) people's x0, y0, x1, y1 relative to the image.
        role: (N,) index in ``vocabulary.ROLES``.
        ball_rel: (M, 4) balls' boxes, relative.
    """

    image_path: Path
    sequence: str
    box_rel: FloatArray
    role: NDArray[np.int64]
    ball_rel: FloatArray


def read_boxed_frames(folder: Path) -> list[BoxedFrame]:
    """Every frame of a folder.

    Raises:
        InputProblem: no readable ``annotations.json`` in the folder.
    """
    records = read_annotations(folder, "frames with labelled boxes")
    return [_frame(folder, record) for record in records]


def _frame(folder: Path, record: dict) -> BoxedFrame:
    people = [box for box in record["boxes"] if box["class"] in ROLES]
    balls = [box["box_rel"] for box in record["boxes"] if box["class"] == "ball"]
    return BoxedFrame(
        image_path=folder / record["image"],
        sequence=record["sequence"],
        box_rel=np.array([box["box_rel"] for box in people], dtype=np.float64).reshape(-1, 4),
        role=np.array([ROLES.index(box["class"]) for box in people], dtype=np.int64),
        ball_rel=np.array(balls, dtype=np.float64).reshape(-1, 4),
    )
