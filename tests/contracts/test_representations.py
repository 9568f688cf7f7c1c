"""Laws for every representation found: the clock, the types, mirrored halves, and nothing known."""

import numpy as np
import pytest

from analysis.core.pitch import PitchSpec
from analysis.core.records import (
    CalibrationTrack,
    FeatureSequence,
    GraphTrack,
    PlayersTrack,
    TopViewTrack,
)
from analysis.core.registry import REPRESENTATIONS
from analysis.representations.base import HalfView
from tests.analysis import scenes

# Streams that are made of pixels or of other streams have their own tests; these laws speak of tracks.
FROM_TRACKS = [
    name
    for name in REPRESENTATIONS.names()
    if set(REPRESENTATIONS.card(name).needs) <= {"calibrations", "players"}
]


def built(name, half):
    module = REPRESENTATIONS.load(name)
    try:
        representation = module.build(module.Settings(), "cpu")
    except (FileNotFoundError, ImportError) as error:
        pytest.skip(f"{name} cannot be built here: {error}")
    return representation.build(half)


def half_view(n_samples=6, missing=(), mirrored=False):
    sign = -1.0 if mirrored else 1.0
    random = np.random.default_rng(4)
    times = np.repeat(np.arange(n_samples) * 500, 9)
    places = random.uniform([-30, -25], [30, 25], (len(times), 2)) * [sign, 1.0]
    colours = random.uniform(0, 255, (len(times), 3))
    view = scenes.camera(pan_deg=12.0 * sign)
    return HalfView(
        scenes.calibration_track(n_samples, view, missing=missing),
        scenes.players_track(times, places, colours),
        PitchSpec(),
        floor=0.5,
    )


def n_samples_of(stream):
    if isinstance(stream, FeatureSequence):
        return len(stream.values)
    return len(stream.times_ms)


@pytest.mark.parametrize("name", FROM_TRACKS)
def test_the_stream_runs_on_the_calibrations_clock(name):
    stream = built(name, half_view())
    assert n_samples_of(stream) == 6
    if isinstance(stream, TopViewTrack):
        assert stream.images.dtype == np.uint8 and stream.images.ndim == 4
    if isinstance(stream, GraphTrack):
        assert stream.nodes.dtype == np.float32 and stream.nodes.shape[1] == 8
        assert stream.offsets[-1] == len(stream.nodes) and stream.edges.shape[0] == 2
    if isinstance(stream, FeatureSequence):
        assert stream.values.dtype == np.float32


@pytest.mark.parametrize("name", FROM_TRACKS)
def test_nothing_known_survives_and_differs_from_something(name):
    nothing = built(name, half_view(missing=range(6)))
    assert n_samples_of(nothing) == 6
    if isinstance(nothing, TopViewTrack):
        assert not nothing.images.any()
        assert built(name, half_view()).images.any()
    if isinstance(nothing, GraphTrack):
        assert not nothing.nodes.any() and nothing.edges.shape == (2, 0)
        assert list(nothing.offsets) == list(range(7))
    if isinstance(nothing, FeatureSequence):
        assert np.isfinite(nothing.values).all()


@pytest.mark.parametrize("name", FROM_TRACKS)
def test_an_empty_half_gives_an_empty_stream(name):
    none = CalibrationTrack(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 3, 3)), np.zeros(0),
                            np.zeros(0, "<U8"), (1280, 720), "truth")  # fmt: skip
    stream = built(name, HalfView(none, PlayersTrack.empty(), PitchSpec(), 0.5))
    assert n_samples_of(stream) == 0


@pytest.mark.parametrize("name", FROM_TRACKS)
def test_a_mirrored_half_gives_the_mirrored_view(name):
    stream, mirrored = built(name, half_view()), built(name, half_view(mirrored=True))
    if isinstance(stream, TopViewTrack):
        different = (stream.images != mirrored.images[:, :, ::-1]).mean()
        assert different < 0.002
        assert (stream.images != mirrored.images).mean() > 0.01
    if isinstance(stream, GraphTrack):
        turned = mirrored.nodes * np.array([1, 1, 1, 1, -1, 1, -1, 1], np.float32)
        np.testing.assert_allclose(stream.nodes, turned, atol=1e-4)
        np.testing.assert_array_equal(stream.edges, mirrored.edges)


@pytest.mark.parametrize("name", FROM_TRACKS)
def test_the_same_half_gives_the_same_stream(name):
    first, second = built(name, half_view(missing=(2,))), built(name, half_view(missing=(2,)))
    for field in type(first).__dataclass_fields__:
        one, two = getattr(first, field), getattr(second, field)
        assert np.array_equal(one, two)
