"""Feature files of videos, for spotters that read pictures: one ``.npy`` a video, in the form of SoccerNet's.

With --fit-projection the rows of all videos, which must be training games, give the principal components that later
calls apply with --projection.
"""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("videos", type=Path, nargs="+", metavar="VIDEO")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where files go")
    parser.add_argument(
        "--backbone", type=Path, action="append", default=[], metavar="DIR",
        help="local folder of a transformers model; several are put side by side (default: the bundled small one)",
    )  # fmt: skip
    parser.add_argument("--projection", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--fit-projection", type=int, metavar="K", help="components to fit")
    parser.add_argument(
        "--normalised", action="store_true", help="rows of each network of length 1"
    )
    parser.add_argument("--rate", type=float, default=2.0, metavar="HZ", help="rows a second")
    parser.add_argument(
        "--window", type=float, default=0.0, metavar="S",
        help="a row is the mean over the pictures of so many seconds round it: 5 for networks tuned on snippets",
    )  # fmt: skip
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda (default: auto)")


def main(args: argparse.Namespace) -> int:
    """Extract and write.

    Raises:
        InputProblem: a video, a folder or a file is not what it should be.
    """
    import numpy as np

    from analysis.core.problems import InputProblem
    from analysis.pipeline.device import resolve_device
    from analysis.representations.image_features import Settings, build
    from analysis.representations.image_features.projection import fit, save_projection
    from analysis.video.decode import VideoSource
    from analysis.video.probe import probe

    if args.fit_projection and (
        len(args.backbone) > 1 or args.projection or args.fit_projection < 1
    ):
        raise InputProblem(
            "features_arguments",
            "A projection of one component or more is fitted for one network at a time.",
        )
    if args.projection and len(args.projection) != max(1, len(args.backbone)):
        raise InputProblem(
            "features_arguments", "Name a --projection for each --backbone, or for none."
        )
    if args.rate <= 0 or args.window < 0:
        raise InputProblem("features_arguments", "--rate is above 0, and --window is 0 s or more.")
    settings = Settings(
        backbones=",".join(map(str, args.backbone)),
        projections=",".join(map(str, args.projection)),
        rate_hz=args.rate,
        is_normalised=args.normalised,
        window_s=args.window,
    )
    sources = [VideoSource(probe(path)) for path in args.videos]
    extractor = build(settings, resolve_device(args.device))
    args.out.mkdir(parents=True, exist_ok=True)
    written = []
    for path, source in zip(args.videos, sources, strict=True):
        values = extractor.describe(source.frames_at(settings.pictures_hz)).values
        target = args.out / f"{path.stem}.npy"
        np.save(target, values)
        written.append(target)
        print(f"{target} {values.shape[0]} rows of {values.shape[1]}")
    if args.fit_projection:
        projection = fit((np.load(target) for target in written), args.fit_projection)
        target = args.out / f"projection-{args.fit_projection}.safetensors"
        print(f"{target} sha256 {save_projection(projection, target)}")
    return 0
