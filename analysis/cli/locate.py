"""People on pictures: boxes, shirt colours, and places on the pitch where the view can be calibrated."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis.cli._output import write_json
from analysis.pipeline.recipe import load_recipe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``locate``."""
    parser.add_argument("images", type=Path, metavar="IMAGE_OR_DIR")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.json")
    default = load_recipe("default").locate.method
    parser.add_argument("--method", default=default, help="detector (default %(default)s)")
    parser.add_argument(
        "--calibration",
        type=Path,
        metavar="FILE.json",
        help="what `calibrate` wrote; without it each picture is calibrated here",
    )
    parser.add_argument("--device", default="cpu")


def main(args: argparse.Namespace) -> int:
    """Write one entry a picture; in a folder, one that cannot be read is told with a "problem" and the others go on.

    Raises:
        InputProblem: nothing to read, no such method, or an unreadable calibration file.
    """
    from analysis.video.images import image_paths

    entries = _entries(image_paths(args.images), args)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    write_json(args.out, entries)
    n_people = sum(person["score"] >= 0.5 for entry in entries for person in entry["players"])
    print(f"{n_people} people on {len(entries)} pictures: {args.out}")
    return 0


def _entries(paths: list[Path], args: argparse.Namespace) -> list[dict[str, Any]]:
    """One entry a path, in order; the pictures of a folder are calibrated as one stream."""
    from analysis.core.pitch import STANDARD_PITCH
    from analysis.core.problems import InputProblem
    from analysis.core.records import Frame
    from analysis.localization.pictures import picture_entry, read_calibrations, unread_entry
    from analysis.video.images import read_image

    detector = _member("localization", args.method, args.device)
    known = read_calibrations(args.calibration) if args.calibration else None
    calibrator = _calibrator(args.device) if known is None else None
    problems: dict[int, InputProblem] = {}
    shown: list[Frame] = []

    def readable() -> Iterator[Frame]:
        for i, path in enumerate(paths):
            try:
                frame = Frame(i * 1000, i, read_image(path))
            except InputProblem as problem:
                problems[i] = problem
                continue
            shown.append(frame)
            yield frame

    if calibrator is not None:
        views = calibrator.calibrate(readable(), STANDARD_PITCH)
    else:
        views = ((known or {}).get(paths[frame.index].name) for frame in readable())
    found: dict[int, dict[str, Any]] = {}
    for view in views:
        frame = shown.pop(0)
        usable = (
            view.at_size(frame.size_px) if view is not None and view.status != "refused" else None
        )
        (people,) = detector.detect([frame], [usable])
        name = paths[frame.index].name
        found[frame.index] = picture_entry(name, frame.size_px, people, usable, STANDARD_PITCH)
    if len(problems) == len(paths):
        raise problems[0]
    return [
        found[i] if i in found else unread_entry(path.name, problems[i].sentence)
        for i, path in enumerate(paths)
    ]


def _member(family: str, name: str, device: str) -> Any:
    from analysis.core.problems import InputProblem
    from analysis.core.registry import FAMILIES

    members = FAMILIES[family]
    try:
        slug = members.resolve(name)
    except KeyError as error:
        sentence = f"There is no method {name!r}; choose one of {', '.join(members.names())}."
        raise InputProblem("method_unknown", sentence) from error
    module = members.load(slug)
    return module.build(module.Settings(), device)


def _calibrator(device: str) -> Any:
    """The default calibrator, or None where it is not installed: boxes are worth having without places."""
    from analysis.core.registry import CALIBRATORS

    calibrator = load_recipe("default").calibrate.method
    if calibrator not in CALIBRATORS.names():
        return None
    return _member("calibration", calibrator, device)
