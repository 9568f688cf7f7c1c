"""What a coach draws on a frozen picture: arrows, circles, zones, connected players with their distance, and titles.

Points are shares of the picture (0..1 from its top left corner), so that a drawing fits a picture of any size.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

ImageArray = NDArray[np.uint8]
KINDS = ("arrow", "circle", "zone", "connect")
MAX_POINTS = 24
_FONT: list[cv2.FontFace] = []


@dataclass(frozen=True, slots=True)
class Shape:
    """One mark.

    Args:
        kind: of KINDS.
        points: (x, y) shares of the picture; an arrow and a connection have 2, a circle its centre and a point on its
            rim, a zone 3 or more corners.
        colour_rgb: of the mark.
        text: beside it, such as ``12.4 m``.
    """

    kind: str
    points: tuple[tuple[float, float], ...]
    colour_rgb: tuple[int, int, int] = (255, 225, 60)
    text: str = ""


def drawn(image: ImageArray, shapes: Sequence[Shape]) -> ImageArray:
    """A copy of a picture (H, W, 3) with shapes on it."""
    canvas = np.ascontiguousarray(image.copy())
    height_px, width_px = canvas.shape[:2]
    thick = max(2, round(height_px / 180))
    for shape in shapes:
        points = [(round(x * width_px), round(y * height_px)) for x, y in shape.points]
        _DRAW[shape.kind](canvas, points, shape.colour_rgb, thick)
        if shape.text:
            (x0, y0), (x1, y1) = points[0], points[-1]
            put_text(
                canvas, shape.text, ((x0 + x1) // 2, (y0 + y1) // 2 - 2 * thick), height_px // 24
            )
    return canvas


def _arrow(
    canvas: ImageArray, points: list[tuple[int, int]], colour: tuple[int, ...], thick: int
) -> None:
    cv2.arrowedLine(canvas, points[0], points[1], colour, thick, cv2.LINE_AA, tipLength=0.18)


def _circle(
    canvas: ImageArray, points: list[tuple[int, int]], colour: tuple[int, ...], thick: int
) -> None:
    # Flat, as a ring on the grass looks from the stand.
    radius = max(
        3, round(float(np.hypot(points[1][0] - points[0][0], points[1][1] - points[0][1])))
    )
    axes = (radius, max(2, round(radius * 0.42)))
    cv2.ellipse(canvas, points[0], axes, 0, 0, 360, colour, thick, cv2.LINE_AA)


def _zone(
    canvas: ImageArray, points: list[tuple[int, int]], colour: tuple[int, ...], thick: int
) -> None:
    corners = np.array(points, dtype=np.int32)
    filled = canvas.copy()
    cv2.fillPoly(filled, [corners], colour, cv2.LINE_AA)
    cv2.addWeighted(filled, 0.35, canvas, 0.65, 0, canvas)
    cv2.polylines(canvas, [corners], isClosed=True, color=colour, thickness=max(1, thick // 2))


def _connect(
    canvas: ImageArray, points: list[tuple[int, int]], colour: tuple[int, ...], thick: int
) -> None:
    cv2.line(canvas, points[0], points[1], colour, thick, cv2.LINE_AA)
    for point in points:
        cv2.ellipse(canvas, point, (5 * thick, 2 * thick), 0, 0, 360, colour, thick, cv2.LINE_AA)


_DRAW = {"arrow": _arrow, "circle": _circle, "zone": _zone, "connect": _connect}


def put_text(canvas: ImageArray, text: str, at_px: tuple[int, int], height_px: int) -> None:
    """Write white letters with a dark edge into a picture, from a point on their base line; any alphabet."""
    if not _FONT:
        _FONT.append(cv2.FontFace("sans"))
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1), (1, 1)):
        cv2.putText(
            canvas, text, (at_px[0] + dx, at_px[1] + dy), (10, 20, 14), _FONT[0], height_px, 600
        )
    cv2.putText(canvas, text, at_px, (255, 255, 255), _FONT[0], height_px, 600)


def titled(image: ImageArray, title: str) -> ImageArray:
    """A copy of a picture (H, W, 3) with a band at its foot that carries a title."""
    canvas = np.ascontiguousarray(image.copy())
    height_px, width_px = canvas.shape[:2]
    band = max(24, height_px // 11)
    canvas[-band:] = (canvas[-band:] * 0.35).astype(np.uint8)
    fits = max(8, int(width_px / (band * 0.28)))
    put_text(canvas, title[:fits], (band // 2, height_px - band // 3), max(10, band // 2))
    return canvas
