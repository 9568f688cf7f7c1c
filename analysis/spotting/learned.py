"""Spotters with a network: what a method brings, and the one way all of them are built, loaded and served.

A weights file carries what it was made for (``Shape``) in its notes, so the same method serves the bundled weights and
those that somebody trained on other features.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from analysis.core.cards import read_card
from analysis.core.pitch import PitchSpec
from analysis.core.problems import InputProblem
from analysis.core.records import ActionSpot, Stream
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.spotting.inputs import (
    NetworkInputs,
    inputs_of,
    refuse_misfit,
    refuse_other_branch,
)
from analysis.spotting.reduction import attach, stored
from analysis.temporal.suppression import Kept
from analysis.training.base import Examples
from analysis.training.loop import TrainingPlan
from analysis.training.weights import load_weights, read_notes

FloatArray = NDArray[np.float64]
LEAST_CONFIDENCE = 0.01
VECTOR_BRANCHES = ("fcl", "stp")


@dataclass(frozen=True, slots=True)
class Shape:
    """What one network was made for; stored in the notes of its weights.

    Args:
        n_features: D of the features.
        rate_hz: rows a second.
        labels: the classes of its outputs.
        features: names of the streams the features are made of, or of the feature file.
        branch: kind of the calibration branch; empty for none.
        branch_stream: its stream.
        branch_width: features of a branch's vectors or nodes; 0 for pictures and none.
        size: ``published``, or a smaller one of the method.
        n_components: what features, and a branch's vectors, are reduced to in front of the network
            (``spotting.reduction``); 0 for not.
        rows_held: rows that one graph of a branch stands for.
    """

    n_features: int = 512
    rate_hz: float = 2.0
    labels: tuple[str, ...] = SOCCERNET_V2.labels
    features: tuple[str, ...] = ()
    branch: str = ""
    branch_stream: str = ""
    branch_width: int = 0
    size: str = "published"
    n_components: int = 0
    rows_held: int = 1

    def notes(self) -> dict[str, str]:
        """For ``save_weights``."""
        return {"shape": json.dumps(asdict(self))}

    @staticmethod
    def from_notes(notes: Mapping[str, str]) -> "Shape":
        """Raises: InputProblem when the weights are none of a spotter."""
        try:
            values = json.loads(notes["shape"])
            for name in ("labels", "features"):
                values[name] = tuple(values[name])
            return Shape(**values)
        except (KeyError, TypeError, ValueError) as error:
            raise InputProblem(
                "weights_foreign",
                "The weights do not say what they were made for: name a file that `train` wrote.",
            ) from error

    @property
    def columns(self) -> list[int]:
        """Class index of each output."""
        return [SOCCERNET_V2.index(label) for label in self.labels]


@dataclass(frozen=True, slots=True)
class LabelledHalf:
    """A half to learn from or to be measured on.

    Args:
        name: of the game and half.
        inputs: what the network reads.
        event_frames: per class of SoccerNet-v2, rows with an event.
        event_ms: per class, the events' own times, for the metric.
        event_shown: per class, False for "not shown".
    """

    name: str
    inputs: NetworkInputs
    event_frames: list[NDArray[np.int64]]
    event_ms: list[NDArray[np.int64]]
    event_shown: list[NDArray[np.bool_]]


class Method(Protocol):
    """What a model's folder brings: its network, how it learns, and what its answers mean."""

    def network(self, shape: Shape) -> nn.Module:
        """A fresh network."""
        ...

    def plan(self, preset: str) -> TrainingPlan:
        """How long and how it is trained."""
        ...

    def examples(
        self, halves: Sequence[LabelledHalf], shape: Shape, *, is_training: bool
    ) -> Examples:
        """Windows of halves."""
        ...

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Losses of a batch: ``total`` is optimised."""
        ...

    def scores(
        self, network: nn.Module, inputs: NetworkInputs, shape: Shape, device: str
    ) -> FloatArray:
        """(N, len(shape.labels)) score of each class at each row in [0, 1]; 0 where nothing is said."""
        ...

    def peaks(self, scores: FloatArray) -> Kept:
        """The suppression that the method was published with, on one class's scores (N,)."""
        ...


