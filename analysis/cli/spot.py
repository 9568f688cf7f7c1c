"""Spot events on a video and write them in the form of SoccerNet's ``results_spotting.json``.

The video goes through the default recipe with the spotter that was named. Times count from the kick-off of each half
where one was found, else from the beginning of the video; events before a kick-off are left out. Every candidate is
written with its confidence, as the metric wants it; ``run`` writes the events that a coach would see.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from analysis.cli._output import write_json
from analysis.cli.run import default_store, listener, parse_pitch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``spot``."""
    parser.add_argument("video", type=Path, metavar="VIDEO_OR_FEATURES")
    parser.add_argument("--model", default="rules", metavar="NAME", help="spotter (default: rules)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.json")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    parser.add_argument("--pitch", default="105x68", metavar="LxW", help="metres (default: 105x68)")
    parser.add_argument("--store", type=Path, default=default_store(), metavar="DIR")


def main(args: argparse.Namespace) -> int:
    """Spot and write.

    Raises:
        InputProblem: no such spotter, one that needs what a video does not give, or an input that is no video.
    """
    from analysis.core.artifacts import ArtifactStore
    from analysis.core.problems import InputProblem
    from analysis.core.registry import SPOTTERS
    from analysis.datasets.soccernet import predictions_document
    from analysis.pipeline.recipe import Choice, load_recipe
    from analysis.pipeline.run import run_match

    if args.model not in SPOTTERS.names():
        known = ", ".join(SPOTTERS.names())
        raise InputProblem(
            "method_unknown", f"There is no spotter {args.model!r}; choose one of {known}."
        )
    if args.video.suffix.lower() in {".npy", ".npz"}:
        needs = ", ".join(SPOTTERS.card(args.model).needs)
        raise InputProblem(
            "features_not_read",
            f"The spotter {args.model} does not read image features, it needs {needs}: name the video instead.",
        )
    recipe = replace(load_recipe("default"), spot=Choice(args.model))
    # The metric wants every candidate; the thresholds of the recipe are for people.
    recipe = replace(recipe, events=replace(recipe.events, threshold=0.0))
    with listener() as on_event:
        (summary,) = run_match(
            [args.video],
            recipe,
            ArtifactStore(args.store),
            pitch=parse_pitch(args.pitch),
            device=args.device,
            on_event=on_event,
        )
    document = predictions_document(summary.spots, summary.kickoffs_ms, summary.video.start_ms)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    write_json(args.out, document)
    print(f"{len(document['predictions'])} events by {args.model}: {args.out}")
    return 0
