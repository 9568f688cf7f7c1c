"""Average-AP of replay grounding, as the official evaluation computes it, and a stricter own protocol."""

import argparse
import json
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``evaluate grounding``."""
    parser.add_argument(
        "--labels", type=Path, required=True, help="folder or zip of Labels-cameras.json per game"
    )
    parser.add_argument(
        "--predictions",
        type=Path,
        required=True,
        help="folder or zip of Detection-replays.json per game",
    )
    parser.add_argument("--metric", choices=["loose", "tight"], default="loose")


def main(args: argparse.Namespace) -> int:
    """Print one JSON object: ``average_ap`` (official) and ``own`` (missing replays count, no suppression)."""
    from analysis.datasets import soccernet, soccernet_replays
    from analysis.metrics.grounding import average_ap
    from analysis.metrics.spotting import TOLERANCES_S

    pairs = soccernet.pair_games(
        soccernet.read_games(args.labels, soccernet_replays.CAMERAS_FILE),
        soccernet.read_games(args.predictions, soccernet_replays.PROPOSALS_FILE),
    )
    tolerances_s = TOLERANCES_S[args.metric]
    report: dict[str, object] = {"metric": args.metric, "games": len(pairs)}
    for name, is_own in (("official", False), ("own", True)):
        replays = [
            replay
            for _, cameras, proposals in pairs
            for replay in soccernet_replays.grounded_replays(
                cameras, proposals, count_missing=is_own
            )
        ]
        area, at_tolerance = average_ap(replays, tolerances_s, suppress=not is_own)
        report[name] = {
            "replays": len(replays),
            "average_ap": area,
            "ap_at_tolerance_s": dict(
                zip(map(str, tolerances_s), at_tolerance.tolist(), strict=True)
            ),
        }
    print(json.dumps({"average_ap": report["official"]["average_ap"], **report}, indent=1))  # type: ignore[index]
    return 0
