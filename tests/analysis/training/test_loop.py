"""The loop learns, goes on where it stopped, stops when validation stops improving, and averages weights."""

import json

import pytest
import torch
from torch import nn

from analysis.training.checkpoints import load_checkpoint
from analysis.training.loop import TrainingPlan, train
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
