"""Position anchors: scenes, targets, decoding, windows, training, odd halves, and what the bundled weights can do."""

import dataclasses

import numpy as np
import pytest
import torch

from analysis.core.pitch import PitchSpec
from analysis.core.problems import InputProblem
from analysis.core.records import CalibrationTrack, PlayersTrack
from analysis.core.registry import SPOTTERS
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.metrics.spot_hits import hits_of
from analysis.spotting.models.position_anchors import Settings, build, training_run
from analysis.spotting.models.position_anchors.decode import candidates
from analysis.spotting.models.position_anchors.scene import PEOPLE_COLUMNS, Scene, build_scene
from analysis.spotting.models.position_anchors.targets import (
    DISPLACEMENT_REACH_MS,
    anchor_losses,
    dense_targets,
)
from analysis.spotting.models.position_anchors.training import (
    N_CLASSES,
    PositionTraining,
    kept_scene,
)
from analysis.spotting.probabilities import logistic_line
from analysis.synthetic.halves import half_of, save_half
from analysis.synthetic.match import simulate_match
from analysis.synthetic.sightings import TRUE_POSITIONS, Sight, sightings
from analysis.training.base import TrainingRequest
from tests.analysis import scenes

FOUL, GOAL, OUT = (SOCCERNET_V2.index(name) for name in ("Foul", "Goal", "Ball out of play"))


@pytest.fixture(scope="module")
def spotter():
    return build(Settings())


@pytest.fixture(scope="module")
def half():
    match = simulate_match(8, 8.0)
    return half_of(match, match.play.periods[0])


def streams_of(half, sight, seed=0):
    players, calibrations = sightings(half, sight, np.random.default_rng(seed))
    return {"players": players, "calibrations": calibrations}


def two_people(n_samples=4):
    """One of home walks a metre a sample, one of away stands four metres beside."""
    times = np.repeat(np.arange(n_samples) * 500, 2)
    walk = np.stack([[k, 5.0] for k in range(n_samples)])
    stand = np.tile([0.0, 9.0], (n_samples, 1))
    places = np.stack([walk, stand], axis=1).reshape(-1, 2)
    track = scenes.players_track(times, places, team=np.tile([0, 1], n_samples))
    return {"players": track, "calibrations": scenes.calibration_track(n_samples)}


def column(scene, name):
    return scene.people[..., PEOPLE_COLUMNS.index(name)]


def test_a_scene_knows_places_sides_and_speeds():
    scene = build_scene(two_people(), PitchSpec())
    home = column(scene, "side") == 1
    np.testing.assert_allclose(scene.people[home][:, 0], [0, 1, 2, 3])
    np.testing.assert_allclose(scene.people[home][:, 2:4], [[2, 0]] * 4, atol=1e-5)
    np.testing.assert_allclose(scene.people[column(scene, "side") == -1][:, 2:4], 0, atol=1e-5)
    assert column(scene, "is_there").sum() == 8


def test_places_are_scaled_to_the_standard_pitch():
    scene = build_scene(two_people(), PitchSpec(length_m=100.0, width_m=64.0))
    np.testing.assert_allclose(scene.people[3, column(scene, "side")[3] == 1, 0], 3 * 105 / 100)


def test_a_ball_that_is_lost_is_remembered_with_its_age():
    streams = two_people()
    players = dataclasses.replace(
        streams["players"],
        ball_times_ms=np.array([500, 1000]), ball_xy_m=np.array([[1.0, 2.0], [3.0, 2.0]]),
        ball_px=np.zeros((2, 2)), ball_score=np.ones(2),
    )  # fmt: skip
    ball = build_scene({**streams, "players": players}, PitchSpec()).ball
    np.testing.assert_allclose(ball[0], [0, 0, 0, 0, 0, 10])
    np.testing.assert_allclose(ball[2], [3, 2, 4, 0, 1, 0])
    np.testing.assert_allclose(ball[3], [3, 2, 0, 0, 0, 0.5])


def test_a_penalty_mark_is_no_ball():
    streams = two_people()
    players = dataclasses.replace(
        streams["players"],
        ball_times_ms=np.array([500, 1000]), ball_xy_m=np.array([[41.6, 0.2], [39.0, 0.0]]),
        ball_px=np.zeros((2, 2)), ball_score=np.ones(2),
    )  # fmt: skip
    ball = build_scene({**streams, "players": players}, PitchSpec()).ball
    assert ball[:, 4].tolist() == [0, 0, 1, 0]


