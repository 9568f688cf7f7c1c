"""From a recipe to the order of its steps, refused before any work when something is missing.

A step runs when everything in its card's ``needs`` has been produced. Streams that a spotter needs and the recipe does
not list are added with default settings. All gaps are told at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from analysis.core.cards import Card
from analysis.core.problems import PlanProblem
from analysis.core.registry import (
    CALIBRATORS,
    DETECTORS,
    REPLAY_GROUNDERS,
    REPRESENTATIONS,
    SHOT_FINDERS,
    SPOTTERS,
    Family,
)
from analysis.pipeline.recipe import Choice, Recipe

# What exists before any method runs.
GIVEN = frozenset({"video", "frames"})


@dataclass(frozen=True, slots=True)
class Step:
    """One method at its place.

    Args:
        stage: ``shots``, ``calibrate``, ``locate``, ``represent``, ``spot`` or ``ground``.
        family: where the method lives.
        card: the method's card; ``card.slug`` is its present name.
        settings: what the recipe sets.
        produces: name of the stream that comes out.
    """

    stage: str
    family: Family
    card: Card
    settings: Mapping[str, Any]
    produces: str

    @property
    def version(self) -> str:
        """``slug version``, as stored with results."""
        return f"{self.card.slug} {self.card.version}"


def make_plan(recipe: Recipe) -> list[Step]:
    """Steps in an order that satisfies every need.

    Raises:
        PlanProblem: with every unknown method, unknown setting, missing library and unmet need.
    """
    gaps: list[str] = []
    wanted = [
        ("calibrate", CALIBRATORS, recipe.calibrate, "calibrations"),
        ("locate", DETECTORS, recipe.locate, "players"),
        *(("represent", REPRESENTATIONS, choice, choice.method) for choice in recipe.represent),
    ]
    if recipe.shots is not None:
        wanted.insert(0, ("shots", SHOT_FINDERS, recipe.shots, "shots"))
    if recipe.spot is not None:
        wanted.append(("spot", SPOTTERS, recipe.spot, "events"))
    if recipe.shots is not None and recipe.spot is not None:
        wanted.append(("ground", REPLAY_GROUNDERS, recipe.ground, "replays"))
    steps = [step for one in wanted if (step := _step(*one, gaps)) is not None]
    steps += _missing_streams(steps, gaps)
    ordered = _ordered(steps, gaps)
    if gaps:
        raise PlanProblem(gaps)
    return ordered


def _step(
    stage: str, family: Family, choice: Choice, produces: str, gaps: list[str]
) -> Step | None:
    try:
        slug = family.resolve(choice.method)
    except KeyError as error:
        gaps.append(str(error.args[0]))
        return None
    try:
        known = {entry.name for entry in fields(family.load(slug).Settings)}
    except ModuleNotFoundError as error:
        gaps.append(f"{slug} needs the library {error.name!r}")
        return None
    gaps += [
        f"{slug} has no setting {name!r}; it has {', '.join(sorted(known)) or 'none'}"
        for name in sorted(set(choice.settings) - known)
    ]
    return Step(
        stage,
        family,
        family.card(slug),
        dict(choice.settings),
        slug if stage == "represent" else produces,
    )


def _missing_streams(steps: list[Step], gaps: list[str]) -> list[Step]:
    """Representations that some step needs and the recipe does not name."""
    known = REPRESENTATIONS.names()
    produced = {step.produces for step in steps}
    needed = {need for step in steps for need in step.card.needs if need in known} - produced
    added = [
        _step("represent", REPRESENTATIONS, Choice(need), need, gaps) for need in sorted(needed)
    ]
    return [step for step in added if step is not None]


def _ordered(steps: list[Step], gaps: list[str]) -> list[Step]:
    """Topological order; steps that can never run become gaps."""
    waiting, ordered, present = list(steps), list[Step](), set(GIVEN)
    while ready := [step for step in waiting if present.issuperset(step.card.needs)]:
        ordered += ready
        present |= {step.produces for step in ready}
        waiting = [step for step in waiting if step not in ready]
    for step in waiting:
        missing = ", ".join(sorted(set(step.card.needs) - present))
        gaps.append(f"{step.card.slug} needs {missing}, which nothing in the recipe produces")
    return ordered
