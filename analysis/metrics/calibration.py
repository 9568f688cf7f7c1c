"""How right a calibration is: areas, pixels, metres and the line score of the SoccerNet calibration challenge.

Maps are ``image_from_pitch`` (3, 3), pitch metres to pixels of an image of ``image_size_px`` = (width, height). Where
the literature has several definitions under one name, each has its own name here; see the docstrings.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.homography import facing, ground_from_image, project
from analysis.core.pitch import STANDARD_PITCH, PitchSpec

FloatArray = NDArray[np.float64]
Size = tuple[int, int]

YARD_M = 0.9144
TEMPLATE_YARDS = (115, 74)


def iou_part(truth: FloatArray, guess: FloatArray, image_size_px: Size) -> float:
    """Overlap of the parts of a 105 x 68 m pitch in view, on a raster of 0.5 m cells.

    Both maps must speak of the same image. 0 when neither shows any pitch.
    """
    in_truth, in_guess = _cells_in_view(truth, image_size_px), _cells_in_view(guess, image_size_px)
    union = int((in_truth | in_guess).sum())
    return float((in_truth & in_guess).sum() / union) if union else 0.0


def _cells_in_view(image_from_pitch: FloatArray, image_size_px: Size) -> NDArray[np.bool_]:
    half_x, half_y = STANDARD_PITCH.length_m / 2, STANDARD_PITCH.width_m / 2
    x, y = np.meshgrid(
        np.arange(-half_x + 0.25, half_x, 0.5), np.arange(-half_y + 0.25, half_y, 0.5)
    )
    pixels = project(
        facing(image_from_pitch, image_size_px), np.column_stack([x.ravel(), y.ravel()])
    )
    with np.errstate(invalid="ignore"):
        return np.asarray(((pixels >= 0) & (pixels < np.array(image_size_px))).all(axis=1))


def iou_part_raster(truth: FloatArray, guess: FloatArray, image_size_px: Size) -> float:
    """Overlap of the visible areas as KpSFR and PnLCalib measure it: one cell a yard, white image warped to 115 x 74.

    The warp is bilinear and every cell that receives any light counts, so areas are up to a cell larger than in
    ``iou_part``.
    """
    masks = []
    for image_from_pitch in (truth, guess):
        white = np.full((image_size_px[1], image_size_px[0]), 255, np.uint8)
        template_from_image = _template_from_pitch() @ np.linalg.inv(
            facing(image_from_pitch, image_size_px)
        )
        masks.append(cv2.warpPerspective(white, template_from_image, TEMPLATE_YARDS) > 0)
    union = int((masks[0] | masks[1]).sum())
    return float((masks[0] & masks[1]).sum() / union) if union else 0.0


def _template_from_pitch() -> FloatArray:
    """Pitch metres to template yards: origin at the far left corner, y towards the near side."""
    return np.array(
        [
            [1 / YARD_M, 0, TEMPLATE_YARDS[0] / 2],
            [0, -1 / YARD_M, TEMPLATE_YARDS[1] / 2],
            [0, 0, 1.0],
        ]
    )


def iou_entire_template(truth: FloatArray, guess: FloatArray, image_size_px: Size) -> float:
    """Overlap of the whole pitch with itself mapped into the image by the guess and back by the truth.

    The definition of Jiang et al. 2020 ("Optimizing through learned errors"), comparable with published tables: one
    cell a yard on a canvas four times as long and wide as the pitch, the pitch in its middle. 0 when the pitch folds
    over the horizon on the way.
    """
    moved = np.linalg.solve(facing(truth, image_size_px), facing(guess, image_size_px))
    corners = STANDARD_PITCH.corners
    weights = corners @ moved[2, :2] + moved[2, 2]
    if np.any(weights * weights[0] <= 0):
        return 0.0
    masks = []
    for matrix in (np.eye(3), moved * np.sign(weights[0])):
        outline = project(_template_from_pitch(), project(matrix, corners))
        # Fixed-point coordinates of the fill; the pixel (0, 0) has its centre at half a cell.
        shifted = np.clip(outline + 1.5 * np.array(TEMPLATE_YARDS) - 0.5, -1e5, 1e5)
        canvas = np.zeros((4 * TEMPLATE_YARDS[1], 4 * TEMPLATE_YARDS[0]), np.uint8)
        cv2.fillConvexPoly(canvas, np.round(shifted * 256).astype(np.int32), 1, shift=8)
        masks.append(canvas > 0)
    union = int((masks[0] | masks[1]).sum())
    return float((masks[0] & masks[1]).sum() / union) if union else 0.0


def iou_entire_image(truth: FloatArray, guess: FloatArray, image_size_px: Size) -> float:
    """Overlap of the image's frame with itself mapped to the ground by the truth and back by the guess.

    The "IoU whole" of KpSFR and PnLCalib, measured in the image; 0 for polygons that are not simple and convex.
    """
    width_px, height_px = image_size_px
    frame = np.array([[0, 0], [width_px, 0], [width_px, height_px], [0, height_px]], np.float64)
    ground = np.column_stack([frame, np.ones(4)]) @ np.linalg.inv(truth).T
    back = ground @ np.asarray(guess).T
    if np.any(np.abs(back[:, 2]) < 1e-12):
        return 0.0
    moved = (back[:, :2] / back[:, 2:]).astype(np.float32)
    if not np.isfinite(moved).all() or not cv2.isContourConvex(moved):
        return 0.0
    common, _ = cv2.intersectConvexConvex(moved, frame.astype(np.float32))
    union = float(cv2.contourArea(moved)) + width_px * height_px - common
    return float(common / union) if union > 0 else 0.0


def reprojection_error_px(
    image_from_pitch: FloatArray, pitch_xy_m: FloatArray, points_px: FloatArray, image_size_px: Size
) -> float:
    """Mean distance in pixels of labelled points (N, 2) from where the map puts them; behind the camera 1e4 each."""
    placed = project(facing(image_from_pitch, image_size_px), pitch_xy_m)
    away = np.linalg.norm(placed - points_px, axis=1)
    return float(np.where(np.isfinite(away), away, 1e4).mean())


def ground_error_m(
    truth: FloatArray,
    guess: FloatArray,
    image_size_px: Size,
    *,
    pitch: PitchSpec = STANDARD_PITCH,
    n_columns: int = 50,
) -> float:
    """Mean distance in metres between the ground positions of pixels that see the pitch through both maps.

    Pixels are a regular grid of ``n_columns`` squared; NaN when none of them sees the pitch twice.
    """
    steps = (np.arange(n_columns) + 0.5) / n_columns
    x, y = np.meshgrid(steps * image_size_px[0], steps * image_size_px[1])
    pixels = np.column_stack([x.ravel(), y.ravel()])
    first, second = (ground_from_image(m, pixels, image_size_px) for m in (truth, guess))
    both = pitch.contains(first) & pitch.contains(second)
    if not both.any():
        return float("nan")
    return float(np.linalg.norm(first[both] - second[both], axis=1).mean())


@dataclass(frozen=True, slots=True)
class LineScore:
    """The line score of several frames.

    Args:
        jaccard: threshold in px -> mean over frames with a prediction.
        completeness: frames with a prediction over all frames.
        final: completeness times the score at 5 px.
    """

    jaccard: Mapping[float, float]
    completeness: float
    final: float


CHALLENGE_SIZE = (960, 540)
Polylines = Mapping[str, FloatArray]
#: What a line is called when the pitch is turned by half a turn. The trailing space of one name is the data's own.
MIRRORED_NAMES = {
    "Side line top": "Side line bottom",
    "Side line left": "Side line right",
    "Big rect. left top": "Big rect. right bottom",
    "Big rect. left bottom": "Big rect. right top",
    "Big rect. left main": "Big rect. right main",
    "Small rect. left top": "Small rect. right bottom",
    "Small rect. left bottom": "Small rect. right top",
    "Small rect. left main": "Small rect. right main",
    "Circle left": "Circle right",
    "Goal left crossbar": "Goal right crossbar",
    "Goal left post left ": "Goal right post left",
    "Goal left post right": "Goal right post right",
}
_MIRROR = {**MIRRORED_NAMES, **{there: here for here, there in MIRRORED_NAMES.items()}}


def mirrored_names(polylines: Polylines) -> dict[str, FloatArray]:
    """The same annotations as seen when left and right, near and far change places."""
    return {_MIRROR.get(name, name): points for name, points in polylines.items()}


def jaccard(predicted: Polylines, labelled: Polylines, threshold_px: float) -> float:
    """The Jaccard index of one frame: a line is found when all its labelled points are nearer than the threshold.

    Args:
        predicted: class -> polyline (N, 2) in pixels; a class is there when it has at least one point.
        labelled: class -> points (M, 2) in pixels of the same image.
        threshold_px: strict.

    Returns:
        The better of the labels as they are and with mirrored names; 0 when there is nothing at all.
    """
    return max(
        _jaccard_one(predicted, labelled, threshold_px),
        _jaccard_one(predicted, mirrored_names(labelled), threshold_px),
    )


def _jaccard_one(predicted: Polylines, labelled: Polylines, threshold_px: float) -> float:
    found = {name for name, points in predicted.items() if len(points)}
    known = {name for name, points in labelled.items() if len(points)}
    hits = sum(
        bool((_distance_to_polyline(labelled[name], predicted[name]) < threshold_px).all())
        for name in found & known
    )
    # A line of both that is too far off counts once, as a false positive.
    total = len(found | known)
    return hits / total if total else 0.0


def line_score(
    frames: Iterable[tuple[Polylines | None, Polylines]],
    *,
    thresholds_px: Sequence[float] = (5.0, 10.0, 20.0),
    min_lines: int = 5,
) -> LineScore:
    """JaC@t and completeness of the SoccerNet calibration challenge.

    Args:
        frames: (predicted polylines or None, labelled points) each; see ``jaccard``.
        thresholds_px: t.
        min_lines: completeness counts frames with at least so many labelled lines (the challenge: more than four).
    """
    predictions = [(guess, label) for guess, label in frames]
    answered = [(guess, label) for guess, label in predictions if guess is not None]
    scores = {
        float(t): float(np.mean([jaccard(g, label, t) for g, label in answered]))
        if answered
        else 0.0
        for t in thresholds_px
    }
    counted = [guess is not None for guess, label in predictions if len(label) >= min_lines]
    completeness = float(np.mean(counted)) if counted else 0.0
    return LineScore(scores, completeness, completeness * scores.get(5.0, 0.0))


def _distance_to_polyline(points: FloatArray, polyline: FloatArray) -> FloatArray:
    """(M,) distance of points (M, 2) to a polyline (N, 2); a polyline of one point is that point."""
    points, polyline = np.asarray(points, np.float64), np.asarray(polyline, np.float64)
    if len(polyline) == 1:
        return np.asarray(np.linalg.norm(points - polyline[0], axis=1))
    start, step = polyline[:-1], np.diff(polyline, axis=0)
    length2 = np.maximum((step**2).sum(axis=1), 1e-12)
    offset = points[:, None] - start[None]
    share = np.clip((offset * step).sum(axis=2) / length2, 0, 1)
    nearest = start[None] + share[..., None] * step[None]
    return np.asarray(np.linalg.norm(points[:, None] - nearest, axis=2).min(axis=1))


def clipped_polyline(points_px: FloatArray, image_size_px: Size = CHALLENGE_SIZE) -> FloatArray:
    """The part of a sampled mark inside an image, with the points where it crosses the border added.

    Args:
        points_px: (N, 2) in order along the mark; NaN where it is behind the camera.
        image_size_px: a point is inside for 0 <= x < width and 0 <= y < height; borders are the outermost pixels.
    """
    limit = np.array(image_size_px, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        inside = ((points_px >= 0) & (points_px < limit)).all(axis=1)
    kept: list[FloatArray] = []
    for i, point in enumerate(points_px):
        if i and inside[i] != inside[i - 1] and np.isfinite(points_px[i - 1 : i + 1]).all():
            crossing = _border_crossing(
                points_px[i - 1], point, limit - 1, first_is_in=bool(inside[i - 1])
            )
            if crossing is not None:
                kept.append(crossing)
        if inside[i]:
            kept.append(point)
    return np.array(kept).reshape(-1, 2)


def _border_crossing(
    first: FloatArray, second: FloatArray, border: FloatArray, *, first_is_in: bool
) -> FloatArray | None:
    """Where a segment with one end inside meets the nearest side x = 0, x = W - 1, y = 0 or y = H - 1."""
    origin, other = (first, second) if first_is_in else (second, first)
    step = other - origin
    shares = [
        (side - origin[axis]) / step[axis]
        for axis in (0, 1)
        for side in (0.0, border[axis])
        if abs(step[axis]) > 1e-12
    ]
    ahead = [share for share in shares if 0 <= share <= 1]
    return origin + min(ahead) * step if ahead else None
