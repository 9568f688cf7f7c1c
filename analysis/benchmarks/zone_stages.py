"""The published system on real frames that its weights have not seen, stage after stage.

Two folds of sequences, each answered by the weights of the run that left it out. Stages are cumulative, as the paper
reports them: retrieval of the nearest template, its correction by the spatial transformer, then what is ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from analysis.calibration.methods.zone_dictionary import Settings, build
from analysis.calibration.methods.zone_dictionary.calibrator import ZoneDictionaryCalibrator
from analysis.calibration.methods.zone_dictionary.files import SEGMENTATION_FILE
from analysis.core.homography import rescaled
from analysis.core.pitch import STANDARD_PITCH
from analysis.core.problems import InputProblem
from analysis.core.records import Calibration, Frame
from analysis.datasets.pitch_keypoints import (
    LABEL_SIZE_PX,
    MIN_POINTS,
    LabelledFrame,
    fold_of_sequences,
    read_labelled_frames,
)
from analysis.metrics.calibration import iou_entire_template, iou_part
from analysis.video.images import read_image

LABELS = "pitch_keypoints"
N_FOLDS = 2
RUNS = Path("runs") / "calibration"
STAGES = (
    ("retrieval, as published", Settings(stage="retrieval", n_candidates=1)),
    ("+ spatial transformer, as published", Settings(stage="refined", n_candidates=1)),
    ("+ templates ranked by overlap (ours)", Settings(stage="ranked")),
    ("+ borders aligned with a full camera (ours)", Settings()),
)
WRONG_IOU = 0.80


@dataclass(frozen=True, slots=True)
class Row:
    """One frame: its sequence and kind, and after every stage IoU part, entire, and the confidence (0 unanswered)."""

    frame: LabelledFrame
    part: tuple[float, ...]
    entire: tuple[float, ...]
    confidence: float
    is_answered: bool


def measure(data: Path) -> str:
    """The page: stages, kinds and sequences."""
    torch.set_num_threads(1)
    return page([row for k in range(N_FOLDS) for row in fold_rows(data / LABELS, k, run_of(k))])


def page(rows: Sequence[Row]) -> str:
    """Tables of the rows of all folds."""
    stages = [
        f"| {name} | {settings.n_candidates} | {_figures(rows, number)} |"
        for number, (name, settings) in enumerate(STAGES)
    ]
    last = len(STAGES) - 1
    groups = [("all", list(rows))]
    groups += [(k, [r for r in rows if r.frame.kind == k]) for k in ("scouting_feed", "tv")]
    names = sorted({row.frame.sequence for row in rows})
    groups += [(name, [r for r in rows if r.frame.sequence == name]) for name in names]
    table = [
        f"| {name} | {len(of)} | {_figures(of, last)} | {_confident(of)} |" for name, of in groups
    ]
    return "\n".join(
        [_WORDS.format(n=len(rows), folds=N_FOLDS), "", _STAGE_HEADER, *stages, "", _HEADER, *table]
    )


_WORDS = """{n} labelled frames, {folds} folds of sequences, every frame answered by weights that saw nothing of its
sequence. A frame without an answer counts as 0. Commands of the runs, for k of 1 and {folds}:

    python -m analysis train calibration/zone_dictionary --part pretraining --out runs/pretraining
    python -m analysis train calibration/zone_dictionary --part segmentation --data ../shared/data/pitch_keypoints \\
        --initial runs/pretraining/zone_pretrained.safetensors --fold k/{folds}"""
_STAGE_HEADER = """| stage | candidates | IoU part, mean | median | below 0.9 | IoU entire, mean |
|---|---|---|---|---|---|"""
_HEADER = """After the last stage; "confident" is confidence >= 0.5, "wrong" is IoU part < 0.80:

| frames of | n | IoU part, mean | median | below 0.9 | IoU entire, mean | answered | confident | confident and wrong |
|---|---|---|---|---|---|---|---|---|"""


def run_of(fold: int) -> Path:
    """The folder that ``train --fold`` writes to.

    Raises:
        InputProblem: there is none with the segmentation in it.
    """
    folder = RUNS / f"zone_dictionary-fold-{fold + 1}-of-{N_FOLDS}"
    if not (folder / SEGMENTATION_FILE).is_file():
        raise InputProblem(
            "run_missing",
            f"There is no {SEGMENTATION_FILE} in {folder}; train the fold with `python -m analysis train "
            f"calibration/zone_dictionary --part segmentation --fold {fold + 1}/{N_FOLDS} --data DIR`.",
        )
    return folder


def fold_rows(folder: Path, fold: int, run: Path, *, step: int = 1) -> list[Row]:
    """Rows of the frames that a fold holds out, one of ``step``."""
    fold_of = fold_of_sequences(read_labelled_frames(folder), N_FOLDS)
    frames = read_labelled_frames(folder, min_points=MIN_POINTS)
    unseen = [frame for frame in frames if fold_of[frame.sequence] == fold][::step]
    calibrators = [build(replace(settings, weights=str(run))) for _, settings in STAGES]
    return [_row(frame, calibrators) for frame in unseen]


def _row(frame: LabelledFrame, calibrators: Sequence[ZoneDictionaryCalibrator]) -> Row:
    picture = Frame(0, 0, read_image(frame.image_path))
    seen, code, frameset = calibrators[-1].look(picture.image)
    found = [of.search.answer(seen, code, STANDARD_PITCH) for of in calibrators]
    answers = [
        None if answer is None else of.judged(answer, frameset, picture, STANDARD_PITCH)
        for of, answer in zip(calibrators, found, strict=True)
    ]
    overlaps = [_overlaps(frame, answer) for answer in answers]
    last = answers[-1]
    return Row(
        frame,
        tuple(part for part, _ in overlaps),
        tuple(entire for _, entire in overlaps),
        0.0 if last is None else last.confidence,
        last is not None,
    )


def _overlaps(frame: LabelledFrame, answer: Calibration | None) -> tuple[float, float]:
    if answer is None:
        return 0.0, 0.0
    guess = rescaled(answer.image_from_pitch, answer.image_size_px, LABEL_SIZE_PX)
    truth = frame.image_from_pitch
    return (
        iou_part(truth, guess, LABEL_SIZE_PX),
        iou_entire_template(truth, guess, LABEL_SIZE_PX),
    )


def _figures(rows: Sequence[Row], stage: int) -> str:
    part = np.array([row.part[stage] for row in rows])
    entire = np.array([row.entire[stage] for row in rows])
    return f"{part.mean():.3f} | {np.median(part):.3f} | {(part < 0.9).mean():.2f} | {entire.mean():.3f}"


def _confident(rows: Sequence[Row]) -> str:
    sure = np.array([row.confidence >= 0.5 for row in rows])
    wrong: NDArray[np.bool_] = np.array([row.part[-1] < WRONG_IOU for row in rows])
    answered = np.mean([row.is_answered for row in rows])
    return f"{answered:.2f} | {sure.mean():.2f} | {(sure & wrong).mean():.3f}"
