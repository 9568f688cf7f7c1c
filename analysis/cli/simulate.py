"""Make a simulated match: a video and the complete truth about it."""

import argparse
import sys
from pathlib import Path

from analysis.core.problems import InputProblem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``python -m analysis simulate``."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the files go")
    parser.add_argument("--minutes", type=float, default=1.5, help="length of the video")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same match")
    parser.add_argument("--tracking", type=Path, metavar="FILE", help="play real tracking data")
    parser.add_argument("--size", type=_size, default=(1280, 720), metavar="WxH", help="1280x720")
    parser.add_argument("--no-video", action="store_true", help="truth only")


def main(args: argparse.Namespace) -> int:
    """Run the command."""
    from analysis.synthetic.match import simulate_match
    from analysis.synthetic.truth import to_files

    if args.tracking is not None:
        raise InputProblem(
            "simulate_arguments",
            "Real tracking cannot drive the simulator yet; leave --tracking out.",
        )
    if args.out.exists() and not args.out.is_dir():
        raise InputProblem("simulate_arguments", f"{args.out} is a file; name a folder for --out.")
    match = simulate_match(args.seed, args.minutes, args.size)
    to_files(
        match,
        args.out,
        with_video=not args.no_video,
        progress=_show if sys.stderr.isatty() else None,
    )
    print(f"{args.out}: {len(match.play.events)} events in {args.minutes:g} minutes")
    return 0


def _size(text: str) -> tuple[int, int]:
    try:
        width, height = (int(part) for part in text.lower().split("x"))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"a size looks like 1280x720, not {text!r}") from error
    return width, height


def _show(what: str, done: int, total: int) -> None:
    print(f"\r{what}: {100 * done // max(total, 1)} %   ", end="", file=sys.stderr, flush=True)
