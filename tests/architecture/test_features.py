"""Every tick in the list of features names a test that exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[(test_\w+)\]\(\.\./(tests/[\w/]+\.py)\)")
ROW = re.compile(r"^\| \d+ \| [^|]+ \| (yes|partly|no) \| ([^|]*) \|", re.MULTILINE)


def test_every_link_leads_to_a_test():
    text = (ROOT / "docs" / "features.md").read_text(encoding="utf-8")
    links = LINK.findall(text)
    assert len(links) > 40
    missing = [
        f"{path}::{name}"
        for name, path in links
        if f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")
    ]
    assert missing == []


def test_every_tick_has_its_test():
    rows = ROW.findall((ROOT / "docs" / "features.md").read_text(encoding="utf-8"))
    assert len(rows) == 41
    assert all(LINK.search(proof) for here, proof in rows if here != "no")


def test_rules_name_tests_that_are_there():
    """Every file and every test that docs/benchmarks/reliability.md names; of a shortened name one match is enough."""
    text = (ROOT / "docs" / "benchmarks" / "reliability.md").read_text(encoding="utf-8")
    tests = {path: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")}
    last, named = "", 0
    for place, name in re.findall(r"`([\w/]*\.py)?(?:::(test_\w+))?`", text):
        if not (place or name):
            continue
        last = place or last
        found = [words for path, words in tests.items() if path.as_posix().endswith(f"/{last}")]
        assert found or (ROOT / last).is_file(), f"there is no {last}"
        if name:
            assert any(f"def {name}(" in words for words in found), f"{last} has no {name}"
            named += 1
    assert named > 30
