"""From a foreground mask to one tight box a person: marks removed, merged people split, pieces of one person joined."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.localization.person_size import HeightModel

MaskArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]

# Shares of a person's apparent height, from the labelled frames: boxes are 0.32-0.70 as wide as tall (5-95 %).
USUAL_WIDTH = 0.42
WIDEST_SINGLE = 0.78
TALLEST_SINGLE = 1.30
USUAL_AREA = 0.20  # foreground pixels of a person over height squared


@dataclass(frozen=True, slots=True)
class Blob:
    """One candidate person: box in pixels and where its pixels are.

    Args:
        box: x0, y0, x1, y1, whole pixels, x1 and y1 exclusive.
        area: foreground pixels.
        thick_area: those that survive the opening, which lines do not.
        was_split: cut out of a larger shape.
    """

    box: tuple[int, int, int, int]
    area: int
    thick_area: int
    was_split: bool


def remove_marks(
    foreground: NDArray[np.uint8], heights_px: FloatArray, projected: MaskArray | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Foreground without long thin things (lines, arcs, goal nets' edges), and its thick parts.

    What survives an opening by a small disc is thick; the rest is thin. Thin pieces that reach further than a person is
    tall are marks. Thin pieces beside something thick (legs, arms, and a line's end at a player's foot) stay.

    Args:
        foreground: (H, W) 0 or 1.
        heights_px: (H,) expected height of a person whose feet are in each row.
        projected: (H, W) where a calibration says that marks lie: what is no wider than a mark goes there.
    """
    if projected is not None:
        body = _open_by_row(foreground, heights_px, share=0.25, least=7)
        body = cv2.dilate(body, np.ones((3, 3), np.uint8))
        foreground = foreground & (1 - (projected & (body == 0)).astype(np.uint8))
    thick = _open_by_row(foreground, heights_px, share=0.15, least=3)
    grown = cv2.dilate(thick, np.ones((5, 5), np.uint8))
    thin = foreground & (1 - grown)
    n_pieces, labels, stats, _ = cv2.connectedComponentsWithStats(thin, connectivity=8)
    rows = np.clip(stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT], 0, len(heights_px) - 1)
    reach = np.hypot(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    is_mark = reach > 0.62 * heights_px[rows]
    is_mark[0] = False
    if n_pieces < 2 or not is_mark.any():
        return foreground, thick
    return foreground & (~is_mark[labels]).astype(np.uint8), thick


def _open_by_row(
    foreground: NDArray[np.uint8], heights_px: FloatArray, *, share: float, least: int
) -> NDArray[np.uint8]:
    """Opening whose disc is a share of the expected height, row by row."""
    sizes = np.clip(np.ceil(share * heights_px), least, 24).astype(int)
    opened = np.zeros_like(foreground)
    for size in np.unique(sizes):
        rows = np.flatnonzero(sizes == size)
        low, high = max(0, rows[0] - 2 * size), rows[-1] + 1 + 2 * size
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
        part = cv2.morphologyEx(foreground[low:high], cv2.MORPH_OPEN, kernel)
        opened[rows] = part[rows - low]
    return opened


def join_pieces(foreground: NDArray[np.uint8], heights_px: FloatArray) -> NDArray[np.uint8]:
    """Close small vertical gaps (between shirt, shorts and socks that resemble grass)."""
    gap = max(3, int(0.14 * float(np.median(heights_px))))
    return cv2.morphologyEx(foreground, cv2.MORPH_CLOSE, np.ones((gap, 3), np.uint8))


def split_shapes(
    foreground: NDArray[np.uint8],
    joined: NDArray[np.uint8],
    height_of: HeightModel,
    thick: NDArray[np.uint8],
) -> list[Blob]:
    """One blob a person.

    Args:
        foreground: (H, W) 0 or 1, marks removed.
        joined: the same after ``join_pieces``; connectivity is taken from it, pixels from ``foreground``.
        height_of: expected height at a foot point.
        thick: (H, W) from ``remove_marks``.
    """
    n_shapes, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    blobs: list[Blob] = []
    if n_shapes < 2:
        return blobs
    feet = np.stack([stats[:, 0] + stats[:, 2] / 2, stats[:, 1] + stats[:, 3]], axis=1)
    expected = height_of(feet.astype(np.float64))
    for i in range(1, n_shapes):
        x0, y0, width, height, area = (int(v) for v in stats[i])
        tall = expected[i]
        if not np.isfinite(tall) or area < 0.03 * tall**2 or max(width, height) < 0.3 * tall:
            continue
        window = np.s_[y0 : y0 + height, x0 : x0 + width]
        own = ((labels[window] == i) & (foreground[window] > 0)).astype(np.uint8)
        if width <= WIDEST_SINGLE * tall and height <= TALLEST_SINGLE * tall:
            blobs.append(_whole(own, x0, y0))
        elif width <= 12 * tall and height <= 6 * tall:
            blobs.extend(_explain(own, (x0, y0), height_of))
    return [_weighed(blob, thick) for blob in blobs if blob.area > 0]


def _weighed(blob: Blob, thick: NDArray[np.uint8]) -> Blob:
    x0, y0, x1, y1 = blob.box
    return replace(blob, thick_area=int(thick[y0:y1, x0:x1].sum()))


def _whole(own: NDArray[np.uint8], x0: int, y0: int) -> Blob:
    return Blob(_tight(own, x0, y0), int(own.sum()), 0, was_split=False)


def _tight(own: NDArray[np.uint8], x0: int, y0: int) -> tuple[int, int, int, int]:
    columns, rows = np.flatnonzero(own.any(axis=0)), np.flatnonzero(own.any(axis=1))
    if not len(columns):
        return x0, y0, x0, y0
    return (
        x0 + int(columns[0]),
        y0 + int(rows[0]),
        x0 + int(columns[-1]) + 1,
        y0 + int(rows[-1]) + 1,
    )


def _explain(own: NDArray[np.uint8], origin: tuple[int, int], height_of: HeightModel) -> list[Blob]:
    """Take person-sized windows out of a large shape, the fullest first, until too little is left."""
    x0, y0 = origin
    left = own.copy()
    blobs: list[Blob] = []
    middle = np.array([[x0 + own.shape[1] / 2, y0 + own.shape[0]]], np.float64)
    tall = float(height_of(middle)[0])
    if not np.isfinite(tall):
        return blobs
    for _ in range(12):
        if left.sum() < 0.09 * tall**2:
            break
        box = _fullest_window(left, origin, height_of)
        if box is None:
            break
        wx0, wy0, wx1, wy1 = box
        inside = left[wy0:wy1, wx0:wx1].copy()
        area = int(inside.sum())
        if area < 0.07 * tall**2:
            break
        blobs.append(Blob(_tight(inside, x0 + wx0, y0 + wy0), area, 0, was_split=True))
        left[wy0:wy1, wx0:wx1] = 0
    return blobs


def _fullest_window(
    left: NDArray[np.uint8], origin: tuple[int, int], height_of: HeightModel
) -> tuple[int, int, int, int] | None:
    """Window (in the crop) of a person's size that holds most foreground and has little of it right below."""
    height, width = left.shape
    x0, y0 = origin
    total = np.zeros((height + 1, width + 1))
    total[1:, 1:] = np.cumsum(np.cumsum(left, axis=0, dtype=np.float64), axis=1)
    foot_rows = np.arange(max(2, height // 24), height + 1, max(1, height // 40))
    feet = np.stack([np.full(len(foot_rows), x0 + width / 2), y0 + foot_rows], axis=1)
    talls = height_of(feet.astype(np.float64))
    known = np.isfinite(talls)
    if not known.any():
        return None
    foot_rows, talls = foot_rows[known], talls[known]
    wide = max(3, int(USUAL_WIDTH * float(np.median(talls))))
    heads = np.maximum(0, foot_rows - talls.astype(np.int64))
    below = np.minimum(height, foot_rows + 4)
    starts = np.arange(0, max(1, width - wide + 1))
    ends = np.minimum(starts + wide, width)
    across = (
        total[:, ends] - total[:, starts]
    )  # (rows, starts): foreground above each row, window-wide
    filled = across[foot_rows] - across[heads]
    under = across[below] - across[foot_rows]
    # A window cut off at the head explains less than a whole person.
    value = filled - 1.5 * under - (0.08 * talls * np.maximum(0.0, talls - foot_rows))[:, None]
    row, k = np.unravel_index(int(value.argmax()), value.shape)
    return int(starts[k]), int(heads[row]), int(ends[k]), int(foot_rows[row])
