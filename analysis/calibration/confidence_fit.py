"""Making the confidence mean something: log-odds fitted on frames whose sequences the network has not seen.

Every held-out frame is judged as it is and through virtual cameras that zoom and turn, so that hard views and pictures
without pitch are among the examples. "Right" means IoU part above 0.95 against the labelled camera.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from analysis.calibration import virtual_views
from analysis.calibration.cameras import homography_of
from analysis.calibration.confidence import probability
from analysis.calibration.sources import Source
from analysis.core.records import ImageArray
from analysis.metrics.calibration import iou_part
from analysis.training.degradation import worse_picture

FloatArray = NDArray[np.float64]
RIGHT_IOU = 0.95
#: A picture -> the evidence of its best camera and that camera's ``image_from_pitch``; None without any.
Judge = Callable[[ImageArray], tuple[Mapping[str, float], FloatArray] | None]


@dataclass(frozen=True)
class Judged:
    """One held-out picture: the evidence of its fit, whether it was right, whether the picture is as it was taken."""

    evidence: Mapping[str, float]
    is_right: bool
    is_plain: bool


def judged_views(
    judge: Judge,
    sources: Sequence[Source],
    *,
    n_views: int,
    seed: int,
    size_px: tuple[int, int],
    worse_share: float = 0.0,
) -> list[Judged]:
    """What a method makes of held-out sources: each as it is, and ``n_views`` virtual views of it.

    Args:
        judge: the method.
        sources: pictures whose camera is known.
        n_views: virtual views of each.
        seed: of the views.
        size_px: (width, height) of the pictures the method is shown.
        worse_share: share of the virtual views that are degraded as broadcasts are.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for source in sources:
        plain = cv2.resize(source.image, size_px, interpolation=cv2.INTER_AREA)
        rows.append(_judged(judge, plain, source.camera, is_plain=True))
        for _ in range(n_views):
            view = virtual_views.virtual_view(source.camera, rng, longest=source.camera[6] > 0.7)
            picture = virtual_views.rendered_view(source.image, source.camera, view, size_px, rng)
            if rng.random() < worse_share:
                picture = worse_picture(picture, rng)
            rows.append(_judged(judge, picture, view, is_plain=False))
    return [row for row in rows if row is not None]


def _judged(judge: Judge, image: ImageArray, truth: FloatArray, *, is_plain: bool) -> Judged | None:
    found = judge(image)
    if found is None:
        return None
    evidence, image_from_pitch = found
    size_px = (image.shape[1], image.shape[0])
    overlap = iou_part(homography_of(truth, size_px), image_from_pitch, size_px)
    return Judged(evidence, overlap > RIGHT_IOU, is_plain)


def fitted_odds(rows: Sequence[Judged]) -> tuple[float, dict[str, float]]:
    """(bias, name -> weight) of a regularised logistic regression; plain pictures count three times.

    Raises:
        ValueError: all rows are right, or all are wrong.
    """
    names = list(rows[0].evidence)
    table = np.array([[row.evidence[name] for name in names] for row in rows])
    right = np.array([row.is_right for row in rows])
    if right.all() or not right.any():
        raise ValueError("confidence needs right and wrong examples")
    middle, spread = table.mean(axis=0), np.maximum(table.std(axis=0), 1e-6)
    model = LogisticRegression(C=1.0, max_iter=1000)
    model.fit(
        (table - middle) / spread, right, sample_weight=[1 + 2 * row.is_plain for row in rows]
    )
    weight = model.coef_[0] / spread
    bias = float(model.intercept_[0] - weight @ middle)
    return bias, {name: float(value) for name, value in zip(names, weight, strict=True)}


def expected_calibration_error(
    stated: FloatArray, is_right: NDArray[np.bool_], n_bins: int = 10
) -> float:
    """Mean distance of stated probability and share right over equal bins, weighted by their counts (Guo 2017)."""
    rows = reliability_rows(stated, is_right, n_bins)
    return sum(count * abs(said - true) for said, true, count in rows) / max(1, len(stated))


def cross_stated(
    groups: Sequence[Sequence[Judged]], *, only_plain: bool = False
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Probabilities stated of every group's pictures by odds fitted on the others, and whether they were right."""
    stated, right = [], []
    for index, group in enumerate(groups):
        others = [row for other, rows in enumerate(groups) if other != index for row in rows]
        bias, weights = fitted_odds(others)
        for row in group:
            if row.is_plain or not only_plain:
                stated.append(probability(row.evidence, weights, bias=bias))
                right.append(row.is_right)
    return np.array(stated), np.array(right, dtype=bool)


def reliability_rows(
    stated: FloatArray, right: NDArray[np.bool_], n_bins: int = 10
) -> list[tuple[float, float, int]]:
    """(mean stated, share right, count) of each of the equal bins that hold something."""
    bins = np.minimum((stated * n_bins).astype(int), n_bins - 1)
    return [
        (float(stated[bins == k].mean()), float(right[bins == k].mean()), int((bins == k).sum()))
        for k in range(n_bins)
        if (bins == k).any()
    ]


def odds_text(bias: float, weights: Mapping[str, float], command: str) -> str:
    """The content of ``confidence.toml``; ``command`` is the one that fitted it."""
    lines = [
        "# Log-odds that IoU part exceeds 0.95, fitted on frames of sequences the method had not learned from:",
        f"# {command}",
        f"bias = {bias:.4f}",
        "",
        "[weights]",
        *(f"{name} = {value:.4f}" for name, value in weights.items()),
    ]
    return "\n".join(lines) + "\n"
