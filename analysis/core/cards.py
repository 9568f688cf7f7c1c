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


def read_card(path: Path) -> Card:
    """Read and check a ``card.toml``.

    Raises:
        ValueError: unknown or missing keys, or empty limits, naming the file.
    """
    raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    weights = tuple(Weights(**item) for item in raw.pop("weights", []))
    metrics = tuple(Metric(**item) for item in raw.pop("metrics", []))
    for name in ("needs", "emits", "experimental", "formerly"):
        raw[name] = tuple(raw.get(name, ()))
    try:
        card = Card(slug=path.parent.name, weights=weights, metrics=metrics, **raw)
    except TypeError as error:
        raise ValueError(f"{path}: {error}") from error
    if not card.limits.strip():
        raise ValueError(f"{path}: a card states its limits")
    return card
