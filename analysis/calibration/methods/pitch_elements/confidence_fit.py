"""Making the confidence mean something: log-odds fitted on frames whose sequences the network has not seen.

Every held-out frame is judged as it is and through virtual cameras that zoom and turn, so that hard views and pictures
without pitch are among the examples. "Right" means IoU part above 0.95 against the labelled camera.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from analysis.calibration import virtual_views
from analysis.calibration.cameras import homography_of
from analysis.calibration.methods.pitch_elements.calibrator import PitchElementsCalibrator, prepared
from analysis.calibration.methods.pitch_elements.network import INPUT_SIZE_PX
from analysis.calibration.sources import Source
from analysis.core.pitch import STANDARD_PITCH
from analysis.core.records import ImageArray
from analysis.metrics.calibration import iou_part

FloatArray = NDArray[np.float64]
RIGHT_IOU = 0.95


@dataclass(frozen=True)
class Judged:
    """One held-out picture: the evidence of its fit, whether it was right, whether the picture is as it was taken."""

    evidence: Mapping[str, float]
    is_right: bool
    is_plain: bool


def judged_views(
    calibrator: PitchElementsCalibrator, sources: Sequence[Source], *, n_views: int, seed: int
) -> list[Judged]:
    """Fits of held-out sources: each as it is, and ``n_views`` virtual views of it."""
    rng = np.random.default_rng(seed)
    rows = []
    for source in sources:
        plain = cv2.resize(source.image, INPUT_SIZE_PX, interpolation=cv2.INTER_AREA)
        rows.append(_judge(calibrator, plain, source.camera, is_plain=True))
        for _ in range(n_views):
            view = virtual_views.virtual_view(source.camera, rng, longest=source.camera[6] > 0.7)
            picture = virtual_views.rendered_view(
                source.image, source.camera, view, INPUT_SIZE_PX, rng
            )
            rows.append(_judge(calibrator, picture, view, is_plain=False))
    return [row for row in rows if row is not None]


def _judge(
    calibrator: PitchElementsCalibrator, image: ImageArray, truth: FloatArray, *, is_plain: bool
) -> Judged | None:
    picture, frameset = prepared(image)
    maps = calibrator.maps(picture[None])[0]
    answer = calibrator.answer(maps, frameset, INPUT_SIZE_PX, STANDARD_PITCH)
    if answer.image_from_pitch is None:
        return None
    overlap = iou_part(homography_of(truth, INPUT_SIZE_PX), answer.image_from_pitch, INPUT_SIZE_PX)
    return Judged(answer.evidence, overlap > RIGHT_IOU, is_plain)


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
    probability: FloatArray, is_right: NDArray[np.bool_], n_bins: int = 10
) -> float:
    """Mean distance of stated probability and share right over equal bins, weighted by their counts (Guo 2017)."""
    bins = np.minimum((probability * n_bins).astype(int), n_bins - 1)
    error = 0.0
    for index in range(n_bins):
        inside = bins == index
        if inside.any():
            error += inside.mean() * abs(probability[inside].mean() - is_right[inside].mean())
    return float(error)


def odds_text(bias: float, weights: Mapping[str, float]) -> str:
    """The content of ``confidence.toml``."""
    lines = [
        "# Log-odds that IoU part exceeds 0.95, fitted on frames of sequences the network had not seen:",
        "# python -m analysis train calibration/pitch_elements --part confidence --data DIR --out RUNS",
        f"bias = {bias:.4f}",
        "",
        "[weights]",
        *(f"{name} = {value:.4f}" for name, value in weights.items()),
    ]
    return "\n".join(lines) + "\n"
