"""Calibrations against labelled pitch points: areas in view, pixels, metres, and how often confidence misleads.

Labels are a JSON list of {image, points: [{x_rel, y_rel, pitch_xy_m}], image_from_pitch_1280x720, suspect,
fit_error_px, sequence, kind}; predictions are what ``calibrate`` writes. Images match by file name.

Labels that are a folder are line annotations of the SoccerNet calibration challenge, one JSON a picture: then its
score is printed, JaC at 5, 10 and 20 px, completeness, and their product.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.core.problems import InputProblem

LABEL_SIZE_PX = (1280, 720)
MIN_POINTS = 6
MAX_FIT_ERROR_PX = 6.0
WRONG_BELOW = 0.8
MEASURES = ("iou_part", "iou_part_raster", "iou_entire_template", "iou_entire_image")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``evaluate calibration``."""
    parser.add_argument(
        "--labels",
        type=Path,
        required=True,
        help="JSON of labelled frames, or a folder of annotated lines",
    )
    parser.add_argument("--predictions", type=Path, required=True, help="JSON that calibrate wrote")
    parser.add_argument(
        "--floor", type=float, default=0.5, help="confidence that counts as confident"
    )
    parser.add_argument("--by-sequence", action="store_true", help="one table per sequence, too")


def main(args: argparse.Namespace) -> int:
    """Print one JSON object of tables: ``all``, one for each kind, and one for each sequence on request.

    Raises:
        InputProblem: a file is missing or is not what its flag asks for.
    """
    if args.labels.is_dir():
        print(json.dumps(_line_score(args.labels, _read(args.predictions)), indent=1))
        return 0
    labels, predictions = _read(args.labels), _read(args.predictions)
    try:
        usable = [label for label in labels if _is_usable(label)]
        guesses = {Path(guess["image"]).name: guess for guess in predictions}
        rows = [_row(label, guesses.get(Path(label["image"]).name), args.floor) for label in usable]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputProblem(
            "labels_unreadable",
            f"The labels or predictions lack what is needed ({error!r}); give the files the help describes.",
        ) from error
    tables = {"all": _table(rows)}
    for key in ("kind", "sequence") if args.by_sequence else ("kind",):
        for name in sorted({row[key] for row in rows}):
            tables[f"{key} {name}"] = _table([row for row in rows if row[key] == name])
    print(json.dumps(tables, indent=1))
    return 0


def _line_score(folder: Path, predictions: Sequence[Mapping[str, Any]]) -> dict[str, float | int]:
    import numpy as np

    from analysis.datasets.soccernet_lines import read_line_annotations
    from analysis.metrics.calibration import line_score
    from analysis.metrics.calibration_lines import predicted_polylines

    labels = read_line_annotations(folder)
    guesses = {
        Path(guess["image"]).stem: predicted_polylines(
            np.asarray(guess["image_from_pitch"], dtype=np.float64),
            (guess["width_px"], guess["height_px"]),
        )
        for guess in predictions
        if guess.get("image_from_pitch") is not None
    }
    score = line_score((guesses.get(name), lines) for name, lines in labels.items())
    return {
        "frames": len(labels),
        **{f"jac_at_{threshold:g}": round(value, 4) for threshold, value in score.jaccard.items()},
        "completeness": round(score.completeness, 4),
        "final": round(score.final, 4),
    }


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputProblem(
            "labels_unreadable", f"{path.name!r} cannot be read as JSON; check the path."
        ) from error
    if not isinstance(content, list):
        raise InputProblem("labels_unreadable", f"{path.name!r} is not a JSON list of frames.")
    return content


def _is_usable(label: Mapping[str, Any]) -> bool:
    """Known bad labels, too few points and bad fits say nothing about a prediction."""
    return (
        not label.get("suspect", False)
        and len(label["points"]) >= MIN_POINTS
        and label.get("fit_error_px", 0.0) <= MAX_FIT_ERROR_PX
    )


def _row(label: Mapping[str, Any], guess: Mapping[str, Any] | None, floor: float) -> dict[str, Any]:
    import numpy as np

    from analysis.core.homography import rescaled
    from analysis.metrics import calibration as metrics

    row: dict[str, Any] = {
        "kind": label.get("kind", "unknown"),
        "sequence": label.get("sequence", "unknown"),
        "answered": False,
        "confident": False,
        **dict.fromkeys(MEASURES, 0.0),
    }
    if guess is None or guess.get("image_from_pitch") is None:
        return row
    matrix = np.asarray(guess["image_from_pitch"], dtype=np.float64).reshape(3, 3)
    if not np.isfinite(matrix).all() or abs(np.linalg.det(matrix)) < 1e-12:
        return row
    found = rescaled(matrix, (guess["width_px"], guess["height_px"]), LABEL_SIZE_PX)
    truth = np.asarray(label["image_from_pitch_1280x720"], dtype=np.float64)
    points = label["points"]
    pitch_xy_m = np.array([point["pitch_xy_m"] for point in points], dtype=np.float64)
    points_px = np.array([[point["x_rel"], point["y_rel"]] for point in points]) * LABEL_SIZE_PX
    confidence = guess.get("confidence")
    row.update({name: getattr(metrics, name)(truth, found, LABEL_SIZE_PX) for name in MEASURES})
    row.update(
        answered=True,
        confident=confidence is None or confidence >= floor,
        error_px=metrics.reprojection_error_px(found, pitch_xy_m, points_px, LABEL_SIZE_PX),
        error_m=metrics.ground_error_m(truth, found, LABEL_SIZE_PX),
    )
    return row


def _table(rows: Sequence[Mapping[str, Any]]) -> dict[str, float | int | None]:
    """Means over all frames (unanswered ones count 0), errors over the answered ones."""
    import numpy as np

    def summary(values: Sequence[float], of: Any) -> float | None:
        finite = np.asarray(values, dtype=np.float64)
        finite = finite[np.isfinite(finite)]
        return round(float(of(finite)), 4) if len(finite) else None

    answered = [row for row in rows if row["answered"]]
    wrong = [row["confident"] and row["iou_part"] < WRONG_BELOW for row in rows]
    table: dict[str, float | int | None] = {
        "frames": len(rows),
        "answered": summary([row["answered"] for row in rows], np.mean),
        "confident": summary([row["confident"] for row in rows], np.mean),
        "confident_and_wrong": summary(wrong, np.mean),
    }
    for name in MEASURES:
        table[f"{name}_mean"] = summary([row[name] for row in rows], np.mean)
        table[f"{name}_median"] = summary([row[name] for row in rows], np.median)
    for name in ("error_px", "error_m"):
        table[f"{name}_median_answered"] = summary([row[name] for row in answered], np.median)
    return table
