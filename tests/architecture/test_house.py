"""The shape of the repository: mirrored folders, empty parents, nothing that speaks of one machine."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = {path.parent.name for path in (ROOT / "webapp").glob("*/apps.py")}
SHARED_TEMPLATES = {"partials", "errors"}
BINARY = {".png", ".jpg", ".svg", ".woff2", ".safetensors", ".ico", ".npz"}
# Folders of one machine, written out.
MACHINE_PATHS = re.compile(r"(?<![\w.])/(root|home/\w+|work|Users/\w+|opt/wheels)/")
INDEXES = re.compile(r"--(extra-)?index-url|download\.pytorch\.org")


def tracked():
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_templates_mirror_the_apps():
    folders = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()}
    assert folders <= APPS | SHARED_TEMPLATES


def test_parents_of_method_folders_are_empty():
    for card in (ROOT / "analysis").rglob("card.toml"):
        for folder in card.parent.relative_to(ROOT).parents:
            parent = ROOT / folder / "__init__.py"
            if folder != Path() and parent.is_file():
                assert not parent.read_text(encoding="utf-8").strip(), parent


def test_no_drawers():
    for package in ("analysis", "webapp", "workers"):
        for path in (ROOT / package).rglob("*.py"):
            assert path.stem not in {"utils", "helpers", "misc", "common", "manager"}, path


def test_nothing_speaks_of_one_machine():
    here = Path(__file__).resolve()
    for path in tracked():
        if path.suffix in BINARY or path == here or "vendor" in path.parts:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found = MACHINE_PATHS.search(text) or INDEXES.search(text)
        assert not found, f"{path.relative_to(ROOT)}: {found and found.group()}"


def test_no_video_and_nothing_large_is_kept():
    for path in tracked():
        assert path.suffix not in {".mp4", ".mkv", ".avi", ".ts", ".mov"}, path
        assert path.stat().st_size < 16 * 1024**2, path


def test_nothing_is_left_for_later():
    marks = ("TO" + "DO", "FIX" + "ME", "X" + "XX")
    for path in tracked():
        if path.suffix in {".py", ".html", ".css", ".sh", ".toml", ".yml"}:
            if "vendor" in path.parts:
                continue
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not any(mark in text for mark in marks), path


def test_locks_pin_what_pyproject_asks_for():
    import tomllib

    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = asked["optional-dependencies"]
    for lock, names in (
        ("requirements.lock", ("web", "s3", "vision")),
        ("requirements-dev.lock", ("web", "s3", "vision", "dev")),
    ):
        lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
        assert not [line for line in lines if "+" in line or "==" not in line]
        pins = {line.split(";")[0].strip().lower() for line in lines}
        wanted = [*asked["dependencies"], *(pin for name in names for pin in extras[name])]
        missing = [pin for pin in wanted if pin.lower().split(" ;")[0].strip() not in pins]
        assert not missing, f"{lock} lacks {missing}; run: make lock"
