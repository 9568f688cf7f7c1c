"""Laws for every replay grounder found: which replays are answered, with which times, repetition, learning."""

import importlib

import numpy as np
import pytest
import torch

from analysis.core.problems import InputProblem
from analysis.core.records import ActionSpot, CameraShot
from analysis.core.registry import REPLAY_GROUNDERS
from analysis.replays.learning import Query
from analysis.replays.linking import apart, ensemble
from analysis.replays.rows import row_at, rows_of
from analysis.training.weights import save_weights

MAIN, SPIDER = "Main camera center", "Spider camera"
TRAINABLE = {
    "calf": ("analysis.replays.context_aware_training", "CalfTraining", (0.5, 0.25)),
    "calf_more_negative": ("analysis.replays.context_aware_training", "CalfTraining", (0.2, 0.2)),
    "transformer": ("analysis.replays.models.transformer.training_run", "PairTraining", ()),
}


def film(*spans):
    """Shots end to end: (seconds, camera, is it a replay)."""
    shots, now = [], 0
    for length_s, camera, is_replay in spans:
        shots.append(CameraShot(now, now + length_s * 1000, camera, "abrupt", is_replay, 1.0))
        now += length_s * 1000
    return shots


LONG = film(
    (300, MAIN, False), (4, SPIDER, False), (8, SPIDER, True), (5, SPIDER, True), (90, MAIN, False)
)  # fmt: skip
FILMS = {
    "long": LONG,
    "begins with a replay": film((6, SPIDER, True), (60, MAIN, False)),
    "nothing but a replay": film((3, SPIDER, True)),
    "no replay": film((30, MAIN, False)),
    "nothing": [],
}
SPOTS = [ActionSpot(1, 296_000, "Foul", 0.8), ActionSpot(1, 120_000, "Goal", 0.4)]


def trainable(name):
    rows = rows_of(LONG, SPOTS)
    query = Query(rows, row_at(304_000), row_at(312_000), row_at(296_000), (row_at(100_000),))
    module, kind, rest = TRAINABLE[name]
    return getattr(importlib.import_module(module), kind)([query] * 8, [query], *rest)


@pytest.fixture(params=REPLAY_GROUNDERS.names())
def grounder(request, tmp_path):
    module, name = REPLAY_GROUNDERS.load(request.param), request.param
    card = REPLAY_GROUNDERS.card(name)
    if card.weights or card.is_baseline:
        return module.build(module.Settings())
    path = tmp_path / "own.safetensors"
    torch.manual_seed(0)
    save_weights(trainable(name).network().state_dict(), path)
    return module.build(module.Settings(weights_file=str(path)))


@pytest.mark.parametrize("name", FILMS)
def test_every_replay_is_answered_with_moments_before_its_end(grounder, name):
    shots = FILMS[name]
    answer = grounder.ground(shots, SPOTS)
    assert [shot for shot, _ in answer] == [shot for shot in shots if shot.is_replay]
    for shot, told in answer:
        assert [one.score for one in told] == sorted((one.score for one in told), reverse=True)
        for one in told:
            assert 0 <= one.time_ms <= shot.end_ms and 0 <= one.score <= 1


def test_the_same_film_gives_the_same_answer(grounder):
    assert grounder.ground(LONG, SPOTS) == grounder.ground(LONG, SPOTS)


@pytest.mark.parametrize("name", TRAINABLE)
def test_a_few_steps_lower_the_loss(name):
    torch.manual_seed(0)
    own = trainable(name)
    examples = own.examples("train")
    drawn = [examples.example(i, 5) for i in range(len(examples))]
    batch = {key: torch.stack([one[key] for one in drawn]) for key in drawn[0]}
    network = own.network()
    optimiser = torch.optim.Adam(network.parameters(), 1e-3)
    losses = []
    for _ in range(12):
        optimiser.zero_grad()
        loss = own.loss(network, batch)["total"]
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert np.isfinite(losses).all() and losses[-1] < 0.8 * losses[0]


@pytest.mark.parametrize("name", TRAINABLE)
def test_without_weights_one_sentence(name):
    module = REPLAY_GROUNDERS.load(name)
    if not REPLAY_GROUNDERS.card(name).weights:
        with pytest.raises(InputProblem, match="train the method first"):
            module.build(module.Settings())


def test_an_ensemble_keeps_what_both_say_apart():
    fusion = REPLAY_GROUNDERS.load("fusion")
    answer = fusion.build(fusion.Settings()).ground(LONG, SPOTS)
    joined = ensemble([answer, answer])
    assert [shot for shot, _ in joined] == [shot for shot, _ in answer]
    for _, told in joined:
        assert told == apart(told) and told[0].score == pytest.approx(1.0)