def test_positions_that_are_no_numbers_are_nobody():
    streams = two_people()
    places = streams["players"].pitch_xy_m.copy()
    places[::2] = np.nan
    streams["players"] = dataclasses.replace(streams["players"], pitch_xy_m=places)
    scene = build_scene(streams, PitchSpec())
    assert column(scene, "is_there").sum() == 4
    assert np.isfinite(scene.people).all()


def test_targets_point_at_the_nearest_event():
    ticks = np.arange(0, 20_000, 500)
    target = dense_targets(
        np.array([5000, 8000]), np.array([FOUL, FOUL]), np.array([0, -1]), ticks, N_CLASSES
    )
    at = {time_ms: target[time_ms // 500, :, FOUL] for time_ms in (1000, 4000, 6000, 7000, 12500)}
    assert at[1000][:2].tolist() == [0.0, 1.0]  # four seconds before the first: it counts just yet
    assert at[4000].tolist() == pytest.approx([1, 1000 / DISPLACEMENT_REACH_MS, 1, 1])
    assert at[6000][1] == pytest.approx(-1000 / DISPLACEMENT_REACH_MS)
    assert at[7000][[1, 3]].tolist() == pytest.approx([1000 / DISPLACEMENT_REACH_MS, -1])
    assert at[12500][2] == 0.0
    assert not target[:, 0, GOAL].any()


def blank(n_samples=60):
    output = np.zeros((n_samples, 3, N_CLASSES))
    output[:, 0] = 0.001
    return output


def test_a_peak_lies_where_its_neighbours_point():
    output = blank()
    output[18:23, 0, FOUL] = [0.3, 0.6, 0.8, 0.6, 0.3]
    # All say: 10.6 s.
    output[18:23, 1, FOUL] = (10_600 - 500 * np.arange(18, 23)) / DISPLACEMENT_REACH_MS
    (found,) = [one for one in candidates(output, 0.05) if one.label == FOUL]
    assert found.time_ms == pytest.approx(10_600, abs=30)
    assert found.confidence == pytest.approx(0.8)


def test_what_cannot_happen_at_once_takes_from_each_other():
    output = blank()
    output[20, 0, GOAL], output[20, 0, OUT], output[50, 0, OUT] = 0.8, 0.5, 0.5
    output[35, 0, SOCCERNET_V2.index("Kick-off")] = 0.999
    found = {(one.label, round(one.time_ms / 500)): one for one in candidates(output, 0.05)}
    assert found[GOAL, 20].confidence == pytest.approx(0.8)
    assert found[OUT, 20].confidence == pytest.approx(0.5 * (1 - 0.8))
    assert found[OUT, 50].confidence == pytest.approx(0.5, rel=1e-2)


def test_play_that_is_stopped_is_not_stopped_again():
    output = blank(160)
    throw_in = SOCCERNET_V2.index("Throw-in")
    output[20, 0, OUT], output[40, 0, FOUL] = 0.9, 0.8
    told = {one.label: one.confidence for one in candidates(output, 0.003)}
    assert told == {OUT: pytest.approx(0.9), FOUL: pytest.approx(0.8 * 0.1)}
    # A restart between them makes both possible, as far as it is sure; so does a minute and more.
    output[30, 0, throw_in] = 0.75
    told = {one.label: one.confidence for one in candidates(output, 0.003)}
    assert told[FOUL] == pytest.approx(0.8 * (1 - 0.9 * 0.25))
    output[30, 0, throw_in], output[40, 0, FOUL], output[145, 0, FOUL] = 0, 0, 0.8
    assert {one.label: one.confidence for one in candidates(output, 0.003)}[FOUL] == 0.8


def test_windows_give_what_one_pass_gives(spotter, monkeypatch):
    random = np.random.default_rng(0)
    n_samples = 1703
    scene = Scene(
        0,
        random.normal(0, 1, (n_samples, 26, 8)).astype(np.float32),
        random.normal(0, 1, (n_samples, 6)).astype(np.float32),
        random.normal(0, 1, (n_samples, 6)).astype(np.float32),
    )
    cut = spotter.anchors(scene)
    monkeypatch.setattr("analysis.spotting.models.position_anchors.spotter.WINDOW", 2000)
    np.testing.assert_allclose(spotter.anchors(scene), cut, atol=2e-4)


@pytest.mark.parametrize("n_samples", [1, 2, 20, 9600])
def test_halves_of_any_length(spotter, n_samples):
    streams = two_people(n_samples)
    for spot in spotter.spot(streams, PitchSpec()):
        assert 0 <= spot.position_ms <= n_samples * 500


def test_nobody_ever_located_gives_no_events(spotter):
    streams = {
        "players": PlayersTrack.empty(),
        "calibrations": scenes.calibration_track(300, missing=range(300)),
    }
    assert spotter.spot(streams, PitchSpec()) == []
    assert isinstance(streams["calibrations"], CalibrationTrack)


def test_other_streams_are_refused(spotter):
    with pytest.raises(TypeError, match="players"):
        spotter.spot({"players": None, "calibrations": None}, PitchSpec())


@pytest.mark.parametrize(("sight", "least"), [(TRUE_POSITIONS, 0.85), (Sight(), 0.6)])
def test_outs_and_restarts_of_a_simulated_match_are_found(spotter, half, sight, least):
    spots = spotter.spot(streams_of(half, sight), PitchSpec())
    wanted = hit = told = 0
    for name in ("Ball out of play", "Throw-in", "Clearance", "Indirect free-kick"):
        own = [spot for spot in spots if spot.label == name and spot.confidence >= 0.4]
        truth = half.event_ms[half.event_label == SOCCERNET_V2.index(name)]
        hits = hits_of(
            truth, np.array([s.position_ms for s in own], np.int64), np.array([s.confidence for s in own])
        )  # fmt: skip
        wanted, hit, told = wanted + len(truth), hit + int(hits.sum()), told + len(own)
    assert wanted >= 8
    assert hit >= least * wanted
    assert hit >= 0.7 * told


def test_the_card_tells_what_is_told(spotter):
    card = SPOTTERS.card("position_anchors")
    told = {name for k, name in enumerate(SOCCERNET_V2.labels) if spotter.confidences.emits(k)}
    assert told == set(card.emits)
    assert set(card.experimental) <= told


def test_one_step_lowers_the_loss(half, tmp_path):
    save_half(half, tmp_path / "half-0008-1.npz")
    training = PositionTraining([tmp_path / "half-0008-1.npz"], [], tmp_path / "scenes", 8)
    examples = [training.examples("train").example(k, k) for k in range(3)]
    batch = {
        name: torch.from_numpy(np.stack([example[name] for example in examples]))
        for name in examples[0]
    }
    torch.manual_seed(0)
    network = training.network()
    optimiser = torch.optim.AdamW(network.parameters(), 1e-3)
    losses = []
    for _ in range(5):
        loss = training.loss(network, batch)["total"]
        losses.append(float(loss.detach()))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert losses[-1] < 0.9 * losses[0]


def test_a_kept_scene_is_the_one_that_was_made(half, tmp_path):
    path = tmp_path / "half-0008-1.npz"
    save_half(half, path)
    first = kept_scene(path, 1, tmp_path)
    np.testing.assert_array_equal(kept_scene(path, 1, tmp_path).people, first.people)
    (tmp_path / "half-0008-1-1.npz").unlink()
    np.testing.assert_array_equal(kept_scene(path, 1, tmp_path).people, first.people)


def test_losses_of_a_perfect_answer_are_small():
    target = torch.zeros(1, 10, 4, N_CLASSES)
    target[:, :, 3] = -1
    target[0, 4, :, 2] = torch.tensor([1.0, 0.25, 1.0, 1.0])
    output = torch.zeros(1, 10, 3, N_CLASSES)
    output[:, :, 0] = -12
    output[0, 4, :, 2] = torch.tensor([12.0, 0.25, 12.0])
    losses = anchor_losses(output, target, torch.ones(N_CLASSES))
    assert float(losses["total"]) < 1e-3


def test_probabilities_are_fitted():
    random = np.random.default_rng(0)
    confidence = random.uniform(0.02, 0.98, 20_000)
    logit = np.log(confidence / (1 - confidence))
    hit = random.random(20_000) < 1 / (1 + np.exp(-(0.7 * logit - 0.5)))
    slope, offset = logistic_line(confidence, hit)
    assert slope == pytest.approx(0.7, abs=0.05)
    assert offset == pytest.approx(-0.5, abs=0.08)


def test_training_without_halves_says_what_to_do(tmp_path):
    for data in (None, tmp_path):
        with pytest.raises(InputProblem, match="simulate_halves"):
            training_run.train(TrainingRequest(tmp_path / "run", data=data), lambda event: None)
