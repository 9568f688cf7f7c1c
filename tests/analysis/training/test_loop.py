"""The loop learns, goes on where it stopped, stops when validation stops improving, and averages weights."""

import json

import pytest
import torch
from torch import nn

from analysis.training.checkpoints import load_checkpoint
from analysis.training.loop import TrainingPlan, train
from analysis.training.optimisation import sharpness_aware_backward
from analysis.training.seeds import example_seed


class Line:
    """Learn y = 3 x - 1 from noisy points."""

    def __init__(self, validation_targets=1.0):
        self.validation_targets = validation_targets

    def network(self):
        return nn.Linear(1, 1)

    def examples(self, split):
        return Points(self.validation_targets if split == "validation" else 1.0)

    def loss(self, network, batch):
        error = (network(batch["x"]) - batch["y"]) ** 2
        return {"total": error.mean()}


class Points:
    def __init__(self, scale):
        self.scale = scale

    def __len__(self):
        return 10

    def example(self, index, seed):
        generator = torch.Generator().manual_seed(seed)
        x = torch.rand(1, generator=generator)
        return {"x": x, "y": self.scale * (3 * x - 1)}


def plan(**changes):
    settings = {"steps": 60, "batch_size": 4, "learning_rate": 0.1, "loader_workers": 0}
    return TrainingPlan(**{**settings, "warm_up_steps": 5, "report_every": 10, **changes})


def test_it_learns_and_writes_its_log(tmp_path):
    result = train(Line(), plan(steps=300, weight_decay=0.0), tmp_path)
    assert result.is_complete
    assert result.weights["weight"].item() == pytest.approx(3, abs=0.3)
    assert result.weights["bias"].item() == pytest.approx(-1, abs=0.2)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows][:2] == [10, 20]
    assert rows[-1]["total"] < rows[0]["total"] / 5


def test_a_resumed_run_ends_where_an_uninterrupted_one_does(tmp_path):
    whole = train(Line(), plan(), tmp_path / "whole")

    class Stop(Exception):
        pass

    def stop(event):
        if event.done == 25:
            raise Stop

    with pytest.raises(Stop):
        train(Line(), plan(checkpoint_seconds=0.0), tmp_path / "parts", on_event=stop)
    assert 0 < load_checkpoint(tmp_path / "parts")["step"] <= 25
    parts = train(Line(), plan(), tmp_path / "parts", resume=True)
    for name in whole.weights:
        torch.testing.assert_close(parts.weights[name], whole.weights[name])


def test_resuming_a_finished_run_does_nothing(tmp_path):
    first = train(Line(), plan(steps=10), tmp_path)
    again = train(Line(), plan(steps=10), tmp_path, resume=True)
    assert again.steps == 10
    torch.testing.assert_close(again.weights, first.weights)


def test_early_stop_when_validation_only_worsens(tmp_path):
    # the validation targets have the other sign: every step towards the training line is a step away from them
    result = train(
        Line(validation_targets=-1.0), plan(steps=400, validate_every=10, patience=2), tmp_path
    )
    assert result.steps < 400
    assert result.is_complete


def test_every_example_of_every_round_has_its_own_seed():
    seeds = {example_seed(7, number, index) for number in range(5) for index in range(50)}
    assert len(seeds) == 250
    assert example_seed(7, 1, 2) == example_seed(7, 1, 2)
    assert example_seed(8, 1, 2) != example_seed(7, 1, 2)


def test_initial_weights_are_taken_over(tmp_path):
    initial = {"weight": torch.tensor([[3.0]]), "bias": torch.tensor([-1.0])}
    result = train(Line(), plan(steps=1, learning_rate=1e-9), tmp_path, initial=initial)
    torch.testing.assert_close(result.weights, initial)


@pytest.mark.parametrize(
    "changes",
    [
        {"optimiser": "sgd", "learning_rate": 0.02},
        {"optimiser": "adam", "course": "linear"},
        {"sam_radius": 0.05},
        {"course": "constant"},
    ],
)
def test_every_way_to_optimise_learns_the_line(tmp_path, changes):
    settings = {"steps": 300, "weight_decay": 0.0, **changes}
    result = train(Line(), plan(**settings), tmp_path)
    assert result.weights["weight"].item() == pytest.approx(3, abs=0.5)


def test_unknown_ways_are_named(tmp_path):
    with pytest.raises(ValueError, match="adamw, adam, sgd"):
        train(Line(), plan(optimiser="lion"), tmp_path)
    with pytest.raises(ValueError, match="cosine, linear, constant"):
        train(Line(), plan(course="zigzag"), tmp_path)


def test_sharpness_aware_gradients_are_those_of_the_worst_neighbour():
    # L = w^2 at w = 3 with radius 0.5: the worst neighbour is 3.5, where the slope is 7.
    network = nn.Linear(1, 1, bias=False)
    network.weight.data.fill_(3.0)
    losses = sharpness_aware_backward(
        network, lambda: {"total": (network.weight**2).sum()}, radius=0.5
    )
    assert network.weight.grad.item() == pytest.approx(7.0)
    assert network.weight.item() == pytest.approx(3.0) and losses["total"].item() == 9.0


def test_a_plateau_lowers_the_rate_and_the_best_weights_are_kept(tmp_path):
    # Validation that cannot get better than at the start: targets of another line.
    changes = {"validate_every": 10, "plateau_patience": 2, "keep_best": True, "mean_decay": 0.0}
    result = train(Line(validation_targets=-1.0), plan(steps=100, **changes), tmp_path)
    state = load_checkpoint(tmp_path)
    assert state["drops"] >= 2
    assert abs(result.weights["weight"].item() - state["mean"]["weight"].item()) > 0.5
