"""Replay active learning: how few annotated clips teach a spotter as much as all of them.

The halves' own events answer in place of a human. For every way of choosing clips it prints the loose Average-mAP (in
per cent, on halves outside the pool) after each share of the pool, mean and spread over seeds; the last row has learned
all of the pool. ``--out`` keeps the same as JSON.
"""

import argparse
from pathlib import Path

CHOICES = ("random", "uncertainty", "entropy", "entropy+diversity", "foremost")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="halves to draw clips from"
    )
    parser.add_argument(
        "--held-out", type=Path, required=True, metavar="DIR", help="halves to measure on"
    )
    parser.add_argument(
        "--spotter", default="maxpool", help="one that judges windows (default: maxpool)"
    )
    parser.add_argument(
        "--choices",
        default=",".join(CHOICES),
        metavar="NAMES",
        help="measures, with commas; NAME+diversity too",
    )
    parser.add_argument("--seeds", type=int, default=3, help="how many, from 0 (default: 3)")
    parser.add_argument(
        "--halves",
        type=int,
        default=0,
        metavar="N",
        help="use the first N of --data (default: all)",
    )
    parser.add_argument("--steps", type=int, default=600, help="of a full training (default: 600)")
    parser.add_argument(
        "--components", type=int, default=128, help="of the features (default: 128)"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="the curves as JSON; a stopped run goes on from it"
    )
    parser.add_argument("--picture", type=Path, metavar="FILE", help="the curves drawn, as SVG")


def main(args: argparse.Namespace) -> int:
    """Run the experiment and print the table.

    Raises:
        InputProblem: no halves, or a spotter that judges no windows.
    """
    from analysis.curation.experiment import Plan, run, table
    from analysis.curation.picture import svg

    plan = Plan(
        data=args.data,
        held_out=args.held_out,
        spotter=args.spotter,
        choices=tuple(args.choices.split(",")),
        seeds=args.seeds,
        n_halves=args.halves,
        steps=args.steps,
        n_components=args.components,
        out=args.out,
    )
    curves = run(plan, print)
    print(table(curves))
    if args.picture is not None:
        args.picture.parent.mkdir(parents=True, exist_ok=True)
        args.picture.write_text(svg(curves), encoding="utf-8")
    return 0
