"""Laws for every spotter with a network: it learns eight examples by heart, and says the same after saving."""

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
import torch

from analysis.benchmarks._simulated_halves import streams_of
from analysis.core.pitch import PitchSpec
from analysis.core.problems import InputProblem
from analysis.core.records import FeatureSequence, PlayersTrack
from analysis.core.registry import SPOTTERS
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.spotting.learned import LearnedSpotter, Settings, Shape, make_network
from analysis.spotting.reduction import Reductions, store
from analysis.training.weights import load_weights, read_notes, save_weights
from tests.analysis import formations, scenes
from tests.analysis.spotting.made_halves import fitted, made_half


def parts():
    for name in SPOTTERS.names():
        module = SPOTTERS.load(name)
        if hasattr(module, "METHOD"):
            run = import_module(f"{module.__name__}.training_run")
            for part, shape in run.SHAPES.items():
                slug = f"{name}-{part}".strip("-")
                marks = [pytest.mark.slow] if slug in SLOW else []
                yield pytest.param(module.METHOD, shape, id=slug, marks=marks)


# Tens of processor seconds each; what they share with the others is tested by those.
SLOW = {
    "calf_modified",
    *(
        f"calf_calibration-{part}"
        for part in (
            "fuzzy",
            "stp",
            "fcl-layout",
            "stp-layout",
            "3d",
            "3d-binary",
            "gcn",
            "gcn-second",
        )
    ),
    "dense_anchors-published",
    "e2e_spot-200mf",
    "e2e_spot-800mf",
    "uglf-published",
    "comedian-published",
    "audiovid",
}
PARTS = list(parts())


def batch_of(method, shape, half, n_examples=8):
    examples = method.examples([half], shape, is_training=True)
    rows = [examples.example(i % len(examples), 100 + i) for i in range(n_examples)]
    return {name: torch.stack([row[name] for row in rows]) for name in rows[0]}


@pytest.mark.parametrize(("method", "shape"), PARTS)
def test_eight_examples_are_learned_by_heart(method, shape):
    torch.manual_seed(0)
    half = made_half(shape)
    shape = fitted(shape, half)
    network, batch = method.network(shape), batch_of(method, shape, half)
    optimiser = torch.optim.Adam(network.parameters(), lr=2e-3)
    losses = []
    for _ in range(80):
        with torch.autocast("cpu", torch.bfloat16):
            loss = method.loss(network.train(), batch)["total"]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
        if losses[-1] < 0.5 * losses[0]:
            break
    assert np.isfinite(losses).all()
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize(("method", "shape"), PARTS)
def test_saved_and_loaded_it_says_the_same(method, shape, tmp_path):
    torch.manual_seed(1)
    half = made_half(shape, seed=1, n_rows=500)
    shape = fitted(shape, half)
    network = method.network(shape)
    before = LearnedSpotter([(method, shape, network)], 1, "cpu").spot_inputs([half.inputs])
    path = tmp_path / "weights.safetensors"
    save_weights(network.state_dict(), path, notes=shape.notes())
    again = Shape.from_notes(read_notes(path))
    assert again == shape
    other = method.network(again)
    other.load_state_dict(load_weights(path))
    assert LearnedSpotter([(method, again, other)], 1, "cpu").spot_inputs([half.inputs]) == before
    labels = {spot.label for spot in before}
    assert labels <= set(shape.labels) <= set(SOCCERNET_V2.labels)
    assert all(0 <= spot.position_ms < 250_000 and 0 <= spot.confidence <= 1 for spot in before)


@pytest.mark.parametrize(("method", "shape"), PARTS)
@pytest.mark.parametrize("n_rows", [0, 20])
def test_halves_of_nothing_and_of_ten_seconds_survive(method, shape, n_rows):
    half = made_half(shape, seed=2)
    shape = fitted(shape, half)
    short = replace(
        half.inputs, features=half.inputs.features[:n_rows], times_ms=half.inputs.times_ms[:n_rows]
    )
    if shape.branch == "frames":
        pictures = half.inputs.branch
        short = replace(short, branch=replace(pictures, images=pictures.images[:n_rows]))
    spotter = LearnedSpotter([(method, shape, method.network(shape))], 1, "cpu")
    spots = spotter.spot_inputs([short])
    assert all(spot.position_ms < 10_000 for spot in spots)
    assert n_rows or not spots


@pytest.mark.parametrize(("method", "shape"), PARTS)
def test_what_does_not_fit_is_refused_in_a_sentence(method, shape):
    half = made_half(shape, seed=3)
    shape = fitted(shape, half)
    spotter = LearnedSpotter([(method, shape, method.network(shape))], 1, "cpu")
    wide = replace(half.inputs, features=np.zeros((700, 99), np.float32))
    own = half.inputs.features.shape[1]
    with pytest.raises(InputProblem, match=f"reads {own} numbers a row, the features have 99"):
        spotter.spot_inputs([wide])
    with pytest.raises(InputProblem, match="reads 2 rows a second, the features come at 1"):
        spotter.spot_inputs([replace(half.inputs, rate_hz=1.0)])
    streams = {
        name: FeatureSequence(np.full((9, 24), np.nan, np.float32), 2.0) for name in shape.features
    }
    if shape.features and not shape.branch:
        with pytest.raises(InputProblem, match="numbers that are none"):
            spotter.spot(streams, None)


def test_weights_of_something_else_are_refused(tmp_path):
    path = tmp_path / "other.safetensors"
    save_weights({"a": torch.zeros(3)}, path)
    module = SPOTTERS.load("calf")
    with pytest.raises(InputProblem, match="do not say what they were made for"):
        module.build(Settings(weights_file=str(path)))
    save_weights({"a": torch.zeros(3)}, path, notes=Shape().notes())
    with pytest.raises(InputProblem, match="are of another model"):
        module.build(Settings(weights_file=str(path)))


BUNDLED = [
    name
    for name in SPOTTERS.names()
    if SPOTTERS.card(name).weights and hasattr(SPOTTERS.load(name), "METHOD")
]


@pytest.mark.parametrize("name", BUNDLED)
@pytest.mark.parametrize("is_blind", [False, True])
def test_bundled_weights_spot_on_tracks_as_the_pipeline_builds_them(name, is_blind):
    tracks = formations.sample_match()
    if is_blind:
        n_samples = len(tracks["calibrations"])
        missing = scenes.calibration_track(n_samples, missing=range(n_samples))
        tracks = {"players": PlayersTrack.empty(), "calibrations": missing}
    streams = streams_of(tracks["players"], tracks["calibrations"], SPOTTERS.card(name))
    module = SPOTTERS.load(name)
    spots = module.build(module.Settings(), "cpu").spot(streams, PitchSpec())
    clock = streams["calibrations"].times_ms
    assert {spot.label for spot in spots} <= set(SPOTTERS.card(name).emits)
    assert all(clock[0] <= spot.position_ms <= clock[-1] for spot in spots)
    assert [s.position_ms for s in spots] == sorted(s.position_ms for s in spots)


REDUCED = [one for one in PARTS if one.values[1].n_components]


@pytest.mark.parametrize(("method", "shape"), REDUCED)
def test_it_spots_behind_components(method, shape):
    half = made_half(shape, n_rows=300)
    shape = replace(fitted(shape, half), n_components=5)
    network = make_network(method, shape)
    store(network, Reductions.fit([half.inputs], 5))
    spotter = LearnedSpotter([(method, shape, network)], 1, "cpu")
    assert {spot.label for spot in spotter.spot_inputs([half.inputs])} <= set(shape.labels)
