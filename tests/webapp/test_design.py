"""Colours can be read, in both themes (WCAG 2.2: 4.5:1 for text, 3:1 for marks and controls)."""

import re
from pathlib import Path

import pytest
from django.conf import settings

CSS = Path(settings.BASE_DIR) / "webapp" / "static" / "css"
SURFACES = (
    "bg",
    "surface",
    "surface-2",
    "surface-3",
    "accent-soft",
    "danger-soft",
    "warn-soft",
    "info-soft",
)
TEXTS = [
    *((text, surface) for text in ("text", "text-2") for surface in SURFACES),
    *(("accent-strong", surface) for surface in ("bg", "surface", "surface-2", "accent-soft")),
    *(("danger", surface) for surface in ("bg", "surface", "danger-soft")),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-danger", "danger"),
    ("warn", "warn-soft"),
    ("info", "info-soft"),
]
MARKS = [
    (mark, surface)
    for mark in ("line-strong", "focus", "accent", "home", "away")
    for surface in ("bg", "surface")
]


def themes() -> dict[str, dict[str, str]]:
    light, dark = (CSS / "tokens.css").read_text().split(':root[data-theme="dark"]')
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part)) for part in (light, dark)]
    return {"light": found[0], "dark": {**found[0], **found[1]}}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_formula():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXTS, 4.5), (MARKS, 3)])
def test_colours_can_be_told_from_what_they_stand_on(theme, pairs, least):
    colours = themes()[theme]
    weak = [pair for pair in pairs if contrast(colours[pair[0]], colours[pair[1]]) < least]
    assert weak == []


def test_nothing_is_fetched_from_elsewhere():
    for path in [*CSS.glob("*.css"), *(Path(settings.BASE_DIR) / "templates").rglob("*.html")]:
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"""(src|href|url|action)\s*[=(]\s*["']?(https?:)?//""", text), path
        assert " style=" not in text, f"{path}: the policy allows no inline style"
        assert not re.search(r"\son\w+=", text), f"{path}: the policy allows no inline script"
