"""Active learning: how few annotated clips teach a spotter as much as all of them.

Reads the curves that `python -m analysis curate --data HALVES --held-out HALVES --out runs/curation/curves.json` left.
"""

import json
from pathlib import Path

import numpy as np

from analysis.core.problems import InputProblem
from analysis.curation.experiment import ALL, table

CURVES = Path("runs/curation/curves.json")
WITHIN = 1.0


def measure(data: Path) -> str:
    """The page.

    Raises:
        InputProblem: there are no curves.
    """
    del data
    if not CURVES.is_file():
        raise InputProblem(
            "no_runs", f"There are no curves in {CURVES}; make them, see docs/reproduce.md."
        )
    curves: dict[str, dict[str, float]] = json.loads(CURVES.read_text(encoding="utf-8"))
    return "\n\n".join(["![curves](active_learning.svg)", table(curves), _verdict(curves), _WORDS])


def _verdict(curves: dict[str, dict[str, float]]) -> str:
    """For every choice the least share whose mean is within a point of everything annotated."""
    whole = np.mean(
        [
            value
            for key, own in curves.items()
            if key.startswith(f"{ALL}/")
            for value in own.values()
        ]
    )
    names = dict.fromkeys(key.rpartition("/")[0] for key in curves)
    lines = []
    for name in names:
        own = [curve for key, curve in curves.items() if key.rpartition("/")[0] == name]
        enough = [
            share for share in own[0] if np.mean([curve[share] for curve in own]) >= whole - WITHIN
        ]
        if name != ALL:
            said = f"from {100 * float(enough[0]):g} % of the clips on" if enough else "at no share"
            lines.append(f"* `{name}` ({len(own)} seeds): {said}")
    return f"Within {WITHIN:g} point of everything annotated ({whole:.1f}):\n\n" + "\n".join(lines)


_WORDS = """TODO"""
