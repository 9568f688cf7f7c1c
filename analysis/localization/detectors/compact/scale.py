"""How large the network gets to see a picture: people as tall as those it learned from.

Scouting feeds show people 41 px tall at 1440 px width, close television views twice that. A picture that shows them
larger is worked on smaller: the network finds more of them there, takes fewer legs for people, and costs less.
"""

import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import PitchSpec
from analysis.core.records import Calibration
from analysis.localization.person_size import height_from_calibration

FloatArray = NDArray[np.float64]

# What the network is asked for at first where no calibration speaks. People look 4 to 10 % taller to it there; more is
# taken off, since far people who come out too small are lost, while too large only costs time and some false finds.
GLANCE_PX, GLANCE_TALLER = 640, 1.25
# Fewer people than this say nothing about the picture.
LEAST_PEOPLE = 3
STEP_PX, LEAST_PX = 160, 640


def projected_height(calibration: Calibration, pitch: PitchSpec) -> float | None:
    """Median height of somebody standing on the seen part of the pitch, as a share of the picture's width.

    None where no part of the pitch is seen.
    """
    x = np.linspace(-pitch.length_m / 2, pitch.length_m / 2, 11)
    y = np.linspace(-pitch.width_m / 2, pitch.width_m / 2, 9)
    feet_px = calibration.to_image(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2))
    with np.errstate(invalid="ignore"):
        seen = ((feet_px >= 0) & (feet_px < calibration.image_size_px)).all(axis=1)
    height_px = height_from_calibration(calibration.image_from_pitch, calibration.image_size_px)
    heights = height_px(feet_px[seen])
    heights = heights[np.isfinite(heights)]
    return float(np.median(heights) / calibration.image_size_px[0]) if len(heights) else None


def seen_height(box_px: FloatArray, width_px: int) -> float | None:
    """Median height of boxes (N, 4) found at a glance, as a share of the width; None of too few."""
    if len(box_px) < LEAST_PEOPLE:
        return None
    return float(np.median(box_px[:, 3] - box_px[:, 1]) / width_px / GLANCE_TALLER)


def working_width(height: float | None, person_px: float, most_px: int) -> int:
    """The width at which people of a height (a share of the width) are ``person_px`` tall, in steps of ``STEP_PX``.

    Args:
        height: None or 0 where nothing is known: as wide as allowed.
        person_px: 0 for always as wide as allowed.
        most_px: the greatest width.
    """
    if not height or not person_px:
        return most_px
    steps = round(person_px / height / STEP_PX)
    return min(most_px, max(LEAST_PX, steps * STEP_PX))
