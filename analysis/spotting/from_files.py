"""Spotting without a video: feature files, and whole splits of SoccerNet's layout."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.core.problems import InputProblem
from analysis.core.records import ActionSpot
from analysis.core.registry import SPOTTERS
from analysis.datasets.soccernet_features import read_features
from analysis.spotting.inputs import inputs_of
from analysis.spotting.learned import LabelledHalf, LearnedSpotter, Shape
from analysis.spotting.learning import parts_of, soccernet

FEATURE_SUFFIXES = (".npy",)


@dataclass(frozen=True, slots=True)
class SpottedGame:
    """One game: its name, the spots of its halves, and the halves with their labels."""

    name: str
    spots: list[ActionSpot]
    halves: list[LabelledHalf]


def learned_spotter(name: str, weights: Sequence[Path], device: str) -> LearnedSpotter:
    """A spotter that reads features, by its name.

    Raises:
        InputProblem: it reads something else, or its weights are missing.
    """
    module = SPOTTERS.load(name)
    if not hasattr(module, "METHOD"):
        needs = ", ".join(SPOTTERS.card(name).needs)
        raise InputProblem(
            "features_not_read",
            f"The spotter {name} does not read image features, it needs {needs}: name the video instead.",
        )
    spotter = module.build(module.Settings(weights_file=",".join(map(str, weights))), device)
    if not isinstance(spotter, LearnedSpotter):
        raise TypeError(f"{name} builds a {type(spotter).__name__}")
    return spotter


def spot_features(
    spotter: LearnedSpotter, path: Path, rate_hz: float, half: int
) -> list[ActionSpot]:
    """Candidates of one half from a ``.npy`` file of its feature rows.

    Raises:
        InputProblem: the file, its width or rate, NaN, or a spotter that needs more than features.
    """
    sequence = read_features(path, rate_hz)
    for _, shape, _ in spotter.parts:
        if shape.branch:
            raise InputProblem(
                "features_not_enough",
                "This model also looks at where players stand, which a feature file does not tell: "
                "name the video, or a folder of SoccerNet games.",
            )
    inputs = inputs_of({"features": sequence}, ("features",))
    spots = spotter.spot_inputs([inputs] * len(spotter.parts))
    return [replace(spot, half=half) for spot in spots]


def spot_split(
    spotter: LearnedSpotter,
    name: str,
    root: Path,
    split: str,
    features: str = "",
    on_game: Callable[[int], None] = lambda done: None,
) -> Iterator[SpottedGame]:
    """Candidates of every game of a split, with times from the kick-off of each half.

    Raises:
        InputProblem: as ``datasets.soccernet_features.read_split``, or a misfit.
    """
    settings = parts_of(name).settings
    readings = [
        soccernet(root, split, _wanted(shape), features, settings) for _, shape, _ in spotter.parts
    ]
    games: dict[str, SpottedGame] = {}
    for done, halves in enumerate(zip(*readings, strict=True), start=1):
        game, _, number = halves[0].name.rpartition("/")
        spots = spotter.spot_inputs([half.inputs for half in halves])
        own = games.setdefault(game, SpottedGame(game, [], []))
        own.spots.extend(replace(spot, half=int(number)) for spot in spots)
        own.halves.append(halves[0])
        on_game(done)
    yield from games.values()


def _wanted(shape: Shape) -> Shape:
    return replace(shape, features=("features",))
