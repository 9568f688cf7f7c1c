"""A recipe says which method does each stage, with which settings; it is a small TOML file.

A recipe is checked in two steps: its own form here, and whether its methods exist, know their settings and get what
they need in ``plan``.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from analysis.core.problems import InputProblem
from analysis.spotting.postprocess import Rules

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_KEYS = {
    "title", "rate_hz", "floor", "shots", "calibrate", "locate", "represent", "spot", "events", "ground",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """One method and what is set on it.

    Args:
        method: slug in the stage's family.
        settings: names and values; the others keep their defaults.
    """

    method: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which methods analyse a match.

    Args:
        name: of the file it came from.
        title: for people.
        calibrate, locate: the two methods every recipe has.
        represent: streams to build, besides those that the spotter needs.
        spot: the spotter, or None for positions only.
        shots: the shot finder; None takes the whole film for the main camera's.
        ground: what links replays to live moments, once shots are known.
        rate_hz: samples a second.
        floor: confidence under which a calibration counts as absent; stands here and nowhere else.
        events: which candidates become events.
    """

    name: str
    title: str
    calibrate: Choice
    locate: Choice
    represent: tuple[Choice, ...] = ()
    spot: Choice | None = None
    shots: Choice | None = None
    ground: Choice = field(default_factory=lambda: Choice("fusion"))
    rate_hz: float = 2.0
    floor: float = 0.3
    events: Rules = field(default_factory=Rules)

    def __post_init__(self) -> None:
        if not 0.1 <= self.rate_hz <= 60:
            raise ValueError(f"rate_hz lies between 0.1 and 60, got {self.rate_hz}")
        if not 0 <= self.floor <= 1:
            raise ValueError(f"floor lies between 0 and 1, got {self.floor}")


def recipe_names() -> list[str]:
    """Names of the recipes that come along, sorted."""
    folder = resources.files("analysis.pipeline") / "recipes"
    return sorted(
        path.name.removesuffix(".toml") for path in folder.iterdir() if path.name.endswith(".toml")
    )


def load_recipe(name: str) -> Recipe:
    """A recipe that comes along, by name, or any other by the path of its ``.toml`` file.

    Raises:
        InputProblem: ``recipe_missing`` or ``recipe_unreadable``.
    """
    if _NAME.fullmatch(name):
        source = resources.files("analysis.pipeline") / "recipes" / f"{name}.toml"
        if not source.is_file():
            raise InputProblem(
                "recipe_missing",
                f"There is no recipe {name!r}; there are: {', '.join(recipe_names())}.",
            )
        return parse_recipe(source.read_text(encoding="utf-8"), name)
    path = Path(name)
    if path.suffix != ".toml" or not path.is_file():
        raise InputProblem(
            "recipe_missing",
            f"There is no recipe file {path.name!r}; name a .toml file or one of: {', '.join(recipe_names())}.",
        )
    return parse_recipe(path.read_text(encoding="utf-8"), path.stem)


def parse_recipe(text: str, name: str) -> Recipe:
    """A recipe from the text of its file. Raises: InputProblem ``recipe_unreadable`` that names what is wrong."""
    try:
        raw = tomllib.loads(text)
        unknown = sorted(set(raw) - _KEYS)
        if unknown:
            raise ValueError(f"it does not know {', '.join(unknown)}")
        return Recipe(
            name=name,
            title=str(raw.get("title", name)),
            calibrate=_choice(raw["calibrate"]),
            locate=_choice(raw["locate"]),
            represent=tuple(_choice(item) for item in raw.get("represent", [])),
            spot=_choice(raw["spot"]) if "spot" in raw else None,
            shots=_choice(raw["shots"]) if "shots" in raw else None,
            ground=_choice(raw["ground"]) if "ground" in raw else Choice("fusion"),
            rate_hz=float(raw.get("rate_hz", 2.0)),
            floor=float(raw.get("floor", 0.3)),
            events=Rules(**raw.get("events", {})),
        )
    except KeyError as error:
        words = f"it lacks {error.args[0]!r}"
        raise InputProblem("recipe_unreadable", _sentence(name, words)) from error
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise InputProblem("recipe_unreadable", _sentence(name, str(error))) from error


def _choice(raw: Mapping[str, Any]) -> Choice:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("method"), str):
        raise ValueError('a stage is a table with a method, such as method = "line_fit"')
    unknown = sorted(set(raw) - {"method", "settings"})
    if unknown:
        raise ValueError(f"a stage has method and settings, not {', '.join(unknown)}")
    return Choice(raw["method"], dict(raw.get("settings", {})))


def _sentence(name: str, words: str) -> str:
    return f"The recipe {name!r} cannot be read: {words}."
