"""Calibrate pictures: where does the camera of each one look, as a map from pitch metres to pixels.

Pictures are taken as a stream in the order of their names: the camera of one helps to find the next one's, where it is
the same. The output is a JSON list in that order, one entry a picture:
{image, width_px, height_px, image_from_pitch (3x3 or null), confidence, status (ok, weak, refused), method}.
In a folder, a picture that cannot be read is told as refused, with a "problem" sentence, and the others go on.
"""

import argparse
import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from analysis.cli._output import write_json
from analysis.cli.run import parse_pitch
from analysis.core.pitch import PitchSpec
from analysis.core.problems import InputProblem
from analysis.core.records import Calibration, Frame, ImageArray
from analysis.core.registry import CALIBRATORS
from analysis.pipeline.recipe import load_recipe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``python -m analysis calibrate``."""
    parser.add_argument(
        "images", type=Path, metavar="IMAGE_OR_DIR", help="a picture, or a folder of pictures"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE.json", help="where to write"
    )
    parser.add_argument(
        "--method",
        choices=CALIBRATORS.names(),
        help="default: method and settings of the default recipe",
    )
    parser.add_argument(
        "--weights", type=Path, metavar="FILE", help="weights in place of the method's own"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--pitch", default="105x68", metavar="LxW", help="metres (default: 105x68)")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the method"
    )
    parser.add_argument(
        "--draw", type=Path, metavar="DIR", help="also write pictures with the marks drawn"
    )


def main(args: argparse.Namespace) -> int:
    """Calibrate every picture and write the list.

    Raises:
        InputProblem: nothing to read, or no place to write.
    """
    from analysis.video.images import image_paths

    paths = image_paths(args.images)
    _check_target(args.out)
    answers = _calibrated(paths, args)
    if all("problem" in answer for answer in answers):
        raise InputProblem("image_unreadable", answers[0]["problem"])
    write_json(args.out, answers)
    usable = sum(answer["status"] != "refused" for answer in answers)
    print(f"{usable} of {len(answers)} pictures calibrated; written to {args.out}")
    return 0


def _calibrated(paths: list[Path], args: argparse.Namespace) -> list[dict[str, Any]]:
    """One answer a path, in order."""
    from analysis.video.images import read_image

    usual = load_recipe("default").calibrate
    presets = {} if args.method else usual.settings
    args.method = args.method or usual.method
    module = CALIBRATORS.load(args.method)
    pitch = parse_pitch(args.pitch)
    calibrator = module.build(_settings(module, args, presets), args.device)
    problems: dict[int, str] = {}
    shown: list[tuple[int, ImageArray]] = []

    def readable() -> Iterator[Frame]:
        for i, path in enumerate(paths):
            try:
                image = read_image(path)
            except InputProblem as problem:
                problems[i] = problem.sentence
                continue
            shown.append((i, image))
            yield Frame(time_ms=i * 1000, index=i, image=image)

    found: dict[int, dict[str, Any]] = {}
    for calibration in calibrator.calibrate(readable(), pitch):
        i, image = shown.pop(0)
        found[i] = _answer(paths[i], image, calibration, args.method)
        if args.draw is not None:
            _draw(args.draw, paths[i], image, calibration, pitch)
    return [
        found[i] if i in found else _unread(path, problems[i], args.method)
        for i, path in enumerate(paths)
    ]


def _settings(module: Any, args: argparse.Namespace, presets: Mapping[str, Any]) -> Any:
    """The method's settings: ``presets``, with the weights and values that were named.

    Raises:
        InputProblem: weights for a method that has none, or a setting it does not have.
    """
    types = {field.name: type(field.default) for field in dataclasses.fields(module.Settings)}
    if args.weights is not None and "weights" not in types:
        raise InputProblem(
            "method_has_no_weights",
            f"The method {args.method} has no weights; leave --weights out.",
        )
    values = dict(presets)
    if args.weights is not None:
        values["weights"] = str(args.weights)
    for text in args.set:
        name, _, value = text.partition("=")
        try:
            values[name] = types[name](value) if types[name] is not bool else value == "true"
        except (KeyError, ValueError) as error:
            raise InputProblem(
                "setting_unknown",
                f"{text!r} is no setting of {args.method}; it has {', '.join(sorted(types))}.",
            ) from error
    try:
        return module.Settings(**values)
    except ValueError as error:
        raise InputProblem("setting_unknown", f"{error}.") from error


def _answer(
    path: Path, image: ImageArray, calibration: Calibration | None, method: str
) -> dict[str, Any]:
    known = calibration is not None
    return {
        "image": path.name,
        "width_px": image.shape[1],
        "height_px": image.shape[0],
        "image_from_pitch": calibration.image_from_pitch.tolist() if known else None,
        "confidence": round(calibration.confidence, 4) if known else 0.0,
        "status": calibration.status if known else "refused",
        "method": calibration.method if known else method,
    }


def _unread(path: Path, sentence: str, method: str) -> dict[str, Any]:
    return {
        "image": path.name,
        "width_px": None,
        "height_px": None,
        "image_from_pitch": None,
        "confidence": 0.0,
        "status": "refused",
        "method": method,
        "problem": sentence,
    }


def _draw(
    folder: Path,
    path: Path,
    image: ImageArray,
    calibration: Calibration | None,
    pitch: PitchSpec,
) -> None:
    from analysis.calibration.drawing import draw_marks
    from analysis.video.images import write_image

    folder.mkdir(parents=True, exist_ok=True)
    write_image(folder / f"{path.stem}.jpg", draw_marks(image, calibration, pitch=pitch))


def _check_target(out: Path) -> None:
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise InputProblem(
            "output_place", f"{str(out)!r} cannot be written; name a file in a folder that exists."
        )
