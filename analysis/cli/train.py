"""Train a method: weights as safetensors with their digest, a log, and checkpoints to go on from.

FAMILY/METHOD is a method folder that learns, such as ``calibration/pitch_elements``. The run leaves its files in
``--out``; ``--install`` also puts the weights beside the card and writes their digest into it.
"""

import argparse
import importlib
import importlib.util
import re
import shutil
from pathlib import Path
from typing import Any

from analysis.core.problems import InputProblem
from analysis.core.records import StageEvent
from analysis.core.registry import FAMILIES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``python -m analysis train``."""
    parser.add_argument("method", metavar="FAMILY/METHOD", help="e.g. calibration/pitch_elements")
    parser.add_argument("--data", type=Path, metavar="DIR", help="labelled material of the method")
    parser.add_argument("--preset", choices=("cpu", "gpu"), default="cpu")
    parser.add_argument("--part", default="", help="one part of a method that has several")
    parser.add_argument(
        "--features", default="", metavar="NAME", help="feature files to learn from"
    )
    parser.add_argument(
        "--fold", type=_fold, metavar="k/K", help="leave fold k of K out (k from 1)"
    )
    parser.add_argument(
        "--without", default="", metavar="NAMES", help="leave these sequences out (with commas)"
    )
    parser.add_argument("--initial", type=Path, metavar="FILE", help="weights to begin with")
    parser.add_argument("--steps-share", type=float, default=1.0, help="scale the planned steps")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of the run")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--install", action="store_true", help="put the weights beside the card")


def main(args: argparse.Namespace) -> int:
    """Train and tell what was written.

    Raises:
        InputProblem: no such method, or one that does not learn.
    """
    from analysis.training.base import TrainingRequest

    family, _, name = args.method.partition("/")
    module, folder = _training_side(family, name)
    fold_name = f"-fold-{args.fold[0] + 1}-of-{args.fold[1]}" if args.fold else ""
    request = TrainingRequest(
        folder=args.out or Path("runs") / family / f"{name}{fold_name}",
        data=args.data,
        preset=args.preset,
        fold=args.fold,
        without=tuple(name for name in args.without.split(",") if name),
        initial=args.initial,
        part=args.part,
        features=args.features,
        steps_share=args.steps_share,
        resume=args.resume,
        seed=args.seed,
        device=_device(args.device),
    )
    with _Bar(args.method) as bar:
        report = module.train(request, bar.show)
    for label, value in report.numbers.items():
        print(f"{label} {value:.6g}")
    for path, digest in report.files.items():
        print(f"{path} sha256 {digest}")
        if args.install:
            _install(path, digest, folder)
    if not report.is_complete:
        print("Stopped before the end; run the same command with --resume to go on.")
    return 0


def _training_side(family: str, name: str) -> tuple[Any, Path]:
    if family not in FAMILIES or name not in FAMILIES[family].names():
        known = ", ".join(
            f"{slug}/{member}" for slug, of in FAMILIES.items() for member in of.names()
        )
        raise InputProblem(
            "method_unknown", f"There is no method {family}/{name}; there are {known}."
        )
    package = f"{FAMILIES[family].package}.{name}"
    if importlib.util.find_spec(f"{package}.training_run") is None:
        raise InputProblem("method_does_not_learn", f"{family}/{name} has nothing to train.")
    module = importlib.import_module(f"{package}.training_run")
    return module, Path(str(module.__file__)).parent


def _fold(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]) or int(match[2]) < 2:
        raise argparse.ArgumentTypeError(f"a fold looks like 1/3, not {text!r}")
    return int(match[1]) - 1, int(match[2])


def _device(name: str) -> str:
    if name != "auto":
        return name
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _install(path: Path, digest: str, folder: Path) -> None:
    """Put a weights file beside the card and its digest into it."""
    card = folder / "card.toml"
    text = card.read_text(encoding="utf-8")
    pattern = rf'(file = "{re.escape(path.name)}"\nsha256 = ")[0-9a-f]*(")'
    changed, found = re.subn(pattern, rf"\g<1>{digest}\g<2>", text)
    if not found:
        raise InputProblem(
            "card_has_no_weights",
            f"{card.parent.name}/card.toml names no weights file {path.name}.",
        )
    part = folder / f".{path.name}.part"
    shutil.copyfile(path, part)
    part.replace(folder / path.name)
    card.write_text(changed, encoding="utf-8")


class _Bar:
    """A progress bar on a terminal, silence elsewhere."""

    def __init__(self, title: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.title = title
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=not Console(stderr=True).is_terminal,
        )
        self.tasks: dict[str, Any] = {}

    def __enter__(self) -> "_Bar":
        self.progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.progress.stop()

    def show(self, event: StageEvent) -> None:
        """Move the bar of the event's stage."""
        if event.stage not in self.tasks:
            name = f"{self.title} {event.stage}"
            self.tasks[event.stage] = self.progress.add_task(name, total=event.total)
        self.progress.update(self.tasks[event.stage], completed=event.done)
