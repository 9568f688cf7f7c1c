"""Where the grass is: a colour model that adapts to each frame, and the region of the image that is the field.

Image frame throughout. The hue histogram of the frame's lower three quarters has its peak at the grass; a band round
the peak is grass (algorithms B.1). The field is the large closed region of it, cut to the projected pitch where a
calibration is known.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core import homography
from analysis.core.pitch import LINE_WIDTH_M, PitchSpec
from analysis.core.records import Calibration

ImageArray = NDArray[np.uint8]
MaskArray = NDArray[np.bool_]

# Hues (OpenCV: 0..179) that grass takes under sun, floodlight and poor white balance.
GREEN_HUES = (22, 95)
# Less than this share of the frame is no view of a pitch: close-ups, crowd, snow, indoor halls with other floors.
LEAST_FIELD_SHARE = 0.08


@dataclass(frozen=True, slots=True)
class GrassModel:
    """Hue band and floors of saturation and value (OpenCV HSV units) of one frame's grass."""

    hue_low: int
    hue_high: int
    saturation_floor: int
    value_floor: int

    def mask(self, image_hsv: ImageArray) -> MaskArray:
        """(H, W) whether a pixel (HSV) looks like grass."""
        low = (self.hue_low, self.saturation_floor, self.value_floor)
        return cv2.inRange(image_hsv, low, (self.hue_high, 255, 255)) > 0


def fit_grass(image_hsv: ImageArray) -> GrassModel | None:
    """Grass colours of one frame (HSV, small is enough); None when too little of it is green."""
    lower = image_hsv[image_hsv.shape[0] // 4 :].reshape(-1, 3)
    hue, saturation, value = lower[:, 0], lower[:, 1], lower[:, 2]
    green = (hue >= GREEN_HUES[0]) & (hue <= GREEN_HUES[1]) & (saturation > 35) & (value > 22)
    if green.mean() < LEAST_FIELD_SHARE:
        return None
    counts = np.bincount(hue[green], minlength=180).astype(np.float64)
    smooth = np.convolve(counts, np.ones(5) / 5, "same")
    peak = int(smooth.argmax())
    near = green & (np.abs(hue.astype(int) - peak) <= 12)
    spread = max(2.0, float(hue[near].std()))
    reach = int(np.clip(3.5 * spread, 8, 16))
    return GrassModel(
        hue_low=max(GREEN_HUES[0] - 4, peak - reach),
        hue_high=peak + reach,
        saturation_floor=int(max(28, 0.55 * np.median(saturation[near]))),
        value_floor=int(max(15, 0.3 * np.median(value[near]))),
    )


def field_region(grass: MaskArray, *, fill_px: int) -> MaskArray:
    """The field from a grass mask: its largest region, gaps up to ``fill_px`` (people, marks) and all holes filled."""
    raw = grass.astype(np.uint8)
    raw = cv2.morphologyEx(raw, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    pad = 2 * fill_px + 1
    padded = cv2.copyMakeBorder(raw, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, np.ones((fill_px, fill_px), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((2 * fill_px,) * 2, np.uint8))
    opened = opened[pad:-pad, pad:-pad]
    n_regions, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    if n_regions < 2:
        return np.zeros_like(grass)
    best = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    return _without_holes((labels == best).astype(np.uint8))


def _without_holes(region: NDArray[np.uint8]) -> MaskArray:
    contours, _ = cv2.findContours(region, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros_like(region)
    cv2.drawContours(filled, contours, -1, 1, cv2.FILLED)
    return filled > 0


def projected_pitch(
    calibration: Calibration, pitch: PitchSpec, size_px: tuple[int, int], *, margin_m: float
) -> MaskArray:
    """(H, W) of an image of ``size_px``: pixels whose ground point lies on the pitch grown by ``margin_m``."""
    step = 8
    width_px, height_px = size_px
    columns, rows = np.arange(0, width_px + step, step), np.arange(0, height_px + step, step)
    grid = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2).astype(np.float64)
    matrix = homography.rescaled(calibration.image_from_pitch, calibration.image_size_px, size_px)
    ground = homography.ground_from_image(matrix, grid, size_px)
    reach = np.array([pitch.length_m / 2 + margin_m, pitch.width_m / 2 + margin_m])
    # Signed distance inside the grown pitch, interpolated between grid points: smooth edges from a coarse grid.
    inside = np.min(reach - np.abs(ground), axis=1)
    inside = np.nan_to_num(np.clip(inside, -50.0, 50.0), nan=-50.0)
    coarse = inside.reshape(len(rows), len(columns)).astype(np.float32)
    full = cv2.resize(
        coarse, (len(columns) * step, len(rows) * step), interpolation=cv2.INTER_LINEAR
    )
    half = step // 2  # cv2.resize puts grid point i at pixel i * step + step / 2
    return np.asarray(full[half : half + height_px, half : half + width_px] > 0)


def projected_marks(
    calibration: Calibration, pitch: PitchSpec, size_px: tuple[int, int], *, slack_px: float = 2.5
) -> MaskArray:
    """(H, W) pixels within a line's own width and ``slack_px`` of a projected mark."""
    view = calibration.at_size(size_px)
    zone = np.zeros((size_px[1], size_px[0]), np.uint8)
    for points in pitch.sampled_marks(1.0).values():
        pixels = view.to_image(points)
        ahead = view.to_image(points + np.array([LINE_WIDTH_M, 0.0]))
        aside = view.to_image(points + np.array([0.0, LINE_WIDTH_M]))
        wide = np.fmax(*(np.linalg.norm(other - pixels, axis=1) for other in (ahead, aside)))
        seen = ((pixels > -200) & (pixels < np.array(size_px) + 200)).all(axis=1)
        for i in np.flatnonzero(seen[:-1] & seen[1:]):
            thickness = round(min(float(wide[i]), 30.0) + 2 * slack_px)
            ends = np.round(pixels[i : i + 2]).astype(int)
            cv2.line(zone, tuple(ends[0].tolist()), tuple(ends[1].tolist()), 1, thickness)
    return zone > 0
