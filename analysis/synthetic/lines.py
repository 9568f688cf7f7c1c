"""White lines and goals: drawn in the image from their exact metres, area-averaged, so that thin ones fade honestly."""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import GOAL_HEIGHT_M, GOAL_WIDTH_M, LINE_WIDTH_M, PitchSpec

FloatArray = NDArray[np.float64]
ImageArray = NDArray[np.uint8]

_STEP_M = 2.0
_ARC_STEP_M = 0.6
_NEAREST_M = 2.0
_SHIFT = 4


@lru_cache(maxsize=8)
def line_strips(
    pitch: PitchSpec, width_m: float = LINE_WIDTH_M
) -> tuple[tuple[FloatArray, FloatArray], ...]:
    """Left and right edges (N, 2) of every mark, metres.

    The Laws measure to the outer edge; the network of marks in ``core.pitch`` is drawn as the middle of the paint, so
    that a projected mark lies in the middle of its white line.
    """
    strips = []
    fine = pitch.sampled_marks(_ARC_STEP_M)
    straight = pitch.sampled_marks(_STEP_M)
    for name in fine:
        points = fine[name] if name in pitch.arcs else straight[name]
        along = np.gradient(points, axis=0)
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        across = np.stack([-along[:, 1], along[:, 0]], axis=1) * width_m / 2
        # Ends reach half a width further, so that corners close.
        middle = points.copy()
        middle[0] -= along[0] * width_m / 2
        middle[-1] += along[-1] * width_m / 2
        strips.append((middle - across, middle + across))
    for spot in pitch.spots.values():
        angle = np.linspace(0, np.pi, 7)
        arc = 0.11 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        strips.append((spot + arc, spot + arc * np.array([1.0, -1.0])))
    return tuple(strips)


def line_mask(
    image_from_pitch: FloatArray, pitch: PitchSpec, size_px: tuple[int, int]
) -> ImageArray:
    """(H, W) share of each pixel that is painted white, 0..255.

    Args:
        image_from_pitch: (3, 3), weight is the depth in metres.
        pitch: size of the pitch.
        size_px: (width, height).
    """
    width, height = size_px
    fine = np.zeros((2 * height, 2 * width), np.uint8)
    strips = line_strips(pitch)
    lengths = [len(left) for left, _ in strips]
    points = np.concatenate([edge for strip in strips for edge in strip])
    mapped = points @ image_from_pitch[:, :2].T + image_from_pitch[:, 2]
    depth = mapped[:, 2]
    # Pixel centres lie at half integers; OpenCV's drawing has them at integers.
    pixel = 2 * mapped[:, :2] / np.maximum(depth, 1e-6)[:, None] - 0.5
    quads = _quads(pixel, depth > _NEAREST_M, lengths, (2 * width, 2 * height))
    for quad in quads:
        cv2.fillConvexPoly(fine, quad, 255, cv2.LINE_AA, _SHIFT)
    return np.asarray(cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA))


def _quads(
    pixel: FloatArray, front: NDArray[np.bool_], lengths: Sequence[int], limit: tuple[int, int]
) -> list[NDArray[np.int32]]:
    """Fixed-point quadrilaterals (4, 2) of all strips that touch the picture."""
    found = []
    start = 0
    for n_points in lengths:
        left = slice(start, start + n_points)
        right = slice(start + n_points, start + 2 * n_points)
        start += 2 * n_points
        a, b = pixel[left], pixel[right]
        good = front[left] & front[right]
        corners = np.stack([a[:-1], a[1:], b[1:], b[:-1]], axis=1)
        shown = good[:-1] & good[1:]
        shown &= (corners[..., 0].max(1) > -2) & (corners[..., 0].min(1) < limit[0] + 2)
        shown &= (corners[..., 1].max(1) > -2) & (corners[..., 1].min(1) < limit[1] + 2)
        if shown.any():
            bounded = np.clip(corners[shown], -20000, 20000)
            found += list(np.rint(bounded * (1 << _SHIFT)).astype(np.int32))
    return found


@lru_cache(maxsize=8)
def goal_segments(pitch: PitchSpec) -> tuple[FloatArray, FloatArray]:
    """(posts, net) as (N, 2, 3) segments in metres, both goals."""
    posts, net = [], []
    half = GOAL_WIDTH_M / 2
    for sign in (-1.0, 1.0):
        x, back = sign * pitch.length_m / 2, sign * (pitch.length_m / 2 + 2.0)
        top = sign * (pitch.length_m / 2 + 0.9)
        posts += [
            [(x, -half, 0), (x, -half, GOAL_HEIGHT_M)],
            [(x, half, 0), (x, half, GOAL_HEIGHT_M)],
        ]
        posts += [[(x, -half, GOAL_HEIGHT_M), (x, half, GOAL_HEIGHT_M)]]
        for y in np.linspace(-half, half, 19):
            net += [
                [(x, y, GOAL_HEIGHT_M), (top, y, GOAL_HEIGHT_M)],
                [(top, y, GOAL_HEIGHT_M), (back, y, 0)],
            ]
        for share in np.linspace(0, 1, 7):
            bx, bz = top + share * (back - top), GOAL_HEIGHT_M * (1 - share)
            net += [[(bx, -half, bz), (bx, half, bz)]]
            for y in (-half, half):
                net += [[(x, y, bz), (bx, y, bz)]]
    return np.array(posts, np.float64), np.array(net, np.float64)


def draw_goals(canvas: ImageArray, image_from_world: FloatArray, pitch: PitchSpec) -> None:
    """Both goals into a frame in place: net thin and grey, posts as wide as they are."""
    posts, net = goal_segments(pitch)
    for segments, width_m, colour in ((net, 0.02, (188, 192, 188)), (posts, 0.12, (244, 244, 244))):
        flat = segments.reshape(-1, 3) @ image_from_world[:, :3].T + image_from_world[:, 3]
        depth = flat[:, 2].reshape(-1, 2)
        pixel = (flat[:, :2] / np.maximum(flat[:, 2:], 1e-6)).reshape(-1, 2, 2) - 0.5
        front = (depth > _NEAREST_M).all(1)
        shown = front & (np.abs(pixel) < 5000).all((1, 2))
        if not shown.any():
            continue
        focal = np.linalg.norm(
            image_from_world[0, :3] - image_from_world[2, :3] * canvas.shape[1] / 2
        )
        part = _span(pixel[shown], canvas.shape)
        layer = canvas if width_m > 0.1 else canvas.copy()
        for ends, metres in zip(pixel[shown], depth[shown].mean(1), strict=True):
            fixed = np.rint(ends * 16).astype(int)
            thick = max(1, round(width_m * focal / metres))
            cv2.line(
                layer,
                tuple(fixed[0].tolist()),
                tuple(fixed[1].tolist()),
                colour,
                thick,
                cv2.LINE_AA,
                4,
            )
        if layer is not canvas:
            canvas[part] = cv2.addWeighted(layer[part], 0.45, canvas[part], 0.55, 0)


def _span(pixel: FloatArray, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of the picture that segments (N, 2, 2) touch; at least one of each."""
    low = np.clip(pixel.min((0, 1)) - 2, 0, np.array([shape[1], shape[0]]) - 1).astype(int)
    high = np.clip(pixel.max((0, 1)) + 3, low + 1, np.array([shape[1], shape[0]])).astype(int)
    return slice(low[1], high[1]), slice(low[0], high[0])
