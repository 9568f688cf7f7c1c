"""Keeping to the lines from one picture to the next: a known view moved onto lines sought only where it predicts them.

Looking at a whole picture for grass and ridges costs far more than the fit. A camera that was sure of the last picture
says where the marks must be now, up to how far it turned, and the picture is asked along their normals alone (Harris
and Stennett 1990, "RAPID"; Drummond and Cipolla 2002). Whatever then looks less convincing than the last full look is
not answered here.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import LOG_FOCAL, PAN, TILT, project_ground
from analysis.calibration.methods.line_fit.bank import mark_numbers, mark_points
from analysis.calibration.methods.line_fit.evidence import RIDGE_OFFSETS_PX, WORKING_SIDE_PX
from analysis.calibration.refinement import Prior, refine
from analysis.core.pitch import PitchSpec

FloatArray = NDArray[np.float64]
ImageArray = NDArray[np.uint8]

SMALL_SIZE_PX = (192, 108)
# Both sides of a line are at least so much of the usual green of what lies round the marks.
LEAST_GREEN = 0.4
# Greyer than this is no grass for sure, whatever the rest of the picture is.
LEAST_SHADE = 0.02
MARK_STEP_M = 0.5
# Marks are looked at once in so many working pixels.
POINT_STEP_PX = 7.0
N_MOST_POINTS = 320
REACHES_PX = (26, 9, 5)
# Every other point is enough from so far.
COARSE_REACH_PX = 20
# The likeliest first.
ZOOMS = (1.0, 0.94, 1.06, 0.88, 1.13)
# A ridge's rise over its sides, in noise deviations, that counts; and what counts as full strength.
LEAST_RISE, FULL_RISE = 2.5, 6.0
ON_LINE_PX = 3.5
LEAST_HITS = 40
LEAST_OF_ELEMENT = 6
# Neighbouring points of a line repeat each other.
REPEATS = 6.0


@dataclass(frozen=True, slots=True)
class Glimpse:
    """A picture at working size.

    Args:
        light, green: (h, w) uint8, how bright lines are and how green the grass: what green has more than the
            mean of red and blue.
        small: (108, 192) float32, for its shift against the next one.
        size_px: (width, height) of ``light``.
    """

    light: ImageArray
    green: ImageArray
    small: NDArray[np.float32]
    size_px: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hold:
    """How well lines lie where a view predicts them.

    Args:
        share: of the predicted points in view, those with a line within ``ON_LINE_PX``.
        residual_px: mean distance of these.
        n_hits: how many.
        element_share: (E,) the same share for each mark of the pitch; NaN where less than ``LEAST_OF_ELEMENT`` points
            of it are in view.
        doubt_px: expected error of the view at the picture's edge that the points leave open, working pixels.
    """

    share: float
    residual_px: float
    n_hits: int
    element_share: FloatArray
    doubt_px: float


def glimpse(image: ImageArray) -> Glimpse:
    """Look at an RGB image (H, W, 3), at the working size of ``evidence.observe``."""
    height_px, width_px = image.shape[:2]
    zoom = WORKING_SIDE_PX / max(height_px, width_px)
    size_px = (max(8, round(width_px * zoom)), max(8, round(height_px * zoom)))
    # Down to three quarters two neighbours are mean enough, and much cheaper.
    kernel = cv2.INTER_AREA if zoom < 0.7 else cv2.INTER_LINEAR
    red, green, blue = cv2.split(cv2.resize(image, size_px, interpolation=kernel))
    others = cv2.addWeighted(red, 0.5, blue, 0.5, 0)
    light = np.asarray(cv2.addWeighted(others, 0.8, green, 0.2, 0), dtype=np.uint8)
    small = cv2.resize(light, SMALL_SIZE_PX, interpolation=cv2.INTER_AREA).astype(np.float32)
    light, green = (
        np.asarray(cv2.GaussianBlur(layer, (0, 0), 0.7), dtype=np.uint8)
        for layer in (light, cv2.subtract(green, others))
    )
    return Glimpse(light, green, small, size_px)


_WINDOW = cv2.createHanningWindow(SMALL_SIZE_PX, cv2.CV_32F)


def shift_between(before: Glimpse, after: Glimpse) -> tuple[float, float, float]:
    """How far the picture moved, in widths along x and y, and how clearly (0 to 1)."""
    (dx, dy), response = cv2.phaseCorrelate(before.small, after.small, _WINDOW)
    return dx / SMALL_SIZE_PX[0], dy / SMALL_SIZE_PX[0], float(response)


def predictions(vector: FloatArray, before: Glimpse, after: Glimpse) -> FloatArray:
    """(10, 8) views that the camera of the last picture may have now, the likeliest first: turned as the picture moved,
    or not at all, and zoomed a little.
    """
    dx, dy, _ = shift_between(before, after)
    focal = float(np.exp(vector[LOG_FOCAL]))
    views = np.tile(vector, (2, len(ZOOMS), 1))
    views[0, :, PAN] -= dx / focal
    views[0, :, TILT] -= dy / focal
    views[:, :, LOG_FOCAL] += np.log(ZOOMS)
    return views.reshape(-1, len(vector))


class Keeper:
    """Looks along the normals of predicted marks in one picture."""

    def __init__(self, seen: Glimpse, pitch: PitchSpec) -> None:
        self.seen = seen
        self.marks, self.directions = mark_points(pitch, MARK_STEP_M)
        self.elements = mark_numbers(pitch, MARK_STEP_M)

    def hold(self, vector: FloatArray) -> Hold:
        """How well the lines lie on one view's marks."""
        chosen = self._in_view(vector)
        n_elements = int(self.elements[-1]) + 1
        offset, _, pixels, normals = self._ridges(vector, chosen, REACHES_PX[0])
        hit = np.abs(np.nan_to_num(offset, nan=1e3)) < ON_LINE_PX
        of_element = self.elements[chosen]
        n_seen = np.bincount(of_element, minlength=n_elements)
        n_hit = np.bincount(of_element, hit, minlength=n_elements)
        element_share = np.where(n_seen >= LEAST_OF_ELEMENT, n_hit / np.maximum(n_seen, 1), np.nan)
        n_hits = int(hit.sum())
        is_enough = n_hits >= LEAST_HITS
        return Hold(
            n_hits / max(len(chosen), 1),
            float(np.abs(offset[hit]).mean()) if is_enough else 9.0,
            n_hits,
            element_share,
            _doubt_px(pixels[hit], normals[hit], self.seen.size_px) if is_enough else np.inf,
        )

    def kept(self, views: FloatArray, prior: Prior) -> tuple[FloatArray, Hold]:
        """The best of views (K, 8) pulled onto the lines, and how well they lie there then."""
        scores = []
        for view in views if len(views) > 1 else ():
            offset, rise, *_ = self._ridges(view, self._in_view(view)[::3], REACHES_PX[0])
            near = 1 - np.abs(np.nan_to_num(offset, nan=1e3)) / REACHES_PX[0]
            scores.append(float((np.maximum(near, 0.0) * rise).sum()) / max(len(offset), 20))
        vector = views[int(np.argmax(scores)) if scores else 0]
        for reach_px in REACHES_PX:
            vector = self._pulled(vector, prior, reach_px)
        return vector, self.hold(vector)

    def _in_view(self, vector: FloatArray) -> NDArray[np.int64]:
        """(P,) which points of the marks to look at: about evenly spaced in the picture."""
        width_px, height_px = self.seen.size_px
        pixels = project_ground(vector[None], self.marks, self.seen.size_px)[0]
        with np.errstate(invalid="ignore"):
            inside = ((pixels >= 3) & (pixels < [width_px - 3, height_px - 3])).all(axis=1)
        step = np.zeros(len(pixels))
        step[1:] = np.hypot(*(pixels[1:] - pixels[:-1]).T)
        travelled = np.cumsum(np.where(np.isfinite(step), np.minimum(step, POINT_STEP_PX), 0.0))
        spaced = np.diff(np.floor(travelled / POINT_STEP_PX), prepend=-1.0) > 0
        chosen = np.flatnonzero(inside & spaced)
        if len(chosen) > N_MOST_POINTS:
            chosen = chosen[np.linspace(0, len(chosen) - 1, N_MOST_POINTS).astype(int)]
        return chosen

    def _ridges(
        self, vector: FloatArray, chosen: NDArray[np.int64], reach_px: int
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Along each point's normal: offset (P,) to the line in pixels, NaN without one; its rise (P,) in [0, 1];
        the points' pixels (P, 2) and normals (P, 2).
        """
        if not len(chosen):
            return np.zeros(0), np.zeros(0), np.zeros((0, 2)), np.zeros((0, 2))
        points = self.marks[chosen]
        ground = np.concatenate([points, points + 0.2 * self.directions[chosen]])
        both = project_ground(vector[None], ground, self.seen.size_px)[0]
        pixels, tangent = both[: len(points)], both[len(points) :] - both[: len(points)]
        tangent = tangent / np.maximum(np.hypot(*tangent.T), 1e-9)[:, None]
        normals = np.column_stack([-tangent[:, 1], tangent[:, 0]])
        margin = RIDGE_OFFSETS_PX[-1]
        along = np.arange(-reach_px - margin, reach_px + margin + 1, dtype=np.float64)
        # Half a pixel: pixel centres lie at whole coordinates for ``remap``.
        places = (pixels[:, None] + along[None, :, None] * normals[:, None] - 0.5).astype(
            np.float32
        )
        bright, green = (
            cv2.remap(
                layer, places[..., 0], places[..., 1], cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            ).astype(np.float32)
            for layer in (self.seen.light, self.seen.green)
        )  # fmt: skip
        is_grass = _is_grass(bright, green)
        inner = bright[:, margin:-margin]
        rise = np.zeros_like(inner)
        for offset in RIDGE_OFFSETS_PX:
            sides = [
                slice(margin + step, margin + step + inner.shape[1]) for step in (-offset, offset)
            ]
            here = inner - np.maximum(bright[:, sides[0]], bright[:, sides[1]])
            here *= is_grass[:, sides[0]] & is_grass[:, sides[1]]
            np.maximum(rise, here, out=rise)
        some = rise[::4].ravel()
        usual = len(some) * 3 // 5
        noise = max(float(np.partition(some, usual)[usual]) / 0.6, 0.6)
        strength = np.clip(rise / noise, 0, FULL_RISE)
        # The nearer of two lines of a kind; within the reach, distance costs up to half of the rise.
        along = along[margin:-margin]
        wish = strength * (1 - 0.5 * (along / reach_px) ** 2)
        peak = wish.argmax(axis=1)
        rows = np.arange(len(peak))
        strength = strength[rows, peak]
        # The middle of what rises round the peak: lines are a few pixels wide.
        columns = np.clip(peak[:, None] + np.arange(-3, 4), 0, inner.shape[1] - 1)
        weight = np.maximum(rise[rows[:, None], columns], 0) ** 2
        middle = (weight * along[columns]).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-9)
        offset_px = np.where((strength > LEAST_RISE) & (np.abs(middle) <= reach_px), middle, np.nan)
        return offset_px, strength / FULL_RISE, pixels, normals

    def _pulled(self, vector: FloatArray, prior: Prior, reach_px: int) -> FloatArray:
        chosen = self._in_view(vector)
        if reach_px > COARSE_REACH_PX:
            chosen = chosen[::2]
        offset, rise, pixels, normals = self._ridges(vector, chosen, reach_px)
        seen = np.isfinite(offset)
        if seen.sum() < LEAST_HITS / 2:
            return vector
        ground, pulls = self.marks[chosen[seen]], normals[seen] * rise[seen, None]
        targets = pixels[seen] + normals[seen] * offset[seen, None]

        def residuals(moved: FloatArray, owners: NDArray[np.int64]) -> FloatArray:
            apart = project_ground(moved, ground, self.seen.size_px) - targets
            return (apart[..., 0] * pulls[:, 0] + apart[..., 1] * pulls[:, 1]) / max(
                reach_px / 8, 0.7
            )

        return refine(
            vector[None], residuals, prior, n_steps=3, robust_scale=4.0, evidence_weight=0.35,
            n_nominal=2 * N_MOST_POINTS,
        )[0][0]  # fmt: skip


def _is_grass(bright: NDArray[np.float32], green: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Samples that are about as green as most: an edge of boards or a path is no line of the pitch."""
    shade = green / (bright + 8.0)
    some = shade[::4].ravel()
    usual = np.partition(some, len(some) // 2)[len(some) // 2]
    return np.asarray(shade >= max(LEAST_GREEN * usual, LEAST_SHADE))


def _doubt_px(pixels: FloatArray, normals: FloatArray, size_px: tuple[int, int]) -> float:
    """Standard deviation at the picture's edge of a shift and zoom fitted to distances that are off by a pixel."""
    half = size_px[0] / 2
    from_middle = (pixels - np.array(size_px) / 2) / half
    rows = np.column_stack([normals, (normals * from_middle).sum(axis=1)])
    inverse = np.linalg.inv(rows.T @ rows / REPEATS + 1e-9 * np.eye(3))
    return float(np.sqrt(np.trace(inverse)))
