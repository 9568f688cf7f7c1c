"""People on pictures: boxes, shirt colours, and places on the pitch where the view can be calibrated."""

import argparse
from pathlib import Path
from typing import Any

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
    """Write one entry a picture; nothing is written when a picture cannot be read."""
    import json
    import os
    import tempfile

    from analysis.core.pitch import STANDARD_PITCH
    from analysis.core.records import Frame
    from analysis.localization.pictures import picture_entry, read_calibrations
    from analysis.video.images import image_paths, read_image

    paths = image_paths(args.images)
    detector = _member("localization", args.method, args.device)
    known = read_calibrations(args.calibration) if args.calibration else None
    calibrator = _calibrator(args.device) if known is None else None
    entries = []
    for index, path in enumerate(paths):
        frame = Frame(0, index, read_image(path))
        view = known.get(path.name) if known is not None else None
        if calibrator is not None:
            view = next(iter(calibrator.calibrate([frame], STANDARD_PITCH)), None)
        if view is not None:
            view = view.at_size(frame.size_px) if view.status != "refused" else None
        (found,) = detector.detect([frame], [view])
        entries.append(picture_entry(path.name, frame.size_px, found, view, STANDARD_PITCH))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(prefix=".part-", dir=args.out.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(entries, file, indent=1, allow_nan=False)
        Path(part).chmod(0o644)
        Path(part).replace(args.out)
    finally:
        Path(part).unlink(missing_ok=True)
    n_people = sum(len(entry["players"]) for entry in entries)
    print(f"{n_people} people on {len(entries)} pictures: {args.out}")
    return 0


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
