"""Score found camera shots against true ones: mean IoU over cameras, boundary precision, main camera or not."""

import argparse
import json
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``evaluate shots``."""
    parser.add_argument(
        "--labels", type=Path, required=True, help="shots.csv, or a folder of folders that hold one"
    )
    parser.add_argument(
        "--predictions", type=Path, required=True, help="the same for what was found"
    )


def main(args: argparse.Namespace) -> int:
    """Print one JSON object.

    Raises:
        InputProblem: no shots there, or a video without an answer.
    """
    from analysis.core.problems import InputProblem
    from analysis.metrics.shots import score_shots

    truth, found = _videos(args.labels), _videos(args.predictions)
    missing = sorted(set(truth) - set(found))
    if missing:
        raise InputProblem(
            "no_prediction", f"There are no shots for {', '.join(missing[:3])}; analyse it first."
        )
    scores = score_shots([(truth[name], found[name]) for name in sorted(truth)])
    report = {
        "videos": len(truth),
        "mean_iou": scores.mean_iou,
        "main_accuracy": scores.main_accuracy,
        "replay_iou": scores.replay_iou,
        "boundary_ap": dict(scores.boundary_ap),
        "camera_iou": dict(scores.camera_iou),
    }
    print(json.dumps(report, indent=1))
    return 0


def _videos(path: Path) -> dict:
    """Folder name (relative) -> shots."""
    from analysis.core.problems import InputProblem

    files = [path] if path.is_file() else sorted(path.glob("**/shots.csv"))
    if not files:
        raise InputProblem("no_shots", f"{path.name} holds no shots.csv; name its folder.")
    base = path.parent if path.is_file() else path
    return {str(file.parent.relative_to(base)): _read(file) for file in files}


def _read(path: Path) -> list:
    from analysis.core import tables
    from analysis.core.records import CameraShot

    with path.open(newline="", encoding="utf-8") as lines:
        rows = list(tables.read_csv(tables.SHOTS, lines))
    return [
        CameraShot(
            round(row["start_s"] * 1000), round(row["end_s"] * 1000), row["camera"], row["transition"],
            bool(row["is_replay"]), row["confidence"],
        )
        for row in rows
    ]  # fmt: skip
