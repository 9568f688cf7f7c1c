"""Spot events and write them in the form of SoccerNet's ``results_spotting.json``.

A video goes through the default recipe with the spotter that was named. A file of features (``.npy``, one row a
sample, SoccerNet's own among them) goes straight to a spotter that reads feature vectors. Times count from the kick-off
of each half where one was found, else from the beginning of the video; events before a kick-off are left out. Every
candidate is written with its confidence, as the metric wants it; ``run`` writes the events that a coach would see.

A folder is a copy of SoccerNet (docs/reproduce.md): a file for each game of ``--split`` is written below ``--out``, and
where the games have labels, Average-mAP is printed.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.cli._output import write_json
from analysis.cli.run import default_store, listener, parse_pitch

if TYPE_CHECKING:
    from analysis.core.records import ActionSpot
    from analysis.pipeline.recipe import Recipe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``spot``."""
    parser.add_argument("video", type=Path, metavar="VIDEO_OR_FEATURES")
    parser.add_argument("--model", metavar="NAME", help="spotter (default: the recipe's)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.json")
    parser.add_argument(
        "--rate",
        type=float,
        default=2.0,
        metavar="HZ",
        help="rows a second of features (default: 2)",
    )
    parser.add_argument("--half", type=int, default=1, help="of a file of features (default: 1)")
    parser.add_argument(
        "--weights", type=Path, action="append", default=[], metavar="FILE",
        help="safetensors in place of the bundled ones; once for each part of the model",
    )  # fmt: skip
    parser.add_argument("--split", default="test", help="games of a SoccerNet folder")
    parser.add_argument("--features", default="", metavar="NAME", help="its feature files")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    parser.add_argument("--pitch", default="105x68", metavar="LxW", help="metres (default: 105x68)")
    parser.add_argument("--store", type=Path, default=default_store(), metavar="DIR")


def main(args: argparse.Namespace) -> int:
    """Spot and write.

    Raises:
        InputProblem: no such spotter, one that needs what a video does not give, or an input that is no video.
    """
    from analysis.core.problems import InputProblem
    from analysis.core.registry import SPOTTERS
    from analysis.datasets.soccernet import predictions_document
    from analysis.pipeline.recipe import Choice, load_recipe
    from analysis.spotting.postprocess import Rules

    recipe = load_recipe("default")
    model = args.model or (recipe.spot.method if recipe.spot else "rules")
    if model not in SPOTTERS.names():
        known = ", ".join(SPOTTERS.names())
        raise InputProblem(
            "method_unknown", f"There is no spotter {model!r}; choose one of {known}."
        )
    if args.video.is_dir():
        return _spot_split(args, model)
    if args.video.suffix.lower() in {".npy", ".npz"}:
        document = predictions_document(_from_features(args, model), {})
    else:
        # The metric wants every candidate; the thresholds of the recipe are for people.
        is_default = recipe.spot is not None and recipe.spot.method == model
        events = replace(recipe.events, threshold=0.0, thresholds={}) if is_default else Rules()
        settings = {"weights_file": ",".join(map(str, args.weights))} if args.weights else {}
        document = _from_video(args, replace(recipe, spot=Choice(model, settings), events=events))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    write_json(args.out, document)
    print(f"{len(document['predictions'])} events by {model}: {args.out}")
    return 0


def _from_video(args: argparse.Namespace, recipe: "Recipe") -> dict[str, Any]:
    from analysis.core.artifacts import ArtifactStore
    from analysis.datasets.soccernet import predictions_document
    from analysis.pipeline.run import run_match

    with listener() as on_event:
        (summary,) = run_match(
            [args.video],
            recipe,
            ArtifactStore(args.store),
            pitch=parse_pitch(args.pitch),
            device=args.device,
            on_event=on_event,
        )
    return predictions_document(summary.spots, summary.kickoffs_ms, summary.video.start_ms)


def _from_features(args: argparse.Namespace, model: str) -> list["ActionSpot"]:
    """Candidates of a spotter that reads feature vectors.

    Raises:
        InputProblem: ``features_not_read`` when it reads something else, or what the file or the model refuses.
    """
    from analysis.core.problems import InputProblem
    from analysis.pipeline.device import resolve_device
    from analysis.spotting.from_files import learned_spotter, spot_features

    if args.half < 1 or not 0.1 <= args.rate <= 60:
        raise InputProblem(
            "features_rate", "Features have 0.1 to 60 rows a second and belong to half 1 or later."
        )
    spotter = learned_spotter(model, args.weights, resolve_device(args.device))
    return spot_features(spotter, args.video, args.rate, args.half)


def _spot_split(args: argparse.Namespace, model: str) -> int:
    from analysis.core.problems import InputProblem
    from analysis.datasets.soccernet import PREDICTIONS_FILE, predictions_document
    from analysis.pipeline.device import resolve_device
    from analysis.spotting.from_files import learned_spotter, spot_split
    from analysis.spotting.learning import as_predictions, scored

    if args.out.is_file():
        raise InputProblem("no_such_path", f"{args.out} is a file; name a folder for --out.")
    spotter = learned_spotter(model, args.weights, resolve_device(args.device))
    predictions, halves = [], []
    games = list(spot_split(spotter, model, args.video, args.split, args.features))
    for game in games:
        path = args.out / game.name / PREDICTIONS_FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, predictions_document(game.spots, {}, url=game.name))
        for half in game.halves:
            number = int(half.name.rpartition("/")[2])
            predictions.append(as_predictions([s for s in game.spots if s.half == number]))
            halves.append(half)
    print(f"{len(games)} games of {args.split} by {model}: {args.out}")
    if any(len(times) for half in halves for times in half.event_ms):
        for name, score in scored(predictions, halves).items():
            print(f"{name} average_map {score.average_map:.4f}")
    return 0
