"""How far to trust a camera that explains a picture, and the answer that is made of it."""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import homography_of
from analysis.calibration.confidence import probability, status_of
from analysis.calibration.methods.line_fit.matching import Agreement
from analysis.calibration.plausibility import implausible
from analysis.core.pitch import PitchSpec
from analysis.core.records import Calibration, Frame

FloatArray = NDArray[np.float64]
METHOD = "line_fit"
CONFIDENCE_FILE = Path(__file__).with_name("confidence.toml")


def calibration_of(
    vector: FloatArray,
    confidence: float,
    working_size_px: tuple[int, int],
    frame: Frame,
    pitch: PitchSpec,
) -> Calibration | None:
    """A camera (8,) for pictures of the working size as the frame's calibration; None where it has no view."""
    matrix = homography_of(vector, working_size_px)
    width_px, height_px = frame.size_px
    to_frame = [width_px / working_size_px[0], height_px / working_size_px[1], 1.0]
    matrix = np.diag(to_frame) @ matrix
    if not np.isfinite(matrix).all() or abs(matrix[2, 2]) < 1e-9:
        return None
    if implausible(matrix / matrix[2, 2], frame.size_px, pitch=pitch) is not None:
        confidence = min(confidence, 0.05)
    return Calibration(matrix, frame.size_px, confidence, status_of(confidence), METHOD)


def evidence_for(agreement: Agreement, doubt: float) -> dict[str, float]:
    """What the confidence weighs. One or two marks alone prove little."""
    return {
        "support": agreement.support,
        "recall": agreement.recall,
        "grass": agreement.grass,
        "elements": float(min(agreement.n_elements, 6)),
        "few": float(max(0, 3 - agreement.n_elements)),
        "seen": float(np.log1p(agreement.n_seen_px / 100)),
        "residual": min(agreement.residual_px, 3.0),
        "doubt": min(doubt, 30.0),
    }


def trust_in(agreement: Agreement, doubt: float) -> float:
    """Probability that a camera with this agreement, so unusual, is right."""
    odds = _odds()
    return probability(evidence_for(agreement, doubt), odds["weights"], bias=odds["bias"])


@lru_cache(maxsize=1)
def _odds() -> dict[str, Any]:
    return tomllib.loads(CONFIDENCE_FILE.read_text(encoding="utf-8"))
