"""The command line: finds a command by its file name, runs it, and turns expected failures into one sentence.

A command ``NAME`` is the module ``analysis/cli/NAME.py`` with ``add_arguments(parser)`` and ``main(args) -> int``; a
group such as ``evaluate`` is a package ``analysis/cli/NAME/`` of such modules. Only the command that was asked for is
imported, so ``--help`` answers at once, and a command should import what is heavy inside its ``main``.

Exit status: 0 done, 1 an expected failure (one sentence on standard error), 2 wrong arguments, 130 interrupted.
"""

import argparse
import ast
import errno
import importlib
import importlib.util
import os
import pkgutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from analysis.core.problems import InputProblem, PlanProblem, Problem, Transient

FAILED, WRONG_ARGUMENTS, INTERRUPTED, TERMINATED, PIPE_CLOSED = 1, 2, 130, 143, 141
PACKAGE = "analysis.cli"
_NOT_COMMANDS = {"main"}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    previous = _terminate_softly()
    try:
        status = _dispatch(PACKAGE, "python -m analysis", arguments)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # The reader of our output left (``| head``): the rest has nowhere to go.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return _complain("Interrupted; nothing was left behind.", INTERRUPTED)
    except (Problem, OSError, ModuleNotFoundError) as error:
        sentence = sentence_of(error)
        if sentence is None:
            raise
        return _complain(sentence, FAILED)
    finally:
        if previous is not None:
            signal.signal(signal.SIGTERM, previous)


def sentence_of(error: Exception) -> str | None:
    """The one sentence an expected failure is told by; None for anything that is a bug."""
    if isinstance(error, InputProblem | Transient):
        return error.sentence
    if isinstance(error, PlanProblem):
        return "This recipe cannot be carried out: " + "; ".join(error.gaps) + "."
    if isinstance(error, Problem):
        return str(error) or "The work was cancelled."
    if isinstance(error, OSError) and error.errno in _FULL:
        return "The disk is full; free some space (or choose another folder) and run the command again."
    if isinstance(error, ModuleNotFoundError) and not (error.name or "").startswith("analysis"):
        return f"The library {error.name!r} is not installed; install the extras with: make setup."
    return None


def _dispatch(package: str, prog: str, arguments: list[str]) -> int:
    """Pick the command named first in ``arguments`` from a package and run it with the rest."""
    summaries = command_summaries(package)
    parser = argparse.ArgumentParser(
        prog=prog,
        description=_docstring_head(package) or "Match analysis from broadcast video.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="commands:\n" + "\n".join(f"  {n:<14} {s}" for n, s in summaries.items()),
    )
    parser.add_argument("command", choices=list(summaries), metavar="COMMAND")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments[:1]).command
    name, prog = f"{package}.{chosen}", f"{prog} {chosen}"
    spec = importlib.util.find_spec(name)
    if spec is not None and spec.submodule_search_locations:
        return _dispatch(name, prog, arguments[1:])
    module = importlib.import_module(name)
    command = argparse.ArgumentParser(
        prog=prog,
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.add_arguments(command)
    return int(module.main(command.parse_args(arguments[1:])))


def command_summaries(package: str = PACKAGE) -> dict[str, str]:
    """Commands of a package and the first line of each one's docstring, read without importing any."""
    names = [module.name for module in pkgutil.iter_modules([str(_folder(package))])]
    return {
        name: _docstring_head(f"{package}.{name}")
        for name in sorted(names)
        if name not in _NOT_COMMANDS and not name.startswith("_")
    }


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"no package {package}", name=package)
    return Path(next(iter(spec.submodule_search_locations)))


def _docstring_head(module: str) -> str:
    # ``find_spec`` imports the parents only, and they are empty.
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return ""
    words = ast.get_docstring(ast.parse(Path(spec.origin).read_text(encoding="utf-8")))
    return words.splitlines()[0] if words else ""


def _complain(sentence: str, status: int) -> int:
    print(" ".join(sentence.split()), file=sys.stderr)
    return status


def _terminate_softly() -> Any:
    """Let SIGTERM unwind the stack, so that unfinished files are removed. None outside the main thread."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(TERMINATED)

    try:
        return signal.signal(signal.SIGTERM, stop)
    except ValueError:
        return None
