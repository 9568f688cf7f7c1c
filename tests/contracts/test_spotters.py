"""Laws for every spotter found: labels, times, empty streams, repetition."""

import numpy as np
import pytest

from analysis.core.pitch import PitchSpec
from analysis.core.records import CalibrationTrack, PlayersTrack
from analysis.core.registry import SPOTTERS
from analysis.core.vocabulary import label_set
from tests.analysis import formations, scenes

# Spotters that read pixels or features have their own tests; these laws speak of tracks.
FROM_TRACKS = [
    name
    for name in SPOTTERS.names()
    if set(SPOTTERS.card(name).needs) <= {"calibrations", "players"}
]
EMPTY = {
    "players": PlayersTrack.empty(),
    "calibrations": CalibrationTrack(
        np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 3, 3)), np.zeros(0), np.zeros(0, "<U8"),
        (1280, 720), "truth",
    ),
}  # fmt: skip


def built(name):
    module = SPOTTERS.load(name)
    return module.build(module.Settings(), "cpu")


@pytest.mark.parametrize("name", FROM_TRACKS)
def test_spots_lie_inside_the_half_and_in_the_label_set(name):
    streams = formations.sample_match()
    spots = built(name).spot(streams, PitchSpec())
    labels = label_set(SPOTTERS.card(name).label_set)
    clock = streams["calibrations"].times_ms
    for spot in spots:
        assert spot.label in labels and spot.label in SPOTTERS.card(name).emits
        assert clock[0] <= spot.position_ms <= clock[-1] + 1000
        assert 0.0 <= spot.confidence <= 1.0
    assert [s.position_ms for s in spots] == sorted(s.position_ms for s in spots)


@pytest.mark.parametrize("name", FROM_TRACKS)
def test_nothing_in_gives_nothing_out(name):
    assert built(name).spot(EMPTY, PitchSpec()) == []


@pytest.mark.parametrize("name", FROM_TRACKS)
def test_no_calibration_at_all_survives(name):
    streams = {
        "players": PlayersTrack.empty(),
        "calibrations": scenes.calibration_track(10, missing=range(10)),
    }
    assert built(name).spot(streams, PitchSpec()) == []


@pytest.mark.parametrize("name", FROM_TRACKS)
def test_the_same_streams_give_the_same_spots(name):
    first, second = (built(name).spot(formations.sample_match(), PitchSpec()) for _ in range(2))
    assert first == second
