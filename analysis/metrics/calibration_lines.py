"""Calibrations as the lines of the SoccerNet calibration challenge: what a map says of each named mark."""

import numpy as np
from numpy.typing import NDArray

from analysis.core.homography import facing, project, rescaled
from analysis.core.pitch import STANDARD_PITCH, PitchSpec
from analysis.metrics.calibration import CHALLENGE_SIZE, Polylines, Size, clipped_polyline

FloatArray = NDArray[np.float64]

LINE_STEP_M, CIRCLE_STEP_M = 0.9, 0.2
#: Our marks by the challenge's names. Goal frames stand above the ground: a map of the ground says nothing of them.
CHALLENGE_NAMES = {
    "touch_near": "Side line bottom",
    "touch_far": "Side line top",
    "halfway": "Middle line",
    "centre_circle": "Circle central",
    **{
        ours.format(side=side): theirs.format(side=side)
        for side in ("left", "right")
        for ours, theirs in (
            ("goal_line_{side}", "Side line {side}"),
            ("penalty_area_{side}_front", "Big rect. {side} main"),
            ("penalty_area_{side}_near", "Big rect. {side} bottom"),
            ("penalty_area_{side}_far", "Big rect. {side} top"),
            ("goal_area_{side}_front", "Small rect. {side} main"),
            ("goal_area_{side}_near", "Small rect. {side} bottom"),
            ("goal_area_{side}_far", "Small rect. {side} top"),
            ("arc_{side}", "Circle {side}"),
        )
    },
}


def predicted_polylines(
    image_from_pitch: FloatArray,
    image_size_px: Size,
    *,
    pitch: PitchSpec = STANDARD_PITCH,
    size: Size = CHALLENGE_SIZE,
) -> Polylines:
    """Each mark in view by the challenge's name: (N, 2) pixels of an image of ``size``, 960 x 540 unless told.

    Args:
        image_from_pitch: (3, 3), to pixels of an image of ``image_size_px``.
        image_size_px: (width, height).
        pitch: where the marks are.
        size: (width, height) the polylines speak of.
    """
    front = facing(rescaled(np.asarray(image_from_pitch), image_size_px, size), size)
    straight, round_marks = pitch.sampled_marks(LINE_STEP_M), pitch.sampled_marks(CIRCLE_STEP_M)
    found = {}
    for ours, theirs in CHALLENGE_NAMES.items():
        points_m = (round_marks if ours in pitch.arcs else straight)[ours]
        points_px = clipped_polyline(project(front, points_m), size)
        if len(points_px):
            found[theirs] = points_px
    return found
