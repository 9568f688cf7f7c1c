"""Whoever meets a problem on the site reads what happened and what to do next: two clauses at least."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KINDS = {"InputProblem", "Transient", "Refusal", "Refused"}
# What of the analysis the site runs; the command line's own tools are read by people who see the command.
ROOMS = ("webapp", "workers", "analysis/video", "analysis/calibration/repair.py")
ROOMS += ("analysis/pipeline", "analysis/curation/club_layer.py")
# Said to programs that speak tus, never shown.
TO_PROGRAMS = (
    "must be a whole number",
    "Upload-Metadata",
    "must be known before",
    "Content-Type is",
)
TO_PROGRAMS += (
    "the next chunk begins there",
    "longer than what is missing",
    "is the whole match (0)",
)


def text_of(node: ast.expr) -> str:
    """A sentence as written; what is filled in is a letter."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "x" for v in node.values)
    return ""


def sentences() -> list[tuple[str, str]]:
    """(place, sentence) of every problem whose words are written where it is raised."""
    found = []
    for room in ROOMS:
        place = ROOT / room
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and getattr(node.func, "id", "") in KINDS
                    and node.args
                ) and (words := text_of(node.args[-1])):
                    found.append((f"{path.relative_to(ROOT)}:{node.lineno}", words))
    return found


def lacks(words: str) -> bool:
    """Whether a sentence ends badly or names no next step."""
    is_for_programs = any(part in words for part in TO_PROGRAMS)
    has_two = any(mark in words[:-1] for mark in ("; ", ". ", ": "))
    return not words.endswith((".", "x")) or not (has_two or is_for_programs)


def test_every_problem_names_the_next_step():
    assert [where for where in sentences() if lacks(where[1])] == []


def test_there_is_something_to_look_at():
    assert len(sentences()) > 100


@pytest.mark.parametrize("words", ["The file is empty.", "No room; delete some matches"])
def test_bare_sentences_are_seen(words):
    assert lacks(words)
