"""From probabilities to shots: hand cases on paper."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.core.records import CameraShot
from analysis.core.vocabulary import CAMERAS
from analysis.metrics.shots import score_shots
from analysis.shots.base import Evidence
from analysis.shots.changes import N_FEATURES, ChangeMeter, Thinned, features_of
from analysis.shots.segments import MAIN, Boundary, boundaries, shots_between
from analysis.shots.wipes import with_replays

CLOSE = CAMERAS.index("Close-up player or field referee")


def evidence(looks, step_ms=500):
    """Samples twice a second, pictures 25 times a second."""
    table = np.full((len(looks), 13), 0.01, np.float32)
    table[np.arange(len(looks)), looks] = 0.88
    end_ms = len(looks) * step_ms
    pictures = np.arange(0, end_ms, 40)
    return Evidence(
        pictures,
        np.zeros((len(pictures), N_FEATURES), np.float32),
        np.arange(len(looks)) * step_ms,
        table,
        end_ms,
    )


def shot(start_s, end_s, camera="Main camera center", transition="abrupt", is_replay=False):
    return CameraShot(
        round(start_s * 1000), round(end_s * 1000), camera, transition, is_replay, 0.9
    )


def test_peaks_are_kept_apart_and_the_surest_stays():
    probability = np.zeros((100, 3), np.float32)
    probability[[20, 24, 60], 0] = 0.9, 0.95, 0.6
    probability[90, 2] = 0.3
    found = boundaries(probability, np.arange(100) * 40, least=0.4, apart_ms=400)
    assert [(b.at, b.transition) for b in found] == [(24, 0), (60, 0)]
    assert boundaries(probability[:0], np.zeros(0, int), least=0.4, apart_ms=400) == []


def test_the_ends_of_a_film_are_no_transitions_and_hide_none():
    probability = np.zeros((60, 3), np.float32)
    probability[[2, 12, 57, 59], 2] = 0.9, 0.6, 0.5, 0.9
    found = boundaries(probability, np.arange(60) * 40, least=0.4, apart_ms=400)
    assert [b.at for b in found] == [12, 57]


def test_shots_take_the_camera_of_their_samples():
    seen = evidence([MAIN] * 6 + [CLOSE] * 4 + [MAIN] * 4)
    found = shots_between([Boundary(75, 0, 0.9), Boundary(125, 1, 0.8)], seen)
    assert [s.camera for s in found] == [CAMERAS.labels[k] for k in (MAIN, CLOSE, MAIN)]
    assert [(s.start_ms, s.end_ms) for s in found] == [(0, 3000), (3000, 5000), (5000, 7000)]
    assert [s.transition for s in found] == ["abrupt", "abrupt", "smooth"]


def test_one_wrong_sample_does_not_change_a_shot():
    seen = evidence([MAIN] * 5 + [CLOSE] + [MAIN] * 5)
    assert [s.camera for s in shots_between([], seen)] == [CAMERAS.labels[MAIN]]


def test_a_shot_shorter_than_the_samples_takes_the_nearest_one():
    seen = evidence([MAIN] * 4 + [CLOSE] * 2)
    found = shots_between([Boundary(52, 0, 0.9), Boundary(60, 0, 0.9)], seen)
    assert len(found) == 3 and all(s.end_ms > s.start_ms for s in found)


def test_calibration_decides_where_looks_cannot():
    seen = evidence([MAIN] * 8)
    seen.looks[:] = 0.01
    seen.looks[:, MAIN], seen.looks[:, CAMERAS.index("Main behind the goal")] = 0.4, 0.5
    for confidence, camera in ((0.9, "Main camera center"), (0.0, "Main behind the goal")):
        told = Evidence(
            seen.picture_ms, seen.changes, seen.sample_ms, seen.looks, seen.end_ms,
            np.full(8, confidence, np.float32),
        )  # fmt: skip
        assert shots_between([], told)[0].camera == camera


def test_where_a_camera_stands_tells_which_one_it_is():
    seen = evidence([MAIN] * 8)
    seen.looks[:] = 0.01
    seen.looks[:, MAIN] = 0.88
    places = {
        "Main camera center": (2.0, -75.0, 16.0), "Main behind the goal": (-76.0, 3.0, 20.0),
        "Main camera right": (31.0, -70.0, 15.0),
    }  # fmt: skip
    for camera, eye_m in places.items():
        told = replace(
            seen, calibrated=np.full(8, 0.9, np.float32), eye_m=np.tile(np.float32(eye_m), (8, 1))
        )
        assert shots_between([], told)[0].camera == camera
        unsure = replace(told, calibrated=np.full(8, 0.3, np.float32))
        assert shots_between([], unsure)[0].camera == "Main camera center"
    nowhere = replace(
        seen, calibrated=np.full(8, 0.9, np.float32), eye_m=np.full((8, 3), np.nan, np.float32)
    )
    assert shots_between([], nowhere)[0].camera == "Main camera center"


def test_what_lies_between_two_wipes_is_a_replay():
    close = "Close-up behind the goal"
    shots = [
        shot(0, 10), shot(10, 13, close), shot(13, 17, close, "logo"), shot(17, 20, "Spider camera"),
        shot(20, 23, CAMERAS.labels[CLOSE], "logo"), shot(23, 60),
    ]  # fmt: skip
    assert [s.is_replay for s in with_replays(shots)] == [False, False, True, True, False, False]


@pytest.mark.parametrize("length_s,camera", [(90.0, "Spider camera"), (20.0, "Main camera center")])
def test_long_pieces_and_play_between_wipes_are_no_replays(length_s, camera):
    shots = [
        shot(0, 10),
        shot(10, 10 + length_s, camera, "logo"),
        shot(10 + length_s, 200, transition="logo"),
    ]
    assert not any(s.is_replay for s in with_replays(shots))


def test_wipes_are_read_together():
    spider, main = "Spider camera", "Main camera center"
    lengths_s = [(9, main), (8, main), (15, main), (8, spider), (30, main)]
    shots, now = [], 0
    for k, (length, camera) in enumerate(lengths_s):
        shots.append(shot(now, now + length, camera, "logo" if k else "abrupt"))
        now += length
    # A replay that was taken for the main camera lies between play and play.
    assert [s.is_replay for s in with_replays(shots)] == [False, True, False, True, False]
    # The wipe that led out of the first replay was missed: it is joined to the play after it, and the second one stays.
    missed = [shots[0], shot(9, 32, main, "logo"), *shots[3:]]
    assert [s.is_replay for s in with_replays(missed)] == [False, False, True, False]
    assert with_replays([]) == [] and not any(s.is_replay for s in with_replays(shots[:1]))


def test_the_scores_of_a_perfect_answer_and_of_none():
    truth = [shot(0, 10), shot(10, 14, "Public"), shot(14, 20, "Spider camera", "logo", True)]
    perfect = score_shots([(truth, truth)])
    assert perfect.mean_iou == perfect.main_accuracy == perfect.replay_iou == 1.0
    assert perfect.boundary_ap["all"] == pytest.approx(1.0)
    blind = score_shots([(truth, [shot(0, 20)])])
    assert blind.camera_iou == {"Main camera center": 0.5, "Public": 0.0, "Spider camera": 0.0}
    assert blind.boundary_ap["all"] == 0.0 and blind.main_accuracy == 0.5
    assert blind.replay_iou == 0.0


def test_a_boundary_half_a_second_off_counts_and_one_further_off_does_not():
    truth = [shot(0, 10), shot(10, 20, "Public")]
    for shift_s, expected in ((0.48, 1.0), (0.6, 0.0)):
        found = [shot(0, 10 + shift_s), shot(10 + shift_s, 20, "Public")]
        assert score_shots([(truth, found)]).boundary_ap["all"] == pytest.approx(expected)


def test_fast_films_are_thinned_and_slow_ones_are_not():
    for fps, expected in ((60, 30), (50, 25), (30, 30), (25, 25), (10, 10)):
        thinned = Thinned()
        taken = sum(thinned.takes(k * 1000 / fps) for k in range(fps * 4)) / 4
        assert abs(taken - expected) <= 0.3, fps


def test_a_cut_stands_out_and_a_still_does_not():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 120, (36, 64, 3)), rng.integers(100, 255, (36, 64, 3))
    film = np.array([a] * 20 + [b] * 20, np.uint8)
    features = features_of(film)
    assert features.shape == (40, N_FEATURES) and np.isfinite(features).all()
    assert features[20, 0] > 0.8 and np.delete(features[:, 0], 20).max() == 0.0
    assert (ChangeMeter().step(film[0])[:12] == 0).all()
