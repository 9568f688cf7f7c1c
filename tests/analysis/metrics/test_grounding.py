"""Grounding average-AP: the golden values of the specification, and equality with the official package."""

import json

import numpy as np
import pytest

from analysis.datasets.soccernet_replays import grounded_replays
from analysis.metrics.grounding import GroundedReplay, average_ap
from analysis.metrics.spotting import TOLERANCES_S


def replay(action_s, proposals):
    return GroundedReplay(action_s, np.array(list(proposals)), np.array(list(proposals.values())))


GOLDEN = [
    replay(100.0, {101.0: 0.9, 108.0: 0.95, 60.0: 0.5}),
    replay(250.0, {262.0: 0.6, 400.0: 0.7}),
    replay(3000.0, {3000.0: 0.2, 2994.0: 0.25, 10.0: 0.05}),
]


def test_golden_loose():
    area, at_tolerance = average_ap(GOLDEN, TOLERANCES_S["loose"])
    assert area == pytest.approx(0.6056670602, abs=1e-9)
    expected = [0.25974, 0.25974, 0.072727, 0.472727, *[0.763636] * 8]
    np.testing.assert_allclose(at_tolerance, expected, atol=1e-5)


def test_golden_tight():
    area, at_tolerance = average_ap(GOLDEN, TOLERANCES_S["tight"])
    assert area == pytest.approx(0.2337662338, abs=1e-9)
    np.testing.assert_allclose(at_tolerance, [0.051948, *[0.25974] * 4], atol=1e-5)


def clock(second):
    return f"{second // 60:02d}:{second % 60:02d}"


def game(rng, n_replays):
    """A game of cameras and proposals, both halves, with links across halves and unknown labels among them."""
    annotations, replays = [], []
    end_s = 0
    for i in range(n_replays):
        half = 1 + (i >= n_replays // 2)
        end_s = 60 if i == n_replays // 2 else end_s + int(rng.integers(20, 60))
        annotations.append(
            {"gameTime": f"{half} - {clock(end_s - 10)}", "label": "Main camera center"}
        )
        link_half = half if rng.random() < 0.9 else 3 - half
        label = "Goal" if rng.random() < 0.9 else "Cat on the pitch"
        action_s = max(0, end_s - int(rng.integers(15, 50)))
        annotations.append(
            {
                "gameTime": f"{half} - {clock(end_s)}",
                "label": "Close-up",
                "link": {"half": str(link_half), "label": label, "time": clock(action_s)},
            }
        )
        detection = [
            {
                "time": float(action_s + rng.normal(0, 8)) % 3000,
                "score": float(np.round(rng.random(), 2)),
            }
            for _ in range(int(rng.integers(0, 5)))
        ]
        replays.append({"half": half, "start": end_s - 8, "end": end_s, "detection": detection})
    return {"annotations": annotations}, {"Replays": replays}


def test_equal_to_the_official_package(tmp_path, monkeypatch):
    official = pytest.importorskip("SoccerNet.Evaluation.ReplayGrounding")
    monkeypatch.setattr(np, "float", float, raising=False)
    rng = np.random.default_rng(3)
    games = {f"a/b/game {i}": game(rng, 20) for i in range(4)}
    monkeypatch.setattr(official, "getListGames", lambda *_: list(games))
    ours = []
    for name, (cameras, proposals) in games.items():
        folder = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "Labels-cameras.json").write_text(json.dumps(cameras))
        (folder / "Detection-replays.json").write_text(json.dumps(proposals))
        ours += grounded_replays(cameras, proposals)
    for metric in ("loose", "tight"):
        theirs = official.evaluate(str(tmp_path), str(tmp_path), metric=metric)["a_AP"]
        assert average_ap(ours, TOLERANCES_S[metric])[0] == pytest.approx(float(theirs), abs=1e-12)


def test_the_own_protocol_counts_replays_left_out():
    cameras, proposals = game(np.random.default_rng(1), 10)
    proposals["Replays"] = proposals["Replays"][:2]
    official = grounded_replays(cameras, proposals)
    own = grounded_replays(cameras, proposals, count_missing=True)
    assert len(own) > len(official)
    assert average_ap(own, (5,))[0] <= average_ap(official, (5,))[0]
