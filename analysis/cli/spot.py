"""Spot events on a video and write them in the form of SoccerNet's ``results_spotting.json``.

A video goes through the default recipe with the spotter that was named. A file of features (``.npy``, one row a
sample, SoccerNet's own among them) goes straight to a spotter that reads feature vectors. Times count from the kick-off
of each half where one was found, else from the beginning of the video; events before a kick-off are left out. Every
candidate is written with its confidence, as the metric wants it; ``run`` writes the events that a coach would see.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.cli._output import write_json
from analysis.cli.run import default_store, listener, parse_pitch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from analysis.core.records import ActionSpot
    from analysis.pipeline.recipe import Recipe

_NO_FEATURES = {"video", "frames", "calibrations"}


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
    if args.video.suffix.lower() in {".npy", ".npz"}:
        document = predictions_document(_from_features(args, model), {})
    else:
        # The metric wants every candidate; the thresholds of the recipe are for people.
        is_default = recipe.spot is not None and recipe.spot.method == model
        events = replace(recipe.events, threshold=0.0, thresholds={}) if is_default else Rules()
        document = _from_video(args, replace(recipe, spot=Choice(model), events=events))
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
    """Candidates of a spotter that reads one stream of feature vectors.

    Raises:
        InputProblem: ``features_not_read`` when it reads something else, or what the file or the model refuses.
    """
    from analysis.core.problems import InputProblem
    from analysis.core.records import FeatureSequence
    from analysis.core.registry import SPOTTERS

    needs = SPOTTERS.card(model).needs
    streams = [need for need in needs if need not in _NO_FEATURES]
    if len(streams) != 1 or "players" in needs:
        raise InputProblem(
            "features_not_read",
            f"The spotter {model} does not read image features, it needs {', '.join(needs)}: name the video instead.",
        )
    if args.half < 1 or not 0.1 <= args.rate <= 60:
        raise InputProblem(
            "features_rate", "Features have 0.1 to 60 rows a second and belong to half 1 or later."
        )
    sequence = FeatureSequence(_feature_rows(args.video), args.rate)
    module = SPOTTERS.load(model)
    spotter = module.build(module.Settings(), "cpu" if args.device == "auto" else args.device)
    spots = spotter.spot({streams[0]: sequence}, parse_pitch(args.pitch))
    return [replace(spot, half=args.half) for spot in spots]


def _feature_rows(path: Path) -> "NDArray[np.float32]":
    """(T, D) of a ``.npy`` file. Raises: InputProblem ``features_unreadable``."""
    import numpy as np

    from analysis.core.problems import InputProblem

    try:
        rows = np.load(path, allow_pickle=False)
        if not isinstance(rows, np.ndarray) or rows.ndim != 2 or rows.dtype.kind not in "fiu":
            raise ValueError("not a table of numbers")
    except (OSError, ValueError, EOFError) as error:
        raise InputProblem(
            "features_unreadable",
            f"{path.name} is no table of features: name a .npy file with one row of numbers a sample.",
        ) from error
    return rows.astype(np.float32)
