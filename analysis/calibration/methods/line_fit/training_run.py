"""``python -m analysis train calibration/line_fit``: the method learns nothing but how far to trust itself.

Labelled frames, each as it is and through virtual cameras, some of them degraded, are fitted one by one; the odds that
a fit is right are a logistic regression of its evidence, checked across folds of sequences.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import homography_of
from analysis.calibration.confidence_fit import (
    Judged,
    cross_stated,
    expected_calibration_error,
    fitted_odds,
    judged_views,
    odds_text,
    reliability_rows,
)
from analysis.calibration.methods.line_fit.answers import evidence_for
from analysis.calibration.methods.line_fit.calibrator import LineFitCalibrator, Settings
from analysis.calibration.methods.line_fit.evidence import observe
from analysis.calibration.methods.line_fit.matching import Matcher, line_field
from analysis.calibration.methods.line_fit.opinion import Opinion
from analysis.calibration.sources import labelled_sources
from analysis.core.pitch import STANDARD_PITCH
from analysis.core.problems import InputProblem
from analysis.core.records import Frame, ImageArray, StageEvent
from analysis.datasets.pitch_keypoints import (
    MIN_POINTS,
    LabelledFrame,
    fold_of_sequences,
    read_labelled_frames,
)
from analysis.training.base import TrainingReport, TrainingRequest
from analysis.training.logbook import Logbook
from analysis.training.weights import sha256_of

FloatArray = NDArray[np.float64]
COMMAND = "python -m analysis train calibration/line_fit --data DIR --out RUNS"
PICTURE_PX = (960, 540)
N_FOLDS = 4
#: At most so many frames of a sequence: neighbours are near-copies.
MOST_OF_SEQUENCE = {"cpu": 4, "gpu": 100}
N_VIEWS = 2
WORSE_SHARE = 0.5


def train(request: TrainingRequest, on_event: Callable[[StageEvent], None]) -> TrainingReport:
    """Fit the odds of the confidence.

    Raises:
        InputProblem: no labelled frames, or another part than ``confidence``.
    """
    if request.part not in ("", "confidence"):
        raise InputProblem(
            "training_part", f"There is no part {request.part!r}; there is confidence."
        )
    if request.data is None:
        raise InputProblem(
            "labels_missing", "The confidence is fitted on labelled frames: name them with --data."
        )
    frames = spread(
        read_labelled_frames(request.data, min_points=MIN_POINTS), MOST_OF_SEQUENCE[request.preset]
    )
    calibrator = LineFitCalibrator(Settings())
    fold_of = fold_of_sequences(frames, N_FOLDS)
    log = Logbook(request.folder)
    folds: list[list[Judged]] = [[] for _ in range(N_FOLDS)]
    done = len(log.rows()) if request.resume else 0
    for number, frame in enumerate(frames):
        fold = folds[fold_of[frame.sequence]]
        if number < done:
            fold += [Judged(**row) for row in json.loads(str(log.rows()[number]["judged"]))]
            continue
        rows = judged_views(
            lambda image: _judge(calibrator, image),
            labelled_sources([frame]),
            n_views=N_VIEWS,
            seed=request.seed + number,
            size_px=PICTURE_PX,
            worse_share=WORSE_SHARE,
        )
        fold += rows
        log.write({"frame": number, "judged": json.dumps([asdict(row) for row in rows])})
        on_event(StageEvent("judge", number + 1, len(frames)))
    stated, right = cross_stated([fold for fold in folds if fold])
    bias, weights = fitted_odds([row for fold in folds for row in fold])
    target = request.folder / "confidence.toml"
    target.write_text(odds_text(bias, weights, COMMAND), encoding="utf-8")
    numbers = {
        "pictures": float(len(right)),
        "share_right": float(right.mean()),
        "expected_calibration_error": expected_calibration_error(stated, right),
    }
    for said, true, count in reliability_rows(stated, right):
        numbers[f"stated {said:.2f}: right, of {count}"] = true
    return TrainingReport({target: sha256_of(target)}, numbers)


def spread(frames: Sequence[LabelledFrame], most: int) -> list[LabelledFrame]:
    """At most ``most`` frames of every sequence, evenly spread over it, in the given order."""
    of_sequence: dict[str, list[LabelledFrame]] = {}
    for frame in frames:
        of_sequence.setdefault(frame.sequence, []).append(frame)
    return [
        group[k]
        for group in of_sequence.values()
        for k in sorted(set(np.linspace(0, len(group) - 1, min(most, len(group))).astype(int)))
    ]


def _judge(
    calibrator: LineFitCalibrator, image: ImageArray
) -> tuple[Mapping[str, float], FloatArray] | None:
    """Evidence and view of a picture by itself."""
    cv2.setNumThreads(1)
    evidence = observe(image)
    if evidence is None or calibrator.says_nothing(evidence):
        return None
    matcher = Matcher(line_field(evidence), STANDARD_PITCH)
    solution = calibrator.search(matcher, Opinion(None, Frame(0, 0, image), STANDARD_PITCH), None)
    matrix = homography_of(solution.vector, evidence.size_px)
    matrix = np.diag([1 / evidence.scale[0], 1 / evidence.scale[1], 1.0]) @ matrix
    if not np.isfinite(matrix).all() or abs(matrix[2, 2]) < 1e-9:
        return None
    return evidence_for(solution.agreement, solution.doubt), matrix
