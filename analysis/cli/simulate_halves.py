"""Simulate many halves without pictures, for training spotters and measuring them.

One file a half, two samples a second (layout: ``analysis.synthetic.halves``). The command may be interrupted and given
again: halves that are there are kept. Seeds by purpose: 1000-4999 training, 11-99 development, 9000-9099 measuring.
"""

import argparse
import re
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where files go")
    parser.add_argument(
        "--seeds",
        type=_seeds,
        required=True,
        metavar="A-B",
        help="one match for each, ends included",
    )
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="of a match: two halves over 55 (default: 60)"
    )


def main(args: argparse.Namespace) -> int:
    """Run the command."""
    from analysis.core.problems import InputProblem
    from analysis.synthetic.halves import make_halves

    if args.out.exists() and not args.out.is_dir():
        raise InputProblem("simulate_arguments", f"{args.out} is a file; name a folder for --out.")
    n_files = 0
    for path in make_halves(args.out, args.seeds, args.minutes):
        n_files += 1
        if sys.stderr.isatty():
            print(f"\r{path.name}", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(f"{n_files} halves: {args.out}")
    return 0


def _seeds(text: str) -> range:
    found = re.fullmatch(r"(\d+)(?:-(\d+))?", text)
    if not found or int(found[2] or found[1]) < int(found[1]):
        raise argparse.ArgumentTypeError(f"seeds look like 1000-1099, not {text!r}")
    return range(int(found[1]), int(found[2] or found[1]) + 1)
