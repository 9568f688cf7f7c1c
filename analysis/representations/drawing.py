"""Pictures of the pitch from above: the only code that draws in pitch space (algorithms C.1 - C.3).

Canvas frame: pixels, origin top-left. The pitch fills the central 95 % of the canvas, its far touch-line on top and its
left goal on the left: u = W (0.95 x / length + 0.5), v = H (0.5 - 0.95 y / width). Published code shifted players and
view against the lines by 2.5 %; here everything shares one map.
"""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from analysis.core import homography
from analysis.core.pitch import PitchSpec

FloatArray = NDArray[np.float64]
ImageArray = NDArray[np.uint8]
MaskArray = NDArray[np.bool_]

FIELD_SHARE = 0.95
# Positions further off than this are mistakes of the calibration, not people (algorithms B.1).
FARTHEST_M = (60.0, 42.0)


@dataclass(frozen=True)
class Canvas:
    """One size of top view.

    Args:
        pitch: its size in metres.
        size_px: (width, height) of the picture.
        line_px: width of the field lines.
        player_px: even side of a player's square.
    """

    pitch: PitchSpec
    size_px: tuple[int, int] = (224, 224)
    line_px: float = 4.0
    player_px: int = 8

    def __post_init__(self) -> None:
        if self.player_px < 2 or self.player_px % 2:
            raise ValueError(
                f"a player's square has an even side of 2 px or more, got {self.player_px}"
            )

    def from_pitch(self, pitch_xy_m: FloatArray) -> FloatArray:
        """Canvas points (N, 2) of pitch positions (N, 2)."""
        share = pitch_xy_m / np.array([self.pitch.length_m, -self.pitch.width_m])
        return np.asarray((FIELD_SHARE * share + 0.5) * np.array(self.size_px))

    @cached_property
    def lines(self) -> MaskArray:
        """(H, W) pixels of the field lines: centres within half a line's width of a mark."""
        marks = [self.from_pitch(points) for points in self.pitch.sampled_marks(0.1).values()]
        distance, _ = cKDTree(np.concatenate(marks)).query(self._pixel_centres)
        width_px, height_px = self.size_px
        return np.asarray((distance <= self.line_px / 2).reshape(height_px, width_px))

    @cached_property
    def _pixel_centres(self) -> FloatArray:
        """(H * W, 2) u, v of all pixel centres."""
        width_px, height_px = self.size_px
        columns, rows = np.meshgrid(np.arange(width_px) + 0.5, np.arange(height_px) + 0.5)
        return np.stack([columns.ravel(), rows.ravel()], axis=1)

    @cached_property
    def _pitch_of_pixels(self) -> tuple[FloatArray, FloatArray]:
        """(1, W) x of the columns' and (H, 1) y of the rows' pixel centres, metres."""
        width_px, height_px = self.size_px
        across = ((np.arange(width_px) + 0.5) / width_px - 0.5) / FIELD_SHARE
        down = ((np.arange(height_px) + 0.5) / height_px - 0.5) / FIELD_SHARE
        return across[None] * self.pitch.length_m, -down[:, None] * self.pitch.width_m

    def visible(self, image_from_pitch: FloatArray, image_size_px: tuple[int, int]) -> MaskArray:
        """(H, W) pixels whose ground the camera sees.

        Every pixel is asked by itself, so a camera that looks above the horizon needs no special case: ground behind it
        has no image. Each edge of the image is a straight line on the ground: five signs a pixel and no division.
        """
        front = homography.facing(image_from_pitch, image_size_px)
        x_m, y_m = self._pitch_of_pixels
        width_px, height_px = image_size_px
        u, v, weight = front
        inside = weight[0] * x_m + (weight[1] * y_m + weight[2]) > 1e-9
        for edge in (u, width_px * weight - u, v, height_px * weight - v):
            inside &= edge[0] * x_m + (edge[1] * y_m + edge[2]) >= 0
        return np.asarray(inside)

    def player_corners(self, pitch_xy_m: FloatArray) -> NDArray[np.int64]:
        """(M, 3) row, column of each square's top-left pixel and the index of its player.

        Players whose square would leave the canvas, and NaN positions, are left out.
        """
        half = self.player_px // 2
        points = self.from_pitch(pitch_xy_m)
        known = np.isfinite(points).all(axis=1)
        corner = np.round(np.where(known[:, None], points, -1e6)).astype(np.int64)[:, ::-1] - half
        limit = np.array(self.size_px[::-1]) - self.player_px
        fits = known & (corner >= 0).all(axis=1) & (corner <= limit).all(axis=1)
        return np.concatenate([corner[fits], np.flatnonzero(fits)[:, None]], axis=1)


def outline(region: MaskArray) -> MaskArray:
    """(H, W) the one-pixel contour of a region; the picture's own edge is no contour."""
    eroded = cv2.erode(
        region.astype(np.uint8),
        np.ones((3, 3), np.uint8),
        borderType=cv2.BORDER_CONSTANT,
        borderValue=1,
    )
    return np.asarray(region & (eroded == 0))


def draw_colour(
    canvas: Canvas, view: MaskArray, pitch_xy_m: FloatArray, colour_rgb: FloatArray
) -> ImageArray:
    """Colour composition (H, W, 3) RGB: lines and the view's contour white, players in their mean colour on top.

    Args:
        canvas: the picture's geometry.
        view: (H, W) from ``Canvas.visible``.
        pitch_xy_m: (N, 2) players.
        colour_rgb: (N, 3) 0..255; players of unknown colour are mid-grey.
    """
    picture = np.zeros((*view.shape, 3), np.uint8)
    picture[canvas.lines | outline(view)] = 255
    side = canvas.player_px
    fill = np.where(np.isfinite(colour_rgb), np.round(np.clip(colour_rgb, 0, 255)), 127).astype(
        np.uint8
    )
    for row, column, player in canvas.player_corners(pitch_xy_m):
        picture[row : row + side, column : column + side] = fill[player]
    return picture


def draw_binary(canvas: Canvas, view: MaskArray, pitch_xy_m: FloatArray) -> ImageArray:
    """Binary channels (H, W, 3), 0 or 255: players, filled view, lines."""
    picture = np.zeros((*view.shape, 3), np.uint8)
    side = canvas.player_px
    for row, column, _ in canvas.player_corners(pitch_xy_m):
        picture[row : row + side, column : column + side, 0] = 255
    picture[view, 1] = 255
    picture[canvas.lines, 2] = 255
    return picture


def plausible(pitch_xy_m: FloatArray) -> MaskArray:
    """(N,) finite positions within ``FARTHEST_M`` of the centre."""
    with np.errstate(invalid="ignore"):
        near = (np.abs(pitch_xy_m) <= np.array(FARTHEST_M)).all(axis=1)
    return np.asarray(near & np.isfinite(pitch_xy_m).all(axis=1))
