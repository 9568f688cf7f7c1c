"""Only what the main camera shows live is left in the tracks."""

import numpy as np

from analysis.core.pitch import STANDARD_PITCH
from analysis.core.records import CalibrationTrack, CameraShot, Frame
from analysis.core.vocabulary import CAMERAS
from analysis.pipeline.on_air import MAIN, Glances, Watch, is_live, only_live
from analysis.pipeline.seeing import calibrated


def shot(start_ms, end_ms, camera="Main camera center", is_replay=False):
    return CameraShot(start_ms, end_ms, camera, "abrupt", is_replay, 1.0)


SHOTS = [shot(0, 1000), shot(1000, 2000, "Public"), shot(2000, 3000, is_replay=True), shot(3000, 4000)]  # fmt: skip
TIMES = np.arange(0, 4000, 500)


def test_replays_and_other_cameras_are_refused():
    track = CalibrationTrack(
        TIMES, TIMES, np.tile(np.eye(3), (8, 1, 1)), np.full(8, 0.9), np.full(8, "ok"), (64, 36), "m"
    )  # fmt: skip
    assert only_live(track, SHOTS).status.tolist() == [
        "ok", "ok", "refused", "refused", "refused", "refused", "ok", "ok",
    ]  # fmt: skip
    assert is_live(TIMES, []).all()


class Finder:
    """Says main camera where the picture is bright."""

    def looks(self, images):
        table = np.zeros((len(images), len(CAMERAS)), np.float32)
        for row, image in zip(table, images, strict=True):
            row[MAIN if image.mean() > 100 else 1] = 1.0
        return table


class Counter:
    """A calibrator that reads three frames ahead and answers with None."""

    def __init__(self):
        self.n_shown = 0

    def calibrate(self, frames, pitch):
        waiting = []
        for frame in frames:
            assert frame.image.size
            self.n_shown += 1
            waiting.append(frame)
            if len(waiting) == 3:
                yield from [None] * 3
                waiting.clear()
        yield from [None] * len(waiting)


def test_samples_of_other_cameras_are_not_calibrated_and_keep_their_place():
    bright = [1, 1, 0, 0, 1, 0, 0, 0, 1, 1, 0]
    frames = [
        Frame(k * 500, k, np.full((4, 4, 3), 200 * b, np.uint8)) for k, b in enumerate(bright)
    ]
    watch, calibrator = Watch(lambda: Finder(), 0), Counter()
    answered = list(calibrated(iter(frames), calibrator, STANDARD_PITCH, watch.wants))
    assert [frame.time_ms for frame, _ in answered] == [frame.time_ms for frame in frames]
    assert calibrator.n_shown == sum(bright)
    assert [bool(frame.image.size) for frame, _ in answered] == [bool(b) for b in bright]
    glances = watch.glances()
    assert glances.wanted().tolist() == [bool(b) for b in bright]
    again = Glances.taken_from(dict(glances.arrays()))
    assert (again.looks == glances.looks).all() and (again.sample_ms == glances.sample_ms).all()


def test_without_a_finder_everything_is_wanted():
    watch = Watch(None, 0)
    assert not watch.is_on and watch.wants(Frame(0, 0, np.zeros((4, 4, 3), np.uint8)))
    assert watch.glances().wanted().all()