def make_network(method: Method, shape: Shape) -> nn.Module:
    """A fresh network of a method; with room for the reduction of its features where the shape wants one."""
    if not shape.n_components:
        return method.network(shape)
    has_vectors = shape.branch in VECTOR_BRANCHES
    inner = replace(
        shape,
        n_features=shape.n_components,
        branch_width=shape.n_components if has_vectors else shape.branch_width,
        n_components=0,
    )
    network = method.network(inner)
    attach(network, "features", shape.n_features, shape.n_components)
    if has_vectors:
        attach(network, "branch", shape.branch_width, shape.n_components)
    return network


@dataclass(frozen=True)
class Settings:
    """What can be set on a learned spotter.

    Args:
        weights_file: safetensors in place of the bundled ones; empty for those. Methods with several parts take one
            file a part, separated by commas.
        half: the number written into the spots.
    """

    weights_file: str = ""
    half: int = 1


class LearnedSpotter:
    """One or several networks of a method behind the family's protocol; several answer for classes of their own.

    Args:
        parts: (method, shape, network) each.
        half: the number written into the spots.
        device: torch device.
    """

    def __init__(
        self, parts: Sequence[tuple[Method, Shape, nn.Module]], half: int, device: str
    ) -> None:
        self.parts = [(m, shape, network.eval().to(device)) for m, shape, network in parts]
        self.half, self.device = half, device

    def spot(self, streams: Mapping[str, Stream], pitch: PitchSpec) -> list[ActionSpot]:
        """Candidates in time order; a half without rows has none."""
        del pitch
        shapes = [shape for _, shape, _ in self.parts]
        inputs = [inputs_of(streams, shape.features, shape.branch_stream) for shape in shapes]
        return self.spot_inputs(inputs)

    def spot_inputs(self, inputs: Sequence[NetworkInputs]) -> list[ActionSpot]:
        """The same from inputs, one a part."""
        spots: list[ActionSpot] = []
        for (method, shape, _), own in zip(self.parts, inputs, strict=True):
            for label, column in zip(shape.labels, self._scores(own, shape).T, strict=True):
                rows, confidence = method.peaks(column)
                spots += [
                    ActionSpot(self.half, int(own.times_ms[row]), label, min(1.0, float(score)))
                    for row, score in zip(rows, confidence, strict=True)
                    if score >= LEAST_CONFIDENCE
                ]
        return sorted(spots, key=lambda spot: (spot.position_ms, spot.label))

    def _scores(self, inputs: NetworkInputs, shape: Shape) -> FloatArray:
        refuse_misfit(inputs, n_features=shape.n_features, rate_hz=shape.rate_hz)
        refuse_other_branch(inputs.branch, shape.branch, shape.branch_width)
        if not len(inputs):
            return np.zeros((0, len(shape.labels)))
        method, network = next((m, n) for m, s, n in self.parts if s is shape)
        inputs = stored(network)(inputs)
        with torch.inference_mode():
            return method.scores(network, inputs, shape, self.device)


def build_learned(
    methods: Mapping[str, Method], folder: Path, settings: Settings, device: str
) -> LearnedSpotter:
    """A method's spotter.

    Args:
        methods: weights file name -> the method of that part.
        folder: of the model, with its card.
        settings: see ``Settings``.
        device: torch device.

    Raises:
        InputProblem: weights that are missing, changed, or of something else.
    """
    promised = {item.file: item.sha256 for item in read_card(folder / "card.toml").weights}
    paths = [Path(text) for text in settings.weights_file.split(",") if text]
    is_bundled = not paths
    if is_bundled:
        paths = [folder / name for name in methods]
    if len(paths) != len(methods):
        raise InputProblem(
            "weights_missing", f"This model has {len(methods)} weights files: name all of them."
        )
    parts = []
    for path, (name, method) in zip(paths, methods.items(), strict=True):
        weights = load_weights(path, sha256=promised.get(name) if is_bundled else None)
        shape = Shape.from_notes(read_notes(path))
        network = make_network(method, shape)
        try:
            network.load_state_dict(weights)
        except RuntimeError as error:
            raise InputProblem(
                "weights_foreign",
                f"The weights {path.name} are of another model: name a file that `train` wrote for this one.",
            ) from error
        parts.append((method, shape, network))
    return LearnedSpotter(parts, settings.half, device)
