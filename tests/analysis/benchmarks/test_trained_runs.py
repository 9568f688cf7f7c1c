"""Runs that pages tell of: which there are, what they cost, and that their scores are the metric's."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from analysis.benchmarks._trained_runs import (
    best_first,
    cost_cells,
    measured,
    runs_by_system,
    score_cells,
    trained,
)
from analysis.core.problems import InputProblem
from analysis.spotting.learned import Shape
from analysis.spotting.learning import measure
from analysis.spotting.models.maxpool import METHOD
from analysis.training.weights import save_weights
from tests.analysis.spotting.made_halves import fitted, made_half


def kept_run(folder, half, shape, seed, log=()):
    torch.manual_seed(seed)
    run = folder / f"maxpool-{seed}"
    save_weights(
        METHOD.network(shape).state_dict(), run / "maxpool.safetensors", notes=shape.notes()
    )
    rows = "".join(json.dumps(row) + "\n" for row in log)
    if rows:
        (run / "log.jsonl").write_text(rows)
    return run


def test_a_run_is_measured_as_the_metric_does(tmp_path):
    half = made_half(Shape(), seed=1, n_rows=400)
    shape = fitted(Shape(n_features=24), half)
    log = [
        {"step": 10, "seconds": 60.0},
        {"step": 10, "validation": 1.0},
        # Stopped and gone on with: the seconds begin again.
        {"step": 15, "seconds": 30.0},
        {"step": 20, "seconds": 90.0},
    ]
    kept_run(tmp_path, half, shape, 0, log)
    kept_run(tmp_path, half, shape, 1)
    (tmp_path / "maxpool-unfinished").mkdir()
    runs = runs_by_system(tmp_path)
    assert {name: [run.name for run in own] for name, own in runs.items()} == {
        "maxpool": ["maxpool-0", "maxpool-1"]
    }
    results = []
    for run in runs["maxpool"]:
        spotter = trained("maxpool", run)
        results.append(measured(spotter, run, [[half]]))
        assert results[-1].score["loose"].average_map == pytest.approx(
            measure(spotter, [half])["loose"].average_map
        )
    first, second = results
    assert (first.steps, first.minutes) == (20, 2.5)
    assert second.steps == 0
    assert np.isnan(second.minutes)
    assert first.n_parameters == sum(p.numel() for p in METHOD.network(shape).parameters())
    assert cost_cells(results).startswith(f"{first.n_parameters:,} | 20 | 2 | ")
    assert score_cells(results).startswith("2 | ")
    better = replace(second, score={"loose": replace(first.score["loose"], average_map=0.5)})
    assert best_first({"worse": [first], "better": [better]}) == ["better", "worse"]


def test_no_runs_are_said(tmp_path):
    with pytest.raises(InputProblem, match="no trained systems"):
        runs_by_system(tmp_path)
