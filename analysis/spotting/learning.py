"""``python -m analysis train spotting/NAME`` for every learned spotter: halves in, weights with their notes out.

Three kinds of material are known by what lies in the folder: SoccerNet's own layout (``datasets.soccernet_features``),
films with their events (``spotting.films``), and simulated halves (``half-*.npz`` of ``simulate_halves``), which are
seen through the errors of a calibrator and a detector, another draw of them for every half.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

import numpy as np
from torch import Tensor, nn

from analysis.core.pitch import STANDARD_PITCH
from analysis.core.problems import InputProblem
from analysis.core.records import ActionSpot, FeatureSequence, GraphTrack, StageEvent, Stream
from analysis.core.registry import REPRESENTATIONS, SPOTTERS
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.datasets.labelled_videos import FILMS
from analysis.datasets.soccernet_features import read_split
from analysis.metrics.spotting import (
    TOLERANCES_S,
    HalfLabels,
    HalfPredictions,
    SpottingScore,
    average_map,
)
from analysis.representations.base import HalfView
from analysis.spotting.films import read_films
from analysis.spotting.inputs import inputs_of
from analysis.spotting.learned import LabelledHalf, LearnedSpotter, Method, Shape, make_network
from analysis.spotting.reduction import Reductions, store
from analysis.synthetic.halves import SAMPLE_RATE_HZ, SimulatedHalf, load_half
from analysis.synthetic.sightings import Sight, draw_sight, sightings
from analysis.training.base import Examples, TrainingReport, TrainingRequest
from analysis.training.loop import train as run_loop
from analysis.training.memory import keep_freed_memory
from analysis.training.weights import load_weights, save_weights

FLOOR = 0.3
"""Confidence under which a simulated calibration counts as absent, as in the default recipe."""
SIMULATED_HALVES = "half-*.npz"
VALIDATION_SHARE = 0.1
Tell = Callable[[StageEvent], None]


@dataclass(frozen=True, slots=True)
class TrainingParts:
    """What a model's ``training_run`` tells of it: part -> shape, and representation -> its settings."""

    shapes: Mapping[str, Shape]
    settings: Mapping[str, Mapping[str, object]]


def parts_of(name: str) -> TrainingParts:
    """The parts of a learned spotter."""
    run = import_module(f"{SPOTTERS.package}.{name}.training_run")
    return TrainingParts(run.SHAPES, getattr(run, "SETTINGS", {}))


def train_method(
    method: Method,
    wanted: Shape,
    weights_file: str,
    request: TrainingRequest,
    on_event: Tell,
    *,
    settings: Mapping[str, Mapping[str, object]] | None = None,
) -> TrainingReport:
    """Train a method on the material of a request.

    Args:
        method: see ``learned.Method``.
        wanted: classes, branch and streams; the features' width and rate come from the material.
        weights_file: name of the file to write.
        request: of the command line.
        on_event: progress.
        settings: representation -> its settings, where they are not the defaults.

    Raises:
        InputProblem: no material, or material that does not fit.
    """
    keep_freed_memory()
    training, validation, shape = read_material(request, wanted, on_event, settings or {})
    reductions = Reductions.fit([half.inputs for half in training], shape.n_components)
    plan = method.plan(request.preset)
    plan = replace(plan, seed=request.seed, steps=max(1, round(plan.steps * request.steps_share)))
    trainable = _Training(method, shape, training, validation, reductions)
    result = run_loop(
        trainable,
        plan,
        request.folder,
        device=request.device,
        resume=request.resume,
        initial=_begun(trainable.network(), request.initial) if request.initial else None,
        on_event=on_event,
    )
    path = request.folder / weights_file
    digest = save_weights(result.weights, path, half=True, notes=shape.notes())
    numbers = {f"loss_{name}": value for name, value in result.losses.items()}
    if validation:
        network = make_network(method, shape)
        network.load_state_dict(result.weights)
        score = measure(LearnedSpotter([(method, shape, network)], 1, request.device), validation)
        numbers["validation_average_map"] = score["loose"].average_map
    return TrainingReport({path: digest}, numbers, result.is_complete)


