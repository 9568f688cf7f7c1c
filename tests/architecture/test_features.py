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
