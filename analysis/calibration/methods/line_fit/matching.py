"""Pulls cameras onto the lines of a picture, and says how well one explains it.

Association is by orientation: a mark point goes to the nearest ridge top whose normal fits its own; a ridge top goes to
the nearest mark of the view. Both kinds of pairs pull along the line's normal only, as in iterative closest points with
point-to-line distances (Chen and Medioni 1992), and ``calibration.refinement`` moves the cameras.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import ground_of_pixels, grounds_of_pixels, project_ground
from analysis.calibration.methods.line_fit.bank import (
    LINE_CELLS,
    N_ORIENTATIONS,
    coarse_size,
    mark_numbers,
    mark_points,
    nearest_marks,
    orientation_bins,
)
from analysis.calibration.methods.line_fit.evidence import Evidence
from analysis.calibration.refinement import Prior, refine
from analysis.core.pitch import PitchSpec

FloatArray = NDArray[np.float64]

FAR_PX = 1e4
LABEL_ZOOM = 2
# Between views that explain the same lines, the one that lies on them more closely.
RESIDUAL_WEIGHT = 0.06
TRUSTED_WEIGHT = 0.5
JUDGED_STEP_M = 0.8


@dataclass(frozen=True)
class LineField:
    """Nearest lines by orientation, made once for each picture.

    Args:
        evidence: the picture.
        nearest: (4, h/2, w/2) index of the nearest ridge top of that orientation; -1 where there is none at all.
        distance: the same shape, distance in working pixels.
        picked: indices of the ridge tops that stand for all of them, about evenly spread.
    """

    evidence: Evidence
    nearest: NDArray[np.int32]
    distance: NDArray[np.float32]
    picked: NDArray[np.int64]

    def coarse_distances(self, reach_px: float) -> NDArray[np.float32]:
        """(4 * rows * columns + 1,) distances over ``reach_px``, at most 1, for ``Bank.ranked``."""
        size = coarse_size(self.evidence.size_px, LINE_CELLS)
        layers = [
            cv2.resize(np.minimum(layer / reach_px, 1.0), size, interpolation=cv2.INTER_AREA)
            for layer in self.distance
        ]
        return np.append(np.stack(layers).ravel(), np.float32(0)).astype(np.float32)


def line_field(evidence: Evidence, *, n_picked: int = 260) -> LineField:
    """Distance and nearest-point maps of the ridge tops, for four overlapping orientations."""
    width_px, height_px = evidence.size_px
    shape = (-(-height_px // LABEL_ZOOM), -(-width_px // LABEL_ZOOM))
    nearest = np.full((N_ORIENTATIONS, *shape), -1, np.int32)
    distance = np.full((N_ORIENTATIONS, *shape), FAR_PX, np.float32)
    angle = np.arctan2(evidence.normals[:, 1], evidence.normals[:, 0])
    cells = (evidence.points_px / LABEL_ZOOM).astype(int)
    for code in range(N_ORIENTATIONS):
        off = np.abs((angle - code * np.pi / N_ORIENTATIONS + np.pi / 2) % np.pi - np.pi / 2)
        fitting = np.flatnonzero(off < np.radians(32))
        if len(fitting) == 0:
            continue
        canvas = np.ones(shape, np.uint8)
        canvas[cells[fitting, 1], cells[fitting, 0]] = 0
        away, labels = cv2.distanceTransformWithLabels(
            canvas, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
        )
        index_of_label = np.zeros(labels.max() + 1, np.int32)
        index_of_label[labels[cells[fitting, 1], cells[fitting, 0]]] = fitting
        nearest[code] = index_of_label[labels]
        distance[code] = away * LABEL_ZOOM
    return LineField(evidence, nearest, distance, _spread_out(evidence, n_picked))


def _spread_out(evidence: Evidence, n_picked: int) -> NDArray[np.int64]:
    """The strongest ridge top of each small cell; if too many, every n-th of them."""
    if len(evidence.points_px) == 0:
        return np.zeros(0, np.int64)
    cell = (evidence.points_px / 8).astype(np.int64)
    key = cell[:, 1] * 4096 + cell[:, 0]
    order = np.lexsort((-evidence.weights, key))
    first = order[np.r_[True, np.diff(key[order]) > 0]]
    if len(first) > n_picked:
        first = first[np.linspace(0, len(first) - 1, n_picked).astype(int)]
    return np.asarray(first)


@dataclass(frozen=True)
class Agreement:
    """How well one camera explains a picture.

    Args:
        support: share of the predicted line length in clear view that has a line under it.
        recall: share of the picture's line weight that lies on a predicted line.
        grass: share of coarse cells where pitch and grass agree.
        n_seen_px: predicted line length in clear view, working pixels.
        n_elements: marks with at least 40 px in view, most of it supported.
        residual_px: mean distance of supported points, working pixels.
        score: the sum that ranks candidates.
    """

    support: float
    recall: float
    grass: float
    n_seen_px: float
    n_elements: int
    residual_px: float
    score: float


class Matcher:
    """Pairs, refinement and judgement for one picture."""

    def __init__(self, field: LineField, pitch: PitchSpec) -> None:
        self.field = field
        self.pitch = pitch
        self.size_px = field.evidence.size_px
        # A faint or short ridge may be anything: its pairs pull less, so that many of them do not win over a line.
        self.trust = np.minimum(field.evidence.weights / TRUSTED_WEIGHT, 1.0).astype(np.float64)
        self.pulls = field.evidence.normals * self.trust[:, None]
        self.marks, self.mark_directions = mark_points(pitch, 1.5)
        self.fine_marks, self.fine_directions = mark_points(pitch, JUDGED_STEP_M)
        self.fine_element = mark_numbers(pitch, JUDGED_STEP_M)
        self.dense, self.dense_directions, self.dense_map = nearest_marks(pitch)

    def pull(
        self,
        vectors: FloatArray,
        prior: Prior,
        *,
        reach_px: tuple[float, ...],
        weight: float = 0.35,
    ) -> FloatArray:
        """Cameras (C, 8) after one association and a few steps for each reach, wide ones first."""
        for reach in reach_px:
            pairs = self._pairs(vectors, reach)
            n_nominal = pairs[0].shape[1]
            ground, targets, normals = _paired_first(*pairs)

            def residuals(
                moved: FloatArray,
                owners: NDArray[np.int64],
                ground: FloatArray = ground,
                targets: FloatArray = targets,
                normals: FloatArray = normals,
                reach: float = reach,
            ) -> FloatArray:
                offset = project_ground(moved, ground[owners], self.size_px) - targets[owners]
                return _dot(offset, normals[owners]) / max(reach / 8, 0.7)

            vectors, _ = refine(
                vectors,
                residuals,
                prior,
                n_steps=3,
                robust_scale=4.0,
                evidence_weight=weight,
                n_nominal=n_nominal,
            )
        return vectors

    def _pairs(
        self, vectors: FloatArray, reach: float
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Ground points (C, N, 2), image targets (C, N, 2) and normals (C, N, 2); NaN where there is no pair."""
        n_cameras = len(vectors)
        ground = np.broadcast_to(self.marks, (n_cameras, *self.marks.shape))
        pixels, normals = self._projected(vectors, self.marks, self.mark_directions)
        index, away, _ = self._lookup(pixels, normals)
        good = (index >= 0) & (away < reach)
        targets = np.where(
            good[..., None], self.field.evidence.points_px[np.maximum(index, 0)], np.nan
        )
        pulls = self.pulls[np.maximum(index, 0)]
        back_ground, back_targets, back_normals = self._back_pairs(vectors, reach)
        return (
            np.concatenate([ground, back_ground], axis=1),
            np.concatenate([targets, back_targets], axis=1),
            np.concatenate([pulls, back_normals], axis=1),
        )

    def _back_pairs(
        self, vectors: FloatArray, reach: float
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        points = self.field.evidence.points_px[self.field.picked].astype(np.float64)
        own = self.field.evidence.normals[self.field.picked]
        nearest = self._nearest_marks(vectors, points)
        ground = self.dense[nearest]
        directions = self.dense_directions[nearest]
        pixels = project_ground(vectors, ground, self.size_px)
        ahead = project_ground(vectors, ground + 0.2 * directions, self.size_px)
        normals = _normals(pixels, ahead)
        offset = _dot(pixels - points, normals)
        with np.errstate(invalid="ignore"):
            fits = np.abs(_dot(normals, own)) > 0.8
            good = fits & (np.abs(offset) < reach) & (nearest >= 0)
        targets = np.where(good[..., None], points, np.nan)
        return ground, targets, normals * self.trust[self.field.picked][:, None]

    def _nearest_marks(self, vectors: FloatArray, points: FloatArray) -> NDArray[np.int64]:
        """(C, M) index of the mark point nearest on the ground to each pixel; -1 off the pitch or in the sky."""
        rows, columns = self.dense_map.shape
        corner = np.array([self.pitch.length_m / 2 + 10, self.pitch.width_m / 2 + 10])
        place = (grounds_of_pixels(vectors, points, self.size_px) + corner) / 0.25
        with np.errstate(invalid="ignore"):
            inside = ((place >= 0) & (place < [columns, rows])).all(axis=-1)
        cell = np.where(inside[..., None], place, 0).astype(np.int64)
        return np.where(inside, self.dense_map[cell[..., 1], cell[..., 0]], -1)

    def unexplained(self, vectors: FloatArray, *, reach_px: float, n_points: int) -> FloatArray:
        """(C,) weighted mean distance of ridge tops to the nearest mark of each view, over the reach, at most 1."""
        picked = self.field.picked
        picked = picked[np.argsort(-self.field.evidence.weights[picked], kind="stable")[:n_points]]
        points = self.field.evidence.points_px[picked].astype(np.float64)
        weights = self.field.evidence.weights[picked]
        nearest = self._nearest_marks(vectors, points)
        pixels = project_ground(vectors, self.dense[nearest], self.size_px)
        away = np.linalg.norm(pixels - points, axis=-1)
        away = np.where((nearest >= 0) & (away < reach_px), away / reach_px, 1.0)
        return np.asarray((away * weights).sum(axis=1) / max(float(weights.sum()), 1e-6))

    def missed(self, vectors: FloatArray, *, reach_px: float) -> FloatArray:
        """(C,) mean distance of each view's marks to the nearest line, over the reach, at most 1."""
        pixels, normals = self._projected(vectors, self.marks[::2], self.mark_directions[::2])
        _, away, inside = self._lookup(pixels, normals)
        n_seen = inside.sum(axis=1)
        total = np.where(inside, np.minimum(away / reach_px, 1.0), 0.0).sum(axis=1)
        return np.asarray(np.where(n_seen > 8, total / np.maximum(n_seen, 1), 1.0))

    def _projected(
        self, vectors: FloatArray, points: FloatArray, directions: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        pixels = project_ground(vectors, points, self.size_px)
        ahead = project_ground(vectors, points + 0.2 * directions, self.size_px)
        return pixels, _normals(pixels, ahead)

    def _lookup(
        self, pixels: FloatArray, normals: FloatArray
    ) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.bool_]]:
        """Nearest ridge top of fitting orientation (index, distance) and whether the point is in the image."""
        with np.errstate(invalid="ignore"):
            inside = ((pixels >= 0) & (pixels < np.array(self.size_px))).all(axis=-1)
        cell = np.where(inside[..., None], pixels / LABEL_ZOOM, 0).astype(int)
        code = orientation_bins(normals)
        index = np.where(inside, self.field.nearest[code, cell[..., 1], cell[..., 0]], -1)
        away = np.where(inside, self.field.distance[code, cell[..., 1], cell[..., 0]], FAR_PX)
        return index, away, inside

    def judge(self, vector: FloatArray) -> Agreement:
        """Agreement of one camera with the picture, in both directions."""
        evidence = self.field.evidence
        pixels, normals = (
            part[0] for part in self._projected(vector[None], self.fine_marks, self.fine_directions)
        )
        index, _, inside = self._lookup(pixels, normals)
        step = np.linalg.norm(np.diff(pixels, axis=0, append=np.nan), axis=1)
        step = np.where(np.isfinite(step) & (step < 200), step, 0.0)
        column, row = (np.where(inside, pixels[:, axis], 0).astype(int) for axis in (0, 1))
        clear = inside & evidence.clear[row, column]
        blocked = inside & ~evidence.grass[row, column]
        offset = np.where(
            index >= 0,
            np.abs(
                (
                    (pixels - evidence.points_px[np.maximum(index, 0)])
                    * evidence.normals[np.maximum(index, 0)]
                ).sum(axis=1)
            ),
            FAR_PX,
        )
        along = np.linalg.norm(pixels - evidence.points_px[np.maximum(index, 0)], axis=1)
        hit = (index >= 0) & (offset < 3.5) & (along < 8)
        length = np.where(clear, step, 0.0)
        total = float(length.sum() + 0.5 * step[blocked].sum())
        support = float(length[hit].sum()) / max(total, 60.0)
        recall = self._recall(vector)
        grass = self._grass_agreement(vector)
        per_element = np.bincount(self.fine_element, length, minlength=self.fine_element[-1] + 1)
        hits = np.bincount(self.fine_element, length * hit, minlength=self.fine_element[-1] + 1)
        n_elements = int(((per_element > 40) & (hits > 0.6 * per_element)).sum())
        residual = float(np.average(offset[hit], weights=length[hit] + 1e-6)) if hit.any() else 9.0
        score = support + 0.8 * recall + 1.5 * grass - RESIDUAL_WEIGHT * residual
        return Agreement(support, recall, grass, float(length.sum()), n_elements, residual, score)

    def _recall(self, vector: FloatArray) -> float:
        evidence = self.field.evidence
        picked = self.field.picked
        if len(picked) == 0:
            return 0.0
        points = evidence.points_px[picked].astype(np.float64)
        nearest = self._nearest_marks(vector[None], points)[0]
        ground, directions = self.dense[nearest], self.dense_directions[nearest]
        pixels = project_ground(vector[None], ground, self.size_px)[0]
        ahead = project_ground(vector[None], ground + 0.2 * directions, self.size_px)[0]
        normals = _normals(pixels, ahead)
        with np.errstate(invalid="ignore"):
            near = np.abs(((pixels - points) * normals).sum(axis=1)) < 4.0
            fits = np.abs((normals * evidence.normals[picked]).sum(axis=1)) > 0.9
        explained = near & fits & (nearest >= 0)
        weights = evidence.weights[picked]
        return float(weights[explained].sum() / max(float(weights.sum()), 1e-6))

    def _grass_agreement(self, vector: FloatArray) -> float:
        width_px, height_px = self.size_px
        columns, rows = np.meshgrid(np.arange(16) + 0.5, np.arange(12) + 0.5)
        pixels = np.column_stack([columns.ravel() / 16 * width_px, rows.ravel() / 12 * height_px])
        ground = ground_of_pixels(vector, pixels, self.size_px)
        grass = self.field.evidence.grass[pixels[:, 1].astype(int), pixels[:, 0].astype(int)]
        inside = self.pitch.contains(ground)
        near = self.pitch.contains(ground, margin_m=9.0)
        wrong = (inside & ~grass) | (~near & grass)
        return 1.0 - float(wrong.mean())


def _paired_first(
    ground: FloatArray, targets: FloatArray, normals: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Each view's pairs moved to the front and the columns in which no view has one cut off: (C, M, 2), M <= N.

    Most marks lie outside the picture; every trial camera would project them all.
    """
    is_paired = ~np.isnan(targets[..., 0]) & ~np.isnan(normals[..., 0])
    n_most = max(1, int(is_paired.sum(axis=1).max(initial=0)))
    order = np.argsort(~is_paired, axis=1, kind="stable")[:, :n_most, None]
    return (
        np.take_along_axis(ground, order, axis=1),
        np.take_along_axis(targets, order, axis=1),
        np.take_along_axis(normals, order, axis=1),
    )


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    """Inner products of 2-vectors (..., 2); much faster than a sum over an axis of two."""
    return a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1]


def _normals(pixels: FloatArray, ahead: FloatArray) -> FloatArray:
    tangent = ahead - pixels
    length = np.linalg.norm(tangent, axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        tangent = tangent / length
    return np.stack([-tangent[..., 1], tangent[..., 0]], axis=-1)
