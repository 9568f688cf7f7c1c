"""Boxes against labelled pictures, or positions and tracks of a run against the simulation it was run on."""

import argparse
from pathlib import Path
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``evaluate localization``."""
    parser.add_argument(
        "--labels",
        type=Path,
        required=True,
        help="JSON of labelled boxes, or the folder that `simulate` wrote",
    )
    parser.add_argument(
        "--predictions",
        type=Path,
        required=True,
        help="JSON that `locate` wrote, or the folder that `run` wrote for the simulated video",
    )
    parser.add_argument("--threshold", type=float, default=0.5, help="least score of a box")


def main(args: argparse.Namespace) -> int:
    """Print one JSON object."""
    import json

    from analysis.datasets.people import paired_boxes, paired_ground
    from analysis.metrics.ground import evaluate_ground
    from analysis.metrics.localization import evaluate_boxes

    if args.labels.is_dir():
        report = evaluate_ground(paired_ground(args.labels, args.predictions))
    else:
        pairs = paired_boxes(args.labels, args.predictions)
        report = evaluate_boxes(pairs, threshold=args.threshold)
    print(json.dumps(_rounded(report), indent=1))
    return 0


def _rounded(value: Any) -> Any:
    """Numbers with four places, in nested objects too."""
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    return round(value, 4) if isinstance(value, float) else value
