"""Average-mAP of action spotting against SoccerNet-v2 labels, as the official package computes it."""

import argparse
import json
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``evaluate spotting``."""
    parser.add_argument(
        "--labels", type=Path, required=True, help="folder or zip of Labels-v2.json per game"
    )
    parser.add_argument(
        "--predictions",
        type=Path,
        required=True,
        help="folder or zip of results_spotting.json per game",
    )
    parser.add_argument(
        "--metric", choices=["loose", "tight", "at1", "at2", "at3", "at4", "at5"], default="loose"
    )


def main(args: argparse.Namespace) -> int:
    """Print one JSON object: average_map, visible, unshown, and the same per class."""
    from analysis.core.vocabulary import SOCCERNET_V2
    from analysis.datasets import soccernet
    from analysis.metrics.spotting import TOLERANCES_S, average_map

    pairs = soccernet.pair_games(
        soccernet.read_games(args.labels, soccernet.LABELS_FILE),
        soccernet.read_games(args.predictions, soccernet.PREDICTIONS_FILE),
    )
    labels = [half for _, truth, _ in pairs for half in soccernet.half_labels(truth)]
    predictions = [half for _, _, guess in pairs for half in soccernet.half_predictions(guess)]
    score = average_map(
        labels, predictions, len(SOCCERNET_V2), tolerances_s=TOLERANCES_S[args.metric]
    )

    def by_class(values: list[float]) -> dict[str, float]:
        return dict(zip(SOCCERNET_V2.labels, values, strict=True))

    report = {
        "metric": args.metric,
        "games": len(pairs),
        "average_map": score.average_map,
        "visible": score.visible,
        "unshown": score.unshown,
        "per_class": by_class(score.per_class.tolist()),
        "per_class_visible": by_class(score.per_class_visible.tolist()),
        "per_class_unshown": by_class(score.per_class_unshown.tolist()),
    }
    print(json.dumps(report, indent=1))
    return 0
