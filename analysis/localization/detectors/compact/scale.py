"""How large the network gets to see a picture: people as tall as those it learned from.

Scouting feeds show people 41 px tall at 1440 px width, close television views twice that. A picture that shows them
larger is worked on smaller: the network finds more of them there, takes fewer legs for people, and costs less.
"""

import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import PitchSpec
from analysis.core.records import Calibration

FloatArray = NDArray[np.float64]

PERSON_M = 1.8
# What the network is asked for at first where no calibration speaks. People look 4 to 10 % taller to it there; more is
# taken off, since far people who come out too small are lost, while too large only costs time and some false finds.
GLANCE_PX, GLANCE_TALLER = 640, 1.25
# Fewer people than this say nothing about the picture.
LEAST_PEOPLE = 3
STEP_PX, LEAST_PX = 160, 640


def projected_height(calibration: Calibration, pitch: PitchSpec) -> float | None:
    """Median height of somebody standing on the seen part of the pitch, as a share of the picture's width.

    A metre across the view is as long as one upright (to the cosine of the camera's tilt, which is near one), so the
    homography is enough. None where no part of the pitch is seen.
    """
    width_px, height_px = calibration.image_size_px
    x = np.linspace(-pitch.length_m / 2, pitch.length_m / 2, 11)
    y = np.linspace(-pitch.width_m / 2, pitch.width_m / 2, 9)
    ground = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    at = calibration.to_image(ground)
    # Homographies put what lies behind the camera into the picture, too; ``to_image`` says NaN of it.
    with np.errstate(invalid="ignore"):
        seen = ((at >= 0) & (at < [width_px, height_px])).all(axis=1)
    ground, at = ground[seen], at[seen]
    if not len(at):
        return None
    along, away = ((calibration.to_image(ground + step) - at) / 0.5 for step in 0.5 * np.eye(2))
    across = _longest(along, away)
    across = across[np.isfinite(across)]
    return float(PERSON_M * np.median(across) / width_px) if len(across) else None


def _longest(along: FloatArray, away: FloatArray) -> FloatArray:
    """(N,) the greatest length that a step of one metre in any direction has in the image (greatest singular value)."""
    a, b, c = (along**2).sum(axis=1), (along * away).sum(axis=1), (away**2).sum(axis=1)
    return np.asarray(np.sqrt((a + c) / 2 + np.hypot((a - c) / 2, b)))


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
