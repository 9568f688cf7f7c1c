"""A method's card: what it is, what it needs, what it was trained on, what it measured, where it ends.

The card is torch-free, so that the web can show every method without importing any.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Weights:
    """A weights file beside its card: name, hexadecimal sha256, licence."""

    file: str
    sha256: str
    licence: str


@dataclass(frozen=True, slots=True)
class Metric:
    """One measured number with the command and commit that printed it."""

    name: str
    value: float
    command: str
    commit: str


# Told and found this often on unseen matches, with this many events, a class counts as verified; less often than the
# second share it is experimental.
VERIFIED_SHARE, VERIFIED_EVENTS, EXPERIMENTAL_SHARE = 0.9, 20, 0.5


@dataclass(frozen=True, slots=True)
class ClassNumbers:
    """How a spotter does with one class at the default recipe's threshold, on matches nobody trained on.

    Args:
        label: the class.
        precision: share of the told events that are right.
        recall: share of the true events that are told.
        n_events, n_told: how many of each the shares rest on.
        command, commit: what printed them.
    """

    label: str
    precision: float
    recall: float
    n_events: int
    n_told: int
    command: str = ""
    commit: str = ""

    @property
    def badge(self) -> str:
        """``verified``, ``measured`` or ``experimental``."""
        least = min(self.precision, self.recall)
        if least >= VERIFIED_SHARE and self.n_events >= VERIFIED_EVENTS:
            return "verified"
        return "measured" if least >= EXPERIMENTAL_SHARE else "experimental"


@dataclass(frozen=True, slots=True)
class Card:
    """The typed ``card.toml`` of a method folder.

    Args:
        slug: folder name.
        title, paper, written_from: what, by whom, and whether it was written from the paper.
        version: changes whenever the output may change; part of every artifact key.
        needs: names of streams that must exist before the method runs.
        label_set: name in ``core.vocabulary`` or empty.
        limits: what it cannot do; never empty.
        is_baseline: simple method kept for comparison and for machines without weights.
        trained_on: sentences; empty for methods without weights.
        emits: labels it really emits, for spotters.
        experimental: labels below 0.5 recall at 0.5 precision.
        formerly: old slugs that stored rows may still carry.
        classes: numbers of single classes, for spotters.
        measured_on: what those numbers come from, in a few words.
    """

    slug: str
    title: str
    version: str
    limits: str
    paper: str = ""
    written_from: str = ""
    needs: tuple[str, ...] = ()
    label_set: str = ""
    is_baseline: bool = False
    trained_on: str = ""
    emits: tuple[str, ...] = ()
    experimental: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()
    weights: tuple[Weights, ...] = ()
    metrics: tuple[Metric, ...] = field(default=())
    classes: tuple[ClassNumbers, ...] = ()
    measured_on: str = ""

    def numbers_of(self, label: str) -> ClassNumbers | None:
        """What was measured of one class."""
        return next((row for row in self.classes if row.label == label), None)

    def badge_of(self, label: str) -> str:
        """``verified``, ``measured`` or ``experimental`` (also where nothing was measured)."""
        found = self.numbers_of(label)
        if found is None or label in self.experimental:
            return "experimental"
        return found.badge


def read_card(path: Path) -> Card:
    """Read and check a ``card.toml``.

    Raises:
        ValueError: unknown or missing keys, or empty limits, naming the file.
    """
    raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    weights = tuple(Weights(**item) for item in raw.pop("weights", []))
    metrics = tuple(Metric(**item) for item in raw.pop("metrics", []))
    classes = tuple(ClassNumbers(**item) for item in raw.pop("classes", []))
    for name in ("needs", "emits", "experimental", "formerly"):
        raw[name] = tuple(raw.get(name, ()))
    try:
        card = Card(slug=path.parent.name, weights=weights, metrics=metrics, classes=classes, **raw)
    except TypeError as error:
        raise ValueError(f"{path}: {error}") from error
    if not card.limits.strip():
        raise ValueError(f"{path}: a card states its limits")
    return card
