"""The marks of the pitch drawn over a picture: the way to see whether a calibration is right."""

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import STANDARD_PITCH, PitchSpec
from analysis.core.records import Calibration

ImageArray = NDArray[np.uint8]
STATE_COLOURS_RGB = {"ok": (255, 40, 40), "weak": (255, 190, 0), "refused": (130, 130, 130)}
_SUBPIXEL_BITS = 4


def draw_marks(
    image: ImageArray,
    calibration: Calibration | None,
    *,
    pitch: PitchSpec = STANDARD_PITCH,
    thickness_px: int | None = None,
) -> ImageArray:
    """A copy of an RGB image (H, W, 3) with every mark in view and, in the corner, state and confidence."""
    canvas = np.ascontiguousarray(image).copy()
    height_px, width_px = canvas.shape[:2]
    thickness = thickness_px or max(1, round(width_px / 960))
    if calibration is None:
        _label(canvas, "no calibration", STATE_COLOURS_RGB["refused"])
        return canvas
    shown = calibration.at_size((width_px, height_px))
    colour = STATE_COLOURS_RGB[calibration.status]
    for points in pitch.sampled_marks(step_m=0.5).values():
        for piece in _pieces_in_view(shown.to_image(points), width_px, height_px):
            fixed = np.round(piece * 2**_SUBPIXEL_BITS).astype(np.int32).reshape(-1, 1, 2)
            cv2.polylines(
                canvas,
                [fixed],
                isClosed=False,
                color=colour,
                thickness=thickness,
                lineType=cv2.LINE_AA,
                shift=_SUBPIXEL_BITS,
            )
    _label(canvas, f"{calibration.status} {calibration.confidence:.2f}", colour)
    return canvas


def _pieces_in_view(
    points_px: NDArray[np.float64], width_px: int, height_px: int
) -> list[NDArray[np.float64]]:
    """Runs of consecutive points near the image; far ones would overflow the drawing routine."""
    reach = np.array([width_px, height_px])
    with np.errstate(invalid="ignore"):
        near = ((points_px > -reach) & (points_px < 2 * reach)).all(axis=1)
    ends = np.flatnonzero(np.diff(near.astype(int))) + 1
    runs = np.split(np.arange(len(points_px)), ends)
    return [points_px[run] for run in runs if near[run[0]] and len(run) > 1]


def _label(canvas: ImageArray, words: str, colour: tuple[int, int, int]) -> None:
    size = canvas.shape[1] / 1280
    origin = (int(12 * size), canvas.shape[0] - int(14 * size))
    for thickness, shade in (
        (max(2, round(4 * size)), (0, 0, 0)),
        (max(1, round(2 * size)), colour),
    ):
        cv2.putText(
            canvas,
            words,
            origin,
            cv2.FONT_HERSHEY_SIMPLEX,
            0.8 * size,
            shade,
            thickness,
            cv2.LINE_AA,
        )