def _begun(network: nn.Module, path: Path) -> dict[str, Tensor]:
    """A network's weights, those of an earlier stage where names and sizes are the same."""
    fresh, earlier = network.state_dict(), load_weights(path)
    fits = {n for n, value in earlier.items() if n in fresh and fresh[n].shape == value.shape}
    if not fits:
        raise InputProblem(
            "weights_foreign",
            f"Nothing in {path.name} fits this model: name weights of an earlier stage of it.",
        )
    return {n: earlier[n].to(value.dtype) if n in fits else value for n, value in fresh.items()}


def read_material(
    request: TrainingRequest,
    wanted: Shape,
    on_event: Tell,
    settings: Mapping[str, Mapping[str, object]],
) -> tuple[list[LabelledHalf], list[LabelledHalf], Shape]:
    """(training halves, validation halves, the shape that fits them)."""
    if request.data is None:
        raise InputProblem(
            "labels_missing",
            "This spotter learns from games: name a folder of SoccerNet, or of `simulate_halves`, with --data.",
        )
    if any(request.data.glob(SIMULATED_HALVES)):
        paths = sorted(request.data.glob(SIMULATED_HALVES))
        halves = []
        for i, path in enumerate(paths):
            halves.append(simulated(path, wanted, settings=settings, seed=request.seed))
            on_event(StageEvent("read", i + 1, len(paths)))
        n_held_out = round(VALIDATION_SHARE * len(halves)) if len(halves) > 9 else 0
        training, validation = halves[n_held_out:], halves[:n_held_out]
        shape = wanted
    elif any(request.data.glob(FILMS)):
        halves = list(read_films(request.data, wanted, settings, built_stream, request.features))
        training, validation, shape = halves, [], replace(wanted, n_components=0)
    else:
        training = soccernet(request.data, "train", wanted, request.features, settings)
        validation = soccernet(request.data, "valid", wanted, request.features, settings)
        shape = replace(wanted, features=(request.features or "features",), n_components=0)
    first = training[0].inputs
    branch = first.branch
    width = 0
    if isinstance(branch, FeatureSequence):
        width = branch.values.shape[1]
    elif isinstance(branch, GraphTrack):
        width = branch.nodes.shape[1]
    n_features = first.features.shape[1]
    shape = replace(
        shape,
        n_features=n_features,
        n_components=min(shape.n_components, n_features),
        rate_hz=first.rate_hz,
        branch_width=width,
    )
    return training, validation, shape


def simulated(
    path: Path,
    wanted: Shape,
    *,
    settings: Mapping[str, Mapping[str, object]] | None = None,
    seed: int = 0,
    sight: Sight | None = None,
) -> LabelledHalf:
    """A simulated half as a network sees it.

    Args:
        path: of the half's file.
        wanted: which streams.
        settings: representation -> its settings.
        seed: with the file's name, decides how well the half is seen and every error.
        sight: how well it is seen; drawn when None.
    """
    half = load_half(path)
    rng = np.random.default_rng([seed, *path.stem.encode()])
    players, calibrations = sightings(half, sight or _drawn_sight(wanted, rng), rng)
    view = HalfView(calibrations, players, STANDARD_PITCH, FLOOR)
    streams: dict[str, Stream] = {"calibrations": calibrations, "players": players}
    for name in {*wanted.features, *filter(None, [wanted.branch_stream])}:
        streams[name] = built_stream(name, view, settings or {})
    inputs = inputs_of(streams, wanted.features, wanted.branch_stream)
    # Halves of a training set stay in memory together: sixteen bits are enough for counts and shares.
    inputs = replace(inputs, features=inputs.features.astype(np.float16))
    return LabelledHalf(path.stem, inputs, *_events_by_class(half, len(inputs)))


def _drawn_sight(wanted: Shape, rng: np.random.Generator) -> Sight:
    """How well a half is seen; where all depends on pictures, somebody films."""
    sight = draw_sight(rng)
    while sight.sees_all and wanted.features == ("picture_layout",):
        sight = draw_sight(rng)
    return sight


def _events_by_class(
    half: SimulatedHalf, n_rows: int
) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    frames, times, shown = [], [], []
    for label in range(len(SOCCERNET_V2)):
        own = half.event_label == label
        times.append(half.event_ms[own])
        row = (half.event_ms[own] / 1000 * SAMPLE_RATE_HZ).astype(np.int64)
        frames.append(np.minimum(row, n_rows - 1))
        shown.append(half.event_shown[own])
    return frames, times, shown


