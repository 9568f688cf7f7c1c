import dataclasses

import numpy as np
import pytest

from analysis.core.artifacts import ArtifactStore
from analysis.core.records import (
    ActionSpot,
    Calibration,
    FeatureSequence,
    Frame,
    GraphTrack,
    PlayersTrack,
    TopViewTrack,
)
from analysis.pipeline import stored

FRAME = Frame(40, 1, np.zeros((72, 128, 3), np.uint8))
VIEW = Calibration(np.diag([2.0, 3.0, 1.0]), (64, 36), 0.75, "weak", "steady")
TIMES = np.array([0, 500], np.int64)
STREAMS = [
    stored.calibration_track([(FRAME, VIEW)], (128, 72), "steady"),
    stored.calibration_track([], (128, 72), "steady"),
    PlayersTrack.empty(),
    FeatureSequence(np.ones((2, 3), np.float32), 2.0),
    TopViewTrack(np.zeros((2, 4, 4, 3), np.uint8), TIMES),
    GraphTrack(
        np.zeros((2, 8), np.float32), np.zeros((2, 0), np.int64), np.array([0, 1, 2]), TIMES
    ),
]


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: type(stream).__name__)
def test_streams_come_back_from_the_store(tmp_path, stream):
    store = ArtifactStore(tmp_path)
    store.save("ab" * 32, *stored.pack(stream))
    found = stored.unpack(*store.load("ab" * 32))
    assert type(found) is type(stream)
    for entry in dataclasses.fields(stream):
        assert np.array_equal(getattr(found, entry.name), getattr(stream, entry.name)), entry.name


def test_a_calibration_is_kept_at_the_size_of_the_video():
    track = STREAMS[0]
    assert track.image_from_pitch[0].tolist() == np.diag([4.0, 6.0, 1.0]).tolist()
    assert track.status[0] == "weak" and track.frame_indices[0] == 1


def test_parts_are_joined_in_order():
    later = stored.calibration_track(
        [(dataclasses.replace(FRAME, time_ms=540), None)], (128, 72), "steady"
    )
    joined = stored.joined_calibrations([STREAMS[0], later], (128, 72), "steady")
    assert joined.times_ms.tolist() == [40, 540] and joined.status.tolist() == ["weak", "refused"]


def test_spots_survive_json():
    spots = [ActionSpot(1, 5, "Corner", 0.5, "home", (1.0, 2.0)), ActionSpot(2, 7, "Goal", 0.25)]
    assert stored.spots_from_plain(stored.spots_to_plain(spots)) == spots
