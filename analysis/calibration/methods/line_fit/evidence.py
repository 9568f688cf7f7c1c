"""What a picture says about the pitch: where grass is, and which pixels lie on thin bright lines drawn on it.

Everything lives on a working image whose longer side is ``WORKING_SIDE_PX``; ``scale`` leads back to the frame.
Pixel centres: a working coordinate u is the frame coordinate u / scale, both counted from the image's corner.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
MaskArray = NDArray[np.bool_]
ImageArray = NDArray[np.uint8]

WORKING_SIDE_PX = 960
MIN_SIDE_PX = 64
# Half the distance between a line and the grass beside it, in working pixels: thin far lines to wide near ones.
RIDGE_OFFSETS_PX = (2, 4, 7)
# Histogram of chromaticity (red and green shares of the light): its grid.
N_BINS, BINS_FROM, BIN_WIDTH = 110, 0.12, 0.0055
# Less grass than this share of the picture makes us look for more of it behind haze.
SMALL_SHARE = 0.33
# Green of the darkest hundredth of a clear picture, at most.
USUAL_BLACK = 30.0
# A bright ridge this long is a line and no player, however thick.
LINE_EXTENT_PX = 90
# Mean depth of a line's pixels below its edge; a quarter of its width.
LINE_DEPTH_PX = 3.5
# Four normals: along x, y and the diagonals.
DIRECTIONS = ((1, 0), (0, 1), (1, 1), (1, -1))


@dataclass(frozen=True)
class Evidence:
    """The picture as the fit sees it.

    Args:
        size_px: (width, height) of the working image.
        scale: working pixels per frame pixel, (along x, along y).
        grass: (h, w) bool, filled: players and lines on the pitch belong to it.
        clear: (h, w) bool, grass or line: False on players, boards, captions, crowd.
        ridge: (h, w) float32, how much brighter than both sides, in noise deviations; 0 off the grass.
        points_px: (M, 2) ridge tops, working pixels.
        normals: (M, 2) unit normals of the lines there.
        weights: (M,) in (0, 1], strong and coherent ones near 1.
        grass_share: share of the picture that is grass.
    """

    size_px: tuple[int, int]
    scale: tuple[float, float]
    grass: MaskArray
    clear: MaskArray
    ridge: FloatArray
    points_px: FloatArray
    normals: FloatArray
    weights: FloatArray
    grass_share: float


def observe(image: ImageArray) -> Evidence | None:
    """Look at an RGB image (H, W, 3); None where it is too small to show anything."""
    height_px, width_px = image.shape[:2]
    if min(height_px, width_px) < MIN_SIDE_PX:
        return None
    zoom = WORKING_SIDE_PX / max(height_px, width_px)
    size_px = (max(8, round(width_px * zoom)), max(8, round(height_px * zoom)))
    kernel = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
    working = (
        image
        if size_px == (width_px, height_px)
        else cv2.resize(image, size_px, interpolation=kernel)
    )
    raw_grass = grass_pixels(working)
    calm = _smooth(working)
    grass = filled_grass(raw_grass & calm)
    if grass.mean() < SMALL_SHARE:
        raw_grass = raw_grass | (_through_haze(working, calm, grass) & ~grass)
        grass = filled_grass(raw_grass & calm)
    share = float(grass.mean())
    ridge = _ridges(working, grass)
    obstacles = _obstacles(raw_grass, ridge)
    ridge[obstacles] = 0
    points, normals, weights = _ridge_tops(ridge, working)
    return Evidence(
        size_px=size_px,
        scale=(size_px[0] / width_px, size_px[1] / height_px),
        grass=grass,
        clear=grass & ~obstacles,
        ridge=ridge,
        points_px=points,
        normals=normals,
        weights=weights,
        grass_share=share,
    )


def grass_pixels(image: ImageArray) -> MaskArray:
    """(h, w) bool: pixels of the colour that the picture's grass has.

    The colour is learned from the picture: the dominant chromaticity among pixels that could be grass at all, grown to
    its connected neighbours in the histogram, so that dull, yellow, floodlit and hazy grass are all found.
    """
    height_px, width_px = image.shape[:2]
    small = cv2.resize(
        cv2.GaussianBlur(image, (0, 0), 1.5),
        (width_px // 2, height_px // 2),
        interpolation=cv2.INTER_AREA,
    )
    channels = small.astype(np.float32) + 6.0
    total = channels.sum(axis=2)
    red, green = channels[..., 0] / total, channels[..., 1] / total
    possible = _possibly_grass(small)
    calm = _smooth(small)
    if possible.mean() < 0.02:
        return np.zeros((height_px, width_px), dtype=bool)
    column = np.clip((red - BINS_FROM) / BIN_WIDTH, 0, N_BINS - 1).astype(np.int32)
    row = np.clip((green - BINS_FROM) / BIN_WIDTH, 0, N_BINS - 1).astype(np.int32)
    histogram = np.bincount((row * N_BINS + column)[possible & calm], minlength=N_BINS**2)
    histogram = cv2.GaussianBlur(histogram.reshape(N_BINS, N_BINS).astype(np.float32), (0, 0), 1.2)
    kept = _grown_from_peak(histogram)
    brightness = np.median(total[kept[row, column] & possible])
    small_mask = kept[row, column] & (total > 0.22 * brightness)
    mask = cv2.resize(
        small_mask.astype(np.uint8), (width_px, height_px), interpolation=cv2.INTER_NEAREST
    )
    return np.asarray(mask.astype(bool))


def _smooth(image: ImageArray) -> MaskArray:
    """(h, w) bool: little texture for its brightness, as grass from far away and unlike a crowd.

    Mist lifts the darkest parts and takes texture away: brightness counts from there.
    """
    green = np.ascontiguousarray(image[..., 1]).astype(np.float32)
    mist = max(0.0, float(np.percentile(green[::8, ::8], 1)) - USUAL_BLACK)
    mean = cv2.blur(green, (9, 9))
    variance = cv2.blur(green * green, (9, 9)) - mean * mean
    return np.asarray(np.sqrt(np.maximum(variance, 0)) < 0.16 * np.maximum(mean - mist, 0) + 3.0)


def _possibly_grass(image: ImageArray) -> MaskArray:
    hue, saturation, value = cv2.split(cv2.cvtColor(image, cv2.COLOR_RGB2HSV))
    green = (hue > 29) & (hue < 95) & (saturation > 35) & (value > 25)
    if green.mean() > 0.15:
        return np.asarray(green)
    # Haze and strong white balance turn grass grey: the lower, smooth part of the picture decides then.
    return np.asarray((hue > 14) & (hue < 110) & (saturation > 8) & (value > 25))


def _grown_from_peak(histogram: FloatArray) -> MaskArray:
    """Bins near the fullest one that hang together with it and hold at least 1 % of its count.

    "Near" is narrow in hue and wide in saturation: mown stripes and shade change how green grass is, not which green.
    """
    peak = np.unravel_index(int(histogram.argmax()), histogram.shape)
    neutral = (1 / 3 - BINS_FROM) / BIN_WIDTH
    axis = np.array(peak, dtype=np.float64) - neutral
    saturation = float(np.linalg.norm(axis))
    axis = axis / saturation if saturation > 6 else np.array([1.0, 0.0])
    rows, columns = np.indices(histogram.shape).astype(np.float64)
    rows, columns = rows - peak[0], columns - peak[1]
    along = rows * axis[0] + columns * axis[1]
    across = rows * axis[1] - columns * axis[0]
    low = min(-0.6 * saturation, -8.0)
    near = (np.hypot(rows, columns) < 13) | ((np.abs(across) < 11) & (along > low) & (along < 28))
    full = (near & (histogram > 0.01 * histogram.max())).astype(np.uint8)
    _, labels = cv2.connectedComponents(full, connectivity=8)
    return np.asarray(labels == labels[peak])


def filled_grass(raw_grass: MaskArray) -> MaskArray:
    """The pitch's region: large connected grass with players and lines filled in, ragged edges smoothed."""
    height_px, width_px = raw_grass.shape
    small = cv2.resize(
        raw_grass.astype(np.float32), (width_px // 4, height_px // 4), interpolation=cv2.INTER_AREA
    )
    mask = (small > 0.5).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    mask = cv2.morphologyEx(
        mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    )
    n_parts, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    if n_parts < 2:
        return np.zeros_like(raw_grass)
    areas = stats[1:, cv2.CC_STAT_AREA]
    large = 1 + np.flatnonzero(areas > 0.15 * areas.max())
    kept = np.isin(labels, large)
    # Holes: whatever is not grass and smaller than a caption.
    holes, hole_labels, hole_stats, _ = cv2.connectedComponentsWithStats(
        (~kept).astype(np.uint8), connectivity=4
    )
    for hole in range(1, holes):
        if hole_stats[hole, cv2.CC_STAT_AREA] < 0.02 * kept.size:
            kept[hole_labels == hole] = True
    mask = cv2.resize(kept.astype(np.uint8), (width_px, height_px), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.dilate(mask, np.ones((5, 5), np.uint8)).astype(bool))


def _through_haze(image: ImageArray, calm: MaskArray, grass: MaskArray) -> MaskArray:
    """Grass found so far, and the smooth ground that hangs together with it without an edge of colour between.

    Low sun in the lens or smoke tints one part of the pitch; the tint changes slowly, boards and stands begin abruptly.
    """
    height_px, width_px = grass.shape
    size = (width_px // 4, height_px // 4)
    lab = cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB)
    lab = cv2.medianBlur(lab, 7).astype(np.float32)
    change = np.zeros(lab.shape[:2], np.float32)
    for along_x, along_y in ((1, 0), (0, 1)):
        slope = np.abs(cv2.Sobel(lab, cv2.CV_32F, along_x, along_y, ksize=3)) / 8
        np.maximum(change, slope @ np.array([0.4, 1.0, 1.0], dtype=np.float32), out=change)
    free = (change < 1.3) & (
        cv2.resize(calm.astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
    )
    free_mask = cv2.erode(free.astype(np.uint8), np.ones((3, 3), np.uint8))
    n_parts, labels = cv2.connectedComponents(free_mask, connectivity=4)
    core = cv2.resize(grass.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    held = np.bincount(labels[core], minlength=n_parts)
    held[0] = 0
    joined = np.isin(labels, np.flatnonzero(held > 0.1 * core.sum())).astype(np.uint8)
    grown = cv2.dilate(joined, np.ones((3, 3), np.uint8)) | core.astype(np.uint8)
    return np.asarray(cv2.resize(grown, (width_px, height_px), interpolation=cv2.INTER_NEAREST) > 0)


def _ridges(image: ImageArray, grass: MaskArray) -> FloatArray:
    """Ridge strength in noise deviations, (h, w); 0 off the grass.

    At each pixel: the smaller of the two rises over its sides at a distance, the best of four directions and three
    distances. An edge rises on one side only and gives nothing.
    """
    light = image.astype(np.float32) @ np.array([0.4, 0.2, 0.4], dtype=np.float32)
    light = cv2.GaussianBlur(light, (0, 0), 0.7)
    best = np.zeros_like(light)
    for offset in RIDGE_OFFSETS_PX:
        padded = cv2.copyMakeBorder(light, offset, offset, offset, offset, cv2.BORDER_REPLICATE)
        height_px, width_px = light.shape
        for dx, dy in DIRECTIONS:
            ahead = padded[offset + dy * offset :, offset + dx * offset :][:height_px, :width_px]
            behind = padded[offset - dy * offset :, offset - dx * offset :][:height_px, :width_px]
            np.maximum(best, light - np.maximum(ahead, behind), out=best)
    sample = best[::3, ::3][grass[::3, ::3]]
    noise = max(float(np.percentile(sample, 60)) / 0.6, 0.6) if sample.size > 100 else 4.0
    return np.where(grass, best / noise, 0).astype(np.float32)


def _obstacles(raw_grass: MaskArray, ridge: FloatArray) -> MaskArray:
    """Things on or before the pitch that are neither grass nor thin: players, captions, the goal's frame."""
    odd = (~raw_grass).astype(np.uint8)
    height_px = odd.shape[0]
    thick = np.zeros_like(odd)
    # A near line is wide: what counts as thick grows towards the lower edge.
    for top, bottom, side in ((0.0, 0.4, 5), (0.35, 0.7, 7), (0.65, 1.0, 11)):
        rows = slice(int(top * height_px), int(bottom * height_px))
        opened = cv2.morphologyEx(odd[rows], cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
        thick[rows] |= opened
    # The nearest lines are as thick as a leg, but much longer; a net of lines is thin all over.
    bright = (ridge > 3.0).astype(np.uint8)
    n_parts, labels, stats, _ = cv2.connectedComponentsWithStats(bright, connectivity=8)
    depth = cv2.distanceTransform(bright, cv2.DIST_L2, cv2.DIST_MASK_3)
    half_width = np.bincount(labels.ravel(), depth.ravel(), minlength=n_parts)
    half_width = half_width / np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    extent = np.hypot(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    is_line = (extent > LINE_EXTENT_PX) & (half_width < LINE_DEPTH_PX)
    is_line[0] = False
    obstacles = cv2.dilate(thick, np.ones((5, 5), np.uint8)).astype(bool)
    return np.asarray(obstacles & ~is_line[labels])


def _ridge_tops(ridge: FloatArray, image: ImageArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Points on the crest of ridges with their normals and weights; short specks are dropped."""
    smooth = cv2.GaussianBlur(ridge, (0, 0), 1.0)
    dx, dy = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    xx, yy, xy = (cv2.GaussianBlur(product, (0, 0), 3.0) for product in (dx * dx, dy * dy, dx * dy))
    strong = smooth > 1.6
    _, labels, stats, _ = cv2.connectedComponentsWithStats(strong.astype(np.uint8), connectivity=8)
    extent = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    long_enough = extent > 22
    long_enough[0] = False
    # From here on by the pixel: few are strong.
    rows, columns = np.nonzero(strong & long_enough[labels])
    xx, yy, xy = xx[rows, columns], yy[rows, columns], xy[rows, columns]
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    coherence = np.sqrt((xx - yy) ** 2 + 4 * xy**2) / (xx + yy + 1e-6)
    crest = _crest(smooth, rows, columns, angle) & (coherence > 0.45)
    rows, columns, angle, coherence = rows[crest], columns[crest], angle[crest], coherence[crest]
    normals = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points = np.stack([columns + 0.5, rows + 0.5], axis=1).astype(np.float32)
    weights = coherence * np.minimum(smooth[rows, columns] / 5.0, 1.0)
    weights = weights * np.minimum(extent[labels[rows, columns]] / 70.0, 1.0)
    return points, normals.astype(np.float32), weights.astype(np.float32)


def _crest(
    smooth: FloatArray, rows: NDArray[np.int64], columns: NDArray[np.int64], angle: FloatArray
) -> MaskArray:
    """(N,) whether a ridge's pixel is not lower than its neighbours across, normal rounded to four directions."""
    # 0: x, 1: diagonal, 2: y, 3: other diagonal
    sector = np.round(angle / (np.pi / 4)).astype(np.int32) % 4
    dx, dy = np.array([1, 1, 0, -1])[sector], np.array([0, 1, 1, 1])[sector]
    padded = cv2.copyMakeBorder(smooth, 2, 2, 2, 2, cv2.BORDER_REPLICATE)
    own = smooth[rows, columns]
    top = np.ones(len(rows), dtype=bool)
    for step in (-2, -1, 1, 2):
        top &= own >= padded[rows + 2 + step * dy, columns + 2 + step * dx]
    return top
