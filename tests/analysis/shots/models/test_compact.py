"""The bundled shot finder: what it learns from, what it answers, and what odd films do to it."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from analysis.core.vocabulary import CAMERAS
from analysis.shots.base import Evidence
from analysis.shots.changes import N_FEATURES, features_of
from analysis.shots.models import compact
from analysis.shots.models.compact.composition import ABRUPT, LENGTH, compose
from analysis.shots.models.compact.material import PIECE_FRAMES, parade

SIZE = (36, 64, 3)


@pytest.fixture(scope="module")
def finder():
    return compact.build(compact.Settings())


def scenes(rng, lengths):
    """Thumbnails of still scenes in random colours with a little noise, one after the other."""
    parts = []
    for length in lengths:
        blocks = rng.integers(30, 226, (3, 4, 3))
        scene = np.kron(blocks, np.ones((12, 16, 1)))
        parts.append(scene + rng.normal(0, 1.5, (length, *SIZE)))
    return np.clip(np.concatenate(parts), 0, 255).astype(np.uint8)


def evidence(thumbs, step=12):
    n = len(thumbs)
    sample_ms = np.arange(0, n, step) * 40
    looks = np.full((len(sample_ms), 13), 1 / 13, np.float32)
    return Evidence(np.arange(n) * 40, features_of(thumbs), sample_ms, looks, n * 40)


def check_whole(shots, end_ms):
    assert shots[0].start_ms == 0 and shots[-1].end_ms == end_ms
    assert all(a.end_ms == b.start_ms for a, b in pairwise(shots))
    assert all(shot.end_ms > shot.start_ms and 0 <= shot.confidence <= 1 for shot in shots)


def test_hard_cuts_are_found_to_a_picture(finder):
    lengths = [70, 55, 90, 60]
    shots = finder.shots(evidence(scenes(np.random.default_rng(3), lengths)))
    check_whole(shots, sum(lengths) * 40)
    starts = np.array([shot.start_ms for shot in shots[1:]])
    assert len(starts) == 3
    assert np.abs(starts - np.cumsum(lengths)[:-1] * 40).max() <= 80


@pytest.mark.parametrize("value", [0, 128, 255])
def test_black_white_and_still_pictures_are_one_shot(finder, value):
    shots = finder.shots(evidence(np.full((200, *SIZE), value, np.uint8)))
    assert len(shots) == 1 and not shots[0].is_replay


def test_a_hundred_cuts_a_minute(finder):
    lengths = [15] * 60
    shots = finder.shots(evidence(scenes(np.random.default_rng(4), lengths)))
    check_whole(shots, 900 * 40)
    assert 45 <= len(shots) <= 62


@pytest.mark.parametrize("n_pictures", [1, 2, 9])
def test_films_of_a_few_pictures(finder, n_pictures):
    rng = np.random.default_rng(5)
    shots = finder.shots(evidence(scenes(rng, [n_pictures])))
    assert shots
    check_whole(shots, n_pictures * 40)


def test_no_picture_no_shot(finder):
    nothing = Evidence(
        np.zeros(0, int), np.zeros((0, N_FEATURES), np.float32), np.zeros(0, int),
        np.zeros((0, 13), np.float32), 0,
    )  # fmt: skip
    assert finder.shots(nothing) == []
    assert finder.looks([]).shape == (0, 13)


def test_looks_are_probabilities_for_pictures_of_any_size(finder):
    rng = np.random.default_rng(6)
    images = [rng.integers(0, 255, (h, w, 3), dtype=np.uint8) for h, w in ((40, 60), (720, 1280))]
    looks = finder.looks(images)
    assert looks.shape == (2, 13) and np.allclose(looks.sum(1), 1, atol=1e-5)


def test_the_main_camera_of_a_simulated_match_is_known(finder):
    match = replace(parade(40), frame_step=PIECE_FRAMES // 2)
    right = {True: [], False: []}
    main = CAMERAS.index("Main camera center")
    for frame in match.frames():
        is_main = match.shots[frame.index // 2].camera == "Main camera center"
        right[is_main].append((finder.looks([frame.image])[0].argmax() == main) == is_main)
    assert np.mean(right[True]) >= 0.8 and np.mean(right[False]) >= 0.8


def test_composed_examples_want_what_was_composed():
    rng = np.random.default_rng(7)
    pieces = np.stack([scenes(rng, [48]) for _ in range(12)])
    stands_out = []
    for _ in range(12):
        made = compose(rng, pieces)
        assert made.features.shape == (LENGTH, N_FEATURES) and made.wanted.shape == (LENGTH, 3)
        assert np.isfinite(made.features).all() and made.wanted.max() <= 1.0
        cuts = np.flatnonzero(made.wanted[1:-1, ABRUPT] == 1.0) + 1
        stands_out += [made.features[max(0, at - 1) : at + 2, 0].max() > 0.1 for at in cuts]
    # A piece may be followed by itself, which is no cut to the eye.
    assert len(stands_out) > 10 and np.mean(stands_out) > 0.75
