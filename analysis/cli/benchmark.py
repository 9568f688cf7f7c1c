"""Measure and write the tables of docs/benchmarks.

A benchmark NAME is the module ``analysis/benchmarks/NAME.py``: its docstring says what is measured, and its
``measure(data)`` returns the page's Markdown. Without NAME all of them run. Each page begins with the command and the
commit that printed it.
"""

import argparse
import importlib
import pkgutil
import subprocess
from importlib import util
from pathlib import Path

from analysis.core.problems import InputProblem

PACKAGE = "analysis.benchmarks"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        "name",
        nargs="?",
        choices=benchmark_names(),
        metavar="NAME",
        help=", ".join(benchmark_names()),
    )
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data"), metavar="DIR", help="real material"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("docs/benchmarks"),
        metavar="DIR",
        help="folder of the pages",
    )


def main(args: argparse.Namespace) -> int:
    """Run one benchmark or all, and write their pages."""
    if not args.data.is_dir():
        raise InputProblem(
            "folder_missing",
            f"There is no folder {args.data.name!r}; name the real material with --data.",
        )
    args.out.mkdir(parents=True, exist_ok=True)
    for name in [args.name] if args.name else benchmark_names():
        body = importlib.import_module(f"{PACKAGE}.{name}").measure(args.data)
        page = args.out / f"{name}.md"
        page.write_text(_head(name) + body.rstrip() + "\n", encoding="utf-8")
        print(f"{page} is written.")
    return 0


def benchmark_names() -> list[str]:
    """Benchmarks by file name, sorted."""
    spec = util.find_spec(PACKAGE)
    places = list(spec.submodule_search_locations or []) if spec else []
    return sorted(
        module.name for module in pkgutil.iter_modules(places) if not module.name.startswith("_")
    )


def _head(name: str) -> str:
    title = name.replace("_", " ").capitalize()
    return f"# {title}\n\n`python -m analysis benchmark {name}` at commit {_commit()}.\n\n"


def _commit() -> str:
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent,
    )
    return found.stdout.strip() or "unknown"
