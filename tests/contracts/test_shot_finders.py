"""Laws for every shot finder found: shots without gap or overlap, whatever the film."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from analysis.core.problems import InputProblem
from analysis.core.registry import SHOT_FINDERS
from analysis.core.vocabulary import CAMERAS, TRANSITIONS
from analysis.shots.base import Evidence
from analysis.shots.changes import N_FEATURES, features_of
from analysis.shots.looks import PREFIX as LOOK
from analysis.shots.looks import LookNet
from analysis.shots.models.calf_segmentation.finder import PREFIX as CALF
from analysis.shots.models.calf_segmentation.network import CHUNK_ROWS, ShotCalf, chunk, rows_of
from analysis.shots.models.calf_segmentation.training_run import Film, ShotTraining
from analysis.training.weights import save_weights

SIZE = (36, 64, 3)


def scenes(lengths, seed=3):
    """Thumbnails of still scenes in random colours with a little noise, one after the other."""
    rng = np.random.default_rng(seed)
    parts = [
        np.kron(rng.integers(30, 226, (3, 4, 3)), np.ones((12, 16, 1)))
        + rng.normal(0, 1.5, (length, *SIZE))
        for length in lengths
    ]
    return np.clip(np.concatenate(parts), 0, 255).astype(np.uint8)


FILMS = {
    "one single shot": scenes([700]),
    "a hundred cuts a minute": scenes([15] * 60),
    "black": np.zeros((300, *SIZE), np.uint8),
    "a still picture": np.full((300, *SIZE), 128, np.uint8),
    "shorter than a chunk": scenes([40, 35]),
    "a single picture": scenes([1]),
}


def evidence(thumbs):
    n = len(thumbs)
    sample_ms = np.arange(0, n, 12) * 40
    looks = np.full((len(sample_ms), len(CAMERAS)), 1 / len(CAMERAS), np.float32)
    return Evidence(np.arange(n) * 40, features_of(thumbs), sample_ms, looks, n * 40)


@pytest.fixture(params=SHOT_FINDERS.names())
def finder(request, tmp_path):
    module = SHOT_FINDERS.load(request.param)
    if SHOT_FINDERS.card(request.param).weights:
        return module.build(module.Settings())
    torch.manual_seed(0)
    weights = {LOOK + k: v for k, v in LookNet().state_dict().items()}
    weights |= {CALF + k: v for k, v in ShotCalf().state_dict().items()}
    path = tmp_path / "own.safetensors"
    save_weights(weights, path)
    return module.build(module.Settings(weights_file=str(path)))


@pytest.mark.parametrize("name", FILMS)
def test_shots_cover_the_film_once(finder, name):
    thumbs = FILMS[name]
    shots = finder.shots(evidence(thumbs))
    assert shots[0].start_ms == 0 and shots[-1].end_ms == len(thumbs) * 40
    assert all(a.end_ms == b.start_ms for a, b in pairwise(shots))
    for shot in shots:
        assert shot.end_ms > shot.start_ms and 0 <= shot.confidence <= 1
        assert shot.camera in CAMERAS and shot.transition in TRANSITIONS


def test_no_picture_no_shot(finder):
    nothing = Evidence(
        np.zeros(0, int), np.zeros((0, N_FEATURES), np.float32), np.zeros(0, int),
        np.zeros((0, len(CAMERAS)), np.float32), 0,
    )  # fmt: skip
    assert finder.shots(nothing) == []
    assert finder.looks([]).shape == (0, len(CAMERAS))


def test_rows_hold_the_largest_change_since_the_sample_before():
    changes = np.zeros((30, N_FEATURES), np.float32)
    changes[[5, 20], 0] = 0.7, 0.4
    looks = np.eye(3, len(CAMERAS), dtype=np.float32)
    rows = rows_of(np.arange(30) * 40, changes, np.array([0, 480, 960]), looks)
    assert rows[:, : len(CAMERAS)].tolist() == looks.tolist()
    assert rows[:, len(CAMERAS)] == pytest.approx([0.0, 0.7, 0.4])
    assert chunk(rows, 1).shape == (CHUNK_ROWS, rows.shape[1]) and not chunk(rows, 1)[2:].any()


def test_calf_learns_a_film_by_heart():
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    camera = np.repeat(rng.integers(0, len(CAMERAS), 12), 8)
    rows = np.zeros((96, len(CAMERAS) + N_FEATURES), np.float32)
    rows[np.arange(96), camera] = 1.0
    own = ShotTraining([Film(rows, camera, np.flatnonzero(np.diff(camera)) + 1)])
    drawn = [own.examples("train").example(i, 2) for i in range(12)]
    batch = {key: torch.stack([one[key] for one in drawn]) for key in drawn[0]}
    network = own.network()
    optimiser = torch.optim.Adam(network.parameters(), 2e-3)
    losses = []
    for _ in range(25):
        optimiser.zero_grad()
        loss = own.loss(network, batch)["total"]
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.parametrize("name", SHOT_FINDERS.names())
def test_weights_that_are_not_there_are_one_sentence(name, tmp_path):
    module = SHOT_FINDERS.load(name)
    with pytest.raises(InputProblem, match="train the method first"):
        module.build(module.Settings(weights_file=str(tmp_path / "none.safetensors")))