def soccernet(
    folder: Path,
    split: str,
    wanted: Shape,
    features: str = "",
    settings: Mapping[str, Mapping[str, object]] | None = None,
) -> list[LabelledHalf]:
    """The labelled halves of a split of SoccerNet's layout.

    Raises:
        InputProblem: no games, no features, or a branch that these files cannot feed.
    """
    halves = []
    for game in read_split(folder, split, features):
        for half in game.halves:
            streams: dict[str, Stream] = {"features": half.features}
            if wanted.branch_stream:
                calibrations, players = half.tracks()
                view = HalfView(calibrations, players, STANDARD_PITCH, FLOOR)
                streams["calibrations"] = calibrations
                streams[wanted.branch_stream] = built_stream(
                    wanted.branch_stream, view, settings or {}
                )
            inputs = inputs_of(streams, ("features",), wanted.branch_stream)
            rows = [
                np.minimum((times / 1000 * inputs.rate_hz).astype(np.int64), len(inputs) - 1)
                for times in half.event_ms
            ]
            halves.append(
                LabelledHalf(
                    f"{game.name}/{half.number}", inputs, rows, half.event_ms, half.event_shown
                )
            )
    return halves


def built_stream(name: str, view: HalfView, settings: Mapping[str, Mapping[str, object]]) -> Stream:
    """A representation of a half by its name."""
    module = REPRESENTATIONS.load(name)
    stream: Stream = module.build(module.Settings(**settings.get(name, {})), "cpu").build(view)
    return stream


class _Training:
    """The side of a method that the loop sees."""

    def __init__(
        self,
        method: Method,
        shape: Shape,
        training: Sequence[LabelledHalf],
        validation: Sequence[LabelledHalf],
        reductions: Reductions,
    ) -> None:
        self.method, self.shape, self.reductions = method, shape, reductions
        training, validation = (
            [replace(half, inputs=reductions(half.inputs)) for half in halves]
            for halves in (training, validation)
        )
        self.halves = {"train": training, "validation": validation or training[:1]}
        self.made: dict[str, Examples] = {}

    def network(self) -> nn.Module:
        network = make_network(self.method, self.shape)
        store(network, self.reductions)
        return network

    def examples(self, split: str) -> Examples:
        if split not in self.made:
            self.made[split] = self.method.examples(
                self.halves[split], self.shape, is_training=split == "train"
            )
        return self.made[split]

    def loss(self, network: nn.Module, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return self.method.loss(network, batch)


def measure(spotter: LearnedSpotter, halves: Sequence[LabelledHalf]) -> dict[str, SpottingScore]:
    """Loose and tight Average-mAP over the classes of SoccerNet-v2 of a spotter on halves that it reads."""
    predictions = [predicted(spotter, half) for half in halves]
    return scored(predictions, halves)


def predicted(spotter: LearnedSpotter, half: LabelledHalf) -> HalfPredictions:
    """A spotter's candidates on one half, times from its first row."""
    spots = spotter.spot_inputs([half.inputs] * len(spotter.parts))
    return as_predictions(spots, int(half.inputs.times_ms[0]) if len(half.inputs) else 0)


def as_predictions(spots: Sequence[ActionSpot], start_ms: int = 0) -> HalfPredictions:
    """Spots of one half as the metric reads them; times from ``start_ms``."""
    return HalfPredictions(
        position_ms=np.array([spot.position_ms - start_ms for spot in spots], np.int64),
        label=np.array([SOCCERNET_V2.index(spot.label) for spot in spots], np.int64),
        confidence=np.array([spot.confidence for spot in spots]),
    )


def scored(
    predictions: Sequence[HalfPredictions], halves: Sequence[LabelledHalf]
) -> dict[str, SpottingScore]:
    """Loose and tight Average-mAP."""
    labels = [half_labels_of(half) for half in halves]
    return {
        name: average_map(labels, predictions, len(SOCCERNET_V2), tolerances_s=TOLERANCES_S[name])
        for name in ("loose", "tight")
    }


def half_labels_of(half: LabelledHalf) -> HalfLabels:
    """The truth of a half as the metric reads it."""
    return HalfLabels(
        position_ms=np.concatenate(half.event_ms),
        label=np.repeat(np.arange(len(half.event_ms)), [len(times) for times in half.event_ms]),
        is_shown=np.concatenate(half.event_shown),
    )
