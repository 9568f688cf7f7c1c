"""Make a simulated match: a video and the complete truth about it."""

import argparse
import sys
from pathlib import Path

from analysis.core.problems import InputProblem

_DEFAULT_MINUTES = 1.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``python -m analysis simulate``."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the files go")
    parser.add_argument("--minutes", type=float, help="length of the video; 1.5, or all of FILE")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same match")
    parser.add_argument("--tracking", type=Path, metavar="FILE", help="play real tracking data")
    parser.add_argument("--size", type=_size, default=(1280, 720), metavar="WxH", help="1280x720")
    parser.add_argument(
        "--fps", type=float, default=25.0, help="frames a second drawn; 25, 12.5, 5, 2.5 or 1"
    )
    parser.add_argument("--no-video", action="store_true", help="truth only")


def main(args: argparse.Namespace) -> int:
    """Run the command."""
    from analysis.synthetic.match import at_film_rate, simulate_match, tracked_match
    from analysis.synthetic.truth import to_files

    if args.out.exists() and not args.out.is_dir():
        raise InputProblem("simulate_arguments", f"{args.out} is a file; name a folder for --out.")
    if args.tracking is not None:
        match = tracked_match(args.seed, args.tracking, args.minutes, args.size)
    else:
        minutes = _DEFAULT_MINUTES if args.minutes is None else args.minutes
        match = simulate_match(args.seed, minutes, args.size)
    match = at_film_rate(match, args.fps)
    show = _show if sys.stderr.isatty() else None
    to_files(match, args.out, with_video=not args.no_video, progress=show)
    if show is not None:
        print(file=sys.stderr)
    n_events = len(match.play.events)
    print(f"{args.out}: {n_events} events in {match.duration_ms / 60000:.2f} minutes")
    return 0


def _size(text: str) -> tuple[int, int]:
    try:
        width, height = (int(part) for part in text.lower().split("x"))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"a size looks like 1280x720, not {text!r}") from error
    return width, height


def _show(what: str, done: int, total: int) -> None:
    print(f"\r{what}: {100 * done // max(total, 1)} %   ", end="", file=sys.stderr, flush=True)
