"""Line annotations of the SoccerNet calibration challenge: one JSON a picture, class -> points."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.core.problems import InputProblem

FloatArray = NDArray[np.float64]


def read_line_annotations(
    folder: Path, size: tuple[int, int] = (960, 540)
) -> dict[str, dict[str, FloatArray]]:
    """Stem of each picture -> class -> (N, 2) points in pixels of an image of ``size`` (width, height).

    Shares of 1 are the last pixel, as the challenge scales them. Other JSON files in the folder are passed over.

    Raises:
        InputProblem: no annotation in the folder.
    """
    last = np.array(size, dtype=np.float64) - 1
    found = {}
    for path in sorted(folder.glob("*.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            lines = {
                name: np.array([[point["x"], point["y"]] for point in points]).reshape(-1, 2) * last
                for name, points in content.items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        found[path.stem] = lines
    if not found:
        raise InputProblem(
            "labels_unreadable",
            f"The folder {folder.name!r} holds no line annotations; name one with a JSON file a picture.",
        )
    return found
