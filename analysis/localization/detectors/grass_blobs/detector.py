"""People as shapes that are not grass, on the field, at the size of a person (algorithms B.1 without a network)."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.records import Calibration, Detections, Frame
from analysis.localization import field_mask, person_size
from analysis.localization.detectors.grass_blobs import blobs as shapes
from analysis.localization.detectors.grass_blobs.foreground import grass_contrast
from analysis.localization.detectors.grass_blobs.settings import Settings
from analysis.localization.shirts import shirt_colour

ImageArray = NDArray[np.uint8]
MaskArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]
# foreground, contrast, share of light, field, projected marks
Layers = tuple[NDArray[np.uint8], Float32Array, Float32Array, MaskArray, MaskArray | None]

# Turns the product of fits into a score whose best threshold on the labelled frames is about one half.
SCORE_POWER = 0.66


class GrassBlobs:
    """See the card. Stateless: each frame is answered by itself, so batches and workers agree."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def detect(
        self, frames: Sequence[Frame], calibrations: Sequence[Calibration | None]
    ) -> list[Detections]:
        """One ``Detections`` a frame; empty where there is too little grass to speak of a pitch."""
        return [
            self._detect_one(frame.image, calibration)
            for frame, calibration in zip(frames, calibrations, strict=True)
        ]

    def _detect_one(self, image: ImageArray, calibration: Calibration | None) -> Detections:
        height_px, width_px = image.shape[:2]
        if min(height_px, width_px) < 64:
            return Detections.empty()
        scale = min(1.0, self.settings.working_width_px / width_px)
        size = (round(width_px * scale), round(height_px * scale))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if scale < 1 else image
        view = calibration.at_size(size) if calibration is not None else None
        found = _find(np.ascontiguousarray(small), view, self.settings)
        if not len(found):
            return found
        back = np.array([width_px / size[0], height_px / size[1]] * 2)
        return Detections(found.box_px * back, found.score, found.role, found.colour_rgb)


def _find(image: ImageArray, view: Calibration | None, settings: Settings) -> Detections:
    height_px, width_px = image.shape[:2]
    image_hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
    coarse = image_hsv[::4, ::4]
    model = field_mask.fit_grass(coarse)
    if model is None:
        return Detections.empty()
    region = field_mask.field_region(
        model.mask(coarse), fill_px=max(3, round(0.006 * width_px))
    ).astype(np.uint8)
    region = cv2.resize(region, (width_px, height_px), interpolation=cv2.INTER_NEAREST) > 0
    if view is not None:
        region &= field_mask.projected_pitch(
            view, settings.pitch, (width_px, height_px), margin_m=settings.margin_m
        )
    rows = np.flatnonzero(region.any(axis=1))
    if region.mean() < 0.04:
        return Detections.empty()
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    contrast, light = np.zeros(region.shape, np.float32), np.ones(region.shape, np.float32)
    contrast[top:bottom], light[top:bottom] = grass_contrast(
        image[top:bottom], region[top:bottom], reach_px=settings.reach_px
    )
    # Grass in the shade tells how much light a shirt there lacks.
    light *= 1 / max(float(np.percentile(light[region], 75)), 1.0)
    # A pixel much fainter than its neighbour is that neighbour's blur: without it lines stay thin and boxes tight.
    peak = cv2.dilate(contrast, np.ones((5, 5), np.uint8))
    floor = np.maximum(settings.contrast_floor, settings.blur_share * peak)
    foreground = ((contrast > floor) & region).astype(np.uint8)
    height_of = _height_model(foreground, view, settings)
    if height_of is None:
        return Detections.empty()
    marks = None
    if view is not None:
        marks = field_mask.projected_marks(view, settings.pitch, (width_px, height_px))
    return _people(image, (foreground, contrast, light, region, marks), height_of, settings)


