"""From a network's boxes to people: whoever's feet stand on the field, and the colours they wear (algorithms B.1)."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import PitchSpec
from analysis.core.records import Calibration
from analysis.localization import field_mask
from analysis.localization.shirts import shirt_colour

ImageArray = NDArray[np.uint8]
MaskArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

# People stand on the field or just beside it: the region is grown by this share of the picture's width.
FIELD_GROWTH = 0.012
# The region is looked for on every so-many-th pixel.
_STEP = 4


class Field:
    """The field of one picture: by its colour, united with the projected pitch where a view is known.

    Args:
        picture: (H, W, 3) RGB.
        view: calibration of the picture's size, or None.
        pitch: size of the pitch.
    """

    def __init__(
        self, picture: ImageArray, view: Calibration | None = None, pitch: PitchSpec | None = None
    ) -> None:
        self._picture = picture
        hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
        coarse = np.ascontiguousarray(hsv[::_STEP, ::_STEP])
        grass = field_mask.fit_grass(coarse)
        self.is_seen = grass is not None
        if grass is None:
            return
        width = picture.shape[1]
        region = field_mask.field_region(grass.mask(coarse), fill_px=max(3, round(0.012 * width)))
        if view is not None:
            size = (coarse.shape[1], coarse.shape[0])
            region |= field_mask.projected_pitch(
                view.at_size(size), pitch or PitchSpec(), size, margin_m=1.0
            )
        reach = round(FIELD_GROWTH * width / _STEP)
        kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
        self._region = cv2.dilate(region.astype(np.uint8), kernel) > 0
        self._grass = grass.mask(hsv)

    def rows_px(self, above_px: int, multiple: int) -> tuple[int, int]:
        """[top, bottom) of the picture's rows that people on the field can fill.

        Args:
            above_px: how far their heads may reach above the highest grass.
            multiple: both ends are multiples of this, the bottom cut at the picture's height.
        """
        height = self._picture.shape[0]
        rows = np.flatnonzero(self._region.any(axis=1)) if self.is_seen else np.zeros(0, int)
        if not len(rows):
            return 0, 0
        top = max(0, int(rows[0]) * _STEP - above_px) // multiple * multiple
        bottom = -(-min(height, (int(rows[-1]) + 1) * _STEP) // multiple) * multiple
        return top, min(height, bottom)

    def has(self, box_px: FloatArray) -> MaskArray:
        """(N,) whether the feet of boxes (N, 4) stand on the field; nobody's do where no grass is seen."""
        if not len(box_px) or not self.is_seen:
            return np.zeros(len(box_px), bool)
        rows, columns = self._region.shape
        x = np.round((box_px[:, 0] + box_px[:, 2]) / 2 / _STEP).astype(int)
        y = np.round(box_px[:, 3] / _STEP).astype(int)
        return np.asarray(self._region[np.clip(y, 0, rows - 1), np.clip(x, 0, columns - 1)])

    def colours(self, box_px: FloatArray, masks: Sequence[MaskArray] | None = None) -> FloatArray:
        """(N, 3) mean shirt colours, NaN where there is nothing to see.

        Args:
            box_px: (N, 4), inside the picture.
            masks: of each person (H, W); without them whatever is not grass is theirs.
        """
        found = np.full((len(box_px), 3), np.nan)
        for i, box in enumerate(box_px):
            x0, y0 = (int(v) for v in np.floor(box[:2]))
            x1, y1 = (int(v) for v in np.ceil(box[2:]))
            if x1 - x0 < 2 or y1 - y0 < 4:
                continue
            own = masks[i][y0:y1, x0:x1] if masks is not None else ~self._grass[y0:y1, x0:x1]
            found[i] = shirt_colour(self._picture, own, (x0, y0, x1, y1))
        return found
