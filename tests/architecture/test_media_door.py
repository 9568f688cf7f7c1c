"""Untrusted media enter through ``analysis/video`` alone, where the demuxer is forced and formats are white-listed."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOOR = ROOT / "analysis" / "video"
# Importing these anywhere else is a second door.
LIBRARIES = {"av", "imageio", "imageio_ffmpeg", "decord", "moviepy", "ffmpeg"}
# cv2 itself is fine for arithmetic on arrays; these of its functions open files.
CV2_FILES = {
    "VideoCapture",
    "VideoWriter",
    "imread",
    "imreadmulti",
    "imwrite",
    "imdecode",
    "imencode",
}
PROGRAMS = re.compile(r"(^|/)(ffmpeg|ffprobe|ffplay)$")


def sources():
    for package in ("analysis", "webapp", "workers"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if DOOR not in path.parents:
                yield path


def second_doors(tree):
    """Lines where a syntax tree opens media by itself."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
            if node.module == "cv2" and {alias.name for alias in node.names} & CV2_FILES:
                yield node.lineno
        if any(name.split(".")[0] in LIBRARIES for name in names):
            yield node.lineno
        if isinstance(node, ast.Attribute) and node.attr in CV2_FILES:
            yield node.lineno
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and PROGRAMS.search(node.value)
        ):
            yield node.lineno


@pytest.mark.parametrize("path", list(sources()), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_video_package_opens_media(path):
    lines = list(second_doors(ast.parse(path.read_text(encoding="utf-8"))))
    assert not lines, (
        f"{path.relative_to(ROOT)} opens media itself at lines {lines}; use analysis.video"
    )


@pytest.mark.parametrize(
    "text",
    [
        "import av",
        "from av.container import open",
        "import cv2\ncv2.VideoCapture('x')",
        "from cv2 import imread",
        "import subprocess\nsubprocess.run(['/usr/bin/ffmpeg', '-i', 'x'])",
        "import imageio_ffmpeg",
    ],
)
def test_the_rule_sees_a_second_door(text):
    assert list(second_doors(ast.parse(text)))


def test_the_rule_lets_arithmetic_pass():
    assert not list(
        second_doors(ast.parse("import cv2\ncv2.resize(image, (3, 4))\nimport available"))
    )


def test_inside_the_door_every_opening_is_forced():
    """PyAV opens for reading in one place, and ffmpeg's inputs are built in one place."""
    calls = []
    for path in DOOR.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "av.open":
                keywords = {keyword.arg for keyword in node.keywords}
                is_writing = len(node.args) > 1 and ast.unparse(node.args[1]) == "'w'"
                calls.append((path.name, is_writing, {"format", "options"} <= keywords))
    assert [name for name, is_writing, _ in calls if not is_writing] == ["container.py"]
    assert all(forced for _, is_writing, forced in calls if not is_writing)
    assert "FORMAT_WHITELIST" in (DOOR / "ffmpeg.py").read_text(encoding="utf-8")