def _height_model(
    foreground: NDArray[np.uint8], view: Calibration | None, settings: Settings
) -> person_size.HeightModel | None:
    """From the calibration; without one from the shapes that look like single persons, None when too few agree."""
    height_px, width_px = foreground.shape
    if view is not None:
        return person_size.height_from_calibration(view.image_from_pitch, (width_px, height_px))
    clean = cv2.morphologyEx(foreground, cv2.MORPH_CLOSE, np.ones((5, 3), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(clean, connectivity=8)
    width, height, area = (stats[1:, k].astype(np.float64) for k in (2, 3, 4))
    shape = height / np.maximum(width, 1)
    likely = (
        (shape > 1.3) & (shape < 4.0) & (area > 0.3 * width * height)
        & (height > 0.012 * height_px) & (height < 0.22 * height_px)
    )  # fmt: skip
    foot_y = (stats[1:, 1] + height)[likely]
    fitted = person_size.fit_linear_height(foot_y, height[likely], np.ones(len(foot_y)), height_px)
    if fitted is None:
        return None
    slope, base = fitted
    return person_size.linear_height(
        slope, base, least_px=0.016 * height_px, most_px=0.25 * height_px
    )


def _people(
    image: ImageArray,
    layers: Layers,
    height_of: person_size.HeightModel,
    settings: Settings,
) -> Detections:
    foreground, contrast, light, region, marks = layers
    height_px, width_px = foreground.shape
    row_feet = np.stack([np.full(height_px, width_px / 2), np.arange(height_px)], axis=1)
    heights = height_of(row_feet.astype(np.float64))
    known = np.isfinite(heights)
    if not known.any():
        return Detections.empty()
    heights = np.interp(np.arange(height_px), np.flatnonzero(known), heights[known])
    cleaned, thick = shapes.remove_marks(foreground, heights, marks)
    joined = shapes.join_pieces(cleaned, heights)
    found = shapes.split_shapes(cleaned, joined, height_of, thick)
    boxes, scores, colours = [], [], []
    for blob in found:
        box = np.array(blob.box, np.float64)
        tall = float(height_of(np.array([[(box[0] + box[2]) / 2, box[3]]]))[0])
        if not np.isfinite(tall):
            continue
        box = _completed(box, tall, region)
        x0, y0, x1, y1 = blob.box
        own = cleaned[y0:y1, x0:x1] > 0
        score = _score(box, tall, blob, float(contrast[y0:y1, x0:x1][own].mean()))
        if score < settings.score_floor:
            continue
        boxes.append(box)
        scores.append(score)
        shade = float(light[min(y1, len(light)) - 1, min((x0 + x1) // 2, light.shape[1] - 1)])
        colours.append(in_full_light(shirt_colour(image, own, (x0, y0, x1, y1)), shade))
    if not boxes:
        return Detections.empty()
    roles = np.full(len(boxes), -1, np.int64)
    return Detections(np.array(boxes), np.array(scores), roles, np.array(colours))


def _completed(box: FloatArray, tall: float, region: MaskArray) -> FloatArray:
    """A person before the boards is cut where the field ends: give back the expected height."""
    x0, y0, x1 = (int(v) for v in box[:3])
    above = region[max(0, y0 - 3) : y0, x0:x1]
    seen = box[3] - box[1]
    if seen < 0.9 * tall and (above.size == 0 or above.mean() < 0.5):
        return np.array([box[0], max(0.0, box[3] - tall), box[2], box[3]])
    return box


def _score(box: FloatArray, tall: float, blob: shapes.Blob, contrast: float) -> float:
    """[0, 1]: does it stand as tall, as wide and as full as a person, and apart from the grass?"""
    width, height = box[2] - box[0], box[3] - box[1]
    fits_height = np.exp(-0.5 * (np.log(height / tall) / 0.22) ** 2)
    aside = np.log(width / (shapes.USUAL_WIDTH * tall))
    fits_width = np.exp(-0.5 * (aside / (0.45 if aside > 0 else 0.35)) ** 2)
    fullness = min(1.0, blob.area / (0.16 * tall**2)) * min(1.0, blob.thick_area / (0.07 * tall**2))
    clear = 1 - np.exp(-contrast / 9.0)
    split = 0.85 if blob.was_split else 1.0
    raw = fits_height * fits_width * fullness**0.6 * clear * split
    return float(np.clip(raw, 0, 1) ** SCORE_POWER)


def in_full_light(colour_rgb: FloatArray, shade: float) -> FloatArray:
    """(3,) the colour a shirt would have where the grass is as light as in most of the field.

    Args:
        colour_rgb: as seen.
        shade: lightness of the grass at the feet over that of the lit field; taken between a third and one.
    """
    lit = colour_rgb / float(np.clip(shade, 0.33, 1.0))
    return np.asarray(np.minimum(lit, 255.0))
