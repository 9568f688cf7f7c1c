"""The line fit on real frames: one of twelve of each labelled sequence, and clips that show no pitch."""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.calibration.methods import line_fit
from analysis.core.homography import rescaled
from analysis.core.pitch import STANDARD_PITCH
from analysis.core.records import Frame
from analysis.metrics.calibration import iou_part
from analysis.video.images import read_image

FRAMES = Path(__file__).resolve().parents[3] / "shared" / "data" / "pitch_keypoints"
SIZE = (1280, 720)

pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.skipif(not FRAMES.is_dir(), reason="the real frames are not beside the checkout"),
]


def test_real_frames_keep_their_floor():
    labels = json.loads((FRAMES / "annotations.json").read_text())
    usable = [
        label
        for label in labels
        if not label["suspect"] and len(label["points"]) >= 6 and label["fit_error_px"] <= 6
    ]
    chosen = sorted(usable, key=lambda label: (label["sequence"], label["image"]))[::12]
    calibrator = line_fit.build(line_fit.Settings(), "cpu")
    overlap, confidence = [], []
    for label in chosen:
        frame = Frame(0, 0, read_image(FRAMES / label["image"]))
        found = next(iter(calibrator.calibrate([frame], STANDARD_PITCH)))
        truth = np.array(label["image_from_pitch_1280x720"])
        if found is None:
            overlap.append(0.0)
            confidence.append(0.0)
            continue
        matrix = rescaled(found.image_from_pitch, found.image_size_px, SIZE)
        overlap.append(iou_part(truth, matrix, SIZE))
        confidence.append(found.confidence)
    wrong = (np.array(confidence) >= 0.5) & (np.array(overlap) < 0.8)
    assert np.mean(overlap) > 0.95
    assert wrong.sum() == 0
