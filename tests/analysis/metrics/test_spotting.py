"""Average-mAP: the golden values of the specification, and equality with the official package on random games."""

import json

import numpy as np
import pytest

from analysis.core.vocabulary import SOCCERNET_V2
from analysis.datasets import soccernet
from analysis.metrics.spotting import TOLERANCES_S, average_map

GAME_1 = (
    [
        (1, 60000, "Goal", True),
        (1, 300500, "Goal", False),
        (2, 1000, "Kick-off", False),
        (1, 120000, "Foul", True),
        (1, 130000, "Foul", True),
        (2, 2700900, "Corner", True),
    ],
    [
        (1, 61000, "Goal", 0.9),
        (1, 75000, "Goal", 0.4),
        (1, 310000, "Goal", 0.7),
        (2, 4000, "Kick-off", 0.3),
        (1, 124000, "Foul", 0.8),
        (1, 133500, "Foul", 0.6),
        (1, 200000, "Foul", 0.55),
        (2, 2702000, "Corner", 0.99),
        (2, 500000, "Corner", 0.2),
    ],
)
GAME_2 = (
    [(1, 10400, "Goal", True), (2, 600000, "Foul", False), (1, 2600000, "Throw-in", True)],
    [
        (1, 11900, "Goal", 0.5),
        (2, 606000, "Foul", 0.35),
        (1, 2598000, "Throw-in", 1.0),
        (1, 2598600, "Throw-in", 0.05),
        (2, 100000, "Penalty", 0.8),
    ],
)


def labels_document(events):
    return {
        "annotations": [
            {
                "gameTime": f"{half} - {ms // 60000:02d}:{ms // 1000 % 60:02d}",
                "position": str(ms),
                "label": label,
                "visibility": "visible" if shown else "not shown",
            }
            for half, ms, label, shown in events
        ]
    }


def predictions_document(events):
    return {
        "predictions": [
            {"half": str(half), "position": str(ms), "label": label, "confidence": str(score)}
            for half, ms, label, score in events
        ]
    }


def score(games, metric):
    labels = [half for truth, _ in games for half in soccernet.half_labels(labels_document(truth))]
    found = [
        half
        for _, guess in games
        for half in soccernet.half_predictions(predictions_document(guess))
    ]
    return average_map(labels, found, len(SOCCERNET_V2), tolerances_s=TOLERANCES_S[metric])


def named(values):
    return {label: value for label, value in zip(SOCCERNET_V2.labels, values, strict=True) if value}


def test_golden_loose():
    result = score([GAME_1, GAME_2], "loose")
    assert result.average_map == pytest.approx(0.2761302868, abs=1e-9)
    assert result.visible == pytest.approx(0.2326203209, abs=1e-9)
    assert result.unshown == pytest.approx(0.1993006993, abs=1e-9)
    assert named(result.per_class) == pytest.approx(
        {
            "Kick-off": 0.9545454545,
            "Goal": 0.8966942149,
            "Throw-in": 1.0,
            "Foul": 0.8429752066,
            "Corner": 1.0,
        },
        abs=1e-9,
    )
    assert named(result.per_class_unshown) == pytest.approx(
        {"Kick-off": 0.9545454545, "Goal": 0.7727272727, "Foul": 0.8636363636}, abs=1e-9
    )


def test_golden_tight():
    result = score([GAME_1, GAME_2], "tight")
    assert result.average_map == pytest.approx(0.0915775401, abs=1e-9)
    assert result.visible == pytest.approx(0.1109625668, abs=1e-9)
    assert result.unshown == 0
    assert named(result.per_class) == pytest.approx(
        {"Goal": 0.4318181818, "Throw-in": 0.5, "Corner": 0.625}, abs=1e-9
    )


def test_the_last_prediction_of_a_frame_and_class_wins():
    truth = [(1, 10000, "Goal", True)]
    worse_last = score(
        [(truth, [(1, 10000, "Goal", 0.9), (1, 10100, "Goal", 0.2), (1, 50000, "Goal", 0.5)])],
        "at5",
    )
    better_last = score(
        [(truth, [(1, 10000, "Goal", 0.2), (1, 10100, "Goal", 0.9), (1, 50000, "Goal", 0.5)])],
        "at5",
    )
    assert worse_last.per_class[SOCCERNET_V2.index("Goal")] == pytest.approx(0.5)
    assert better_last.per_class[SOCCERNET_V2.index("Goal")] == pytest.approx(1.0)


def random_games(rng, n_games):
    """Crowded on purpose: shared frames, ties, scores 0 and above 1, unknown labels, times past two hours."""
    names = [*SOCCERNET_V2.labels[:6], "Banana"]
    games = {}
    for game in range(n_games):
        truth = [
            (
                int(rng.integers(1, 3)),
                int(rng.integers(0, 400_000)),
                str(rng.choice(names)),
                bool(rng.random() < 0.8),
            )
            for _ in range(60)
        ]
        guess = [
            (
                int(half),
                int(max(0, ms + rng.normal(0, 9000))),
                label,
                float(np.round(rng.uniform(0, 1.05), 2)),
            )
            for half, ms, label, _ in truth * 3
        ]
        guess += [(1, 7_300_000, "Goal", 0.5), (2, 0, "Foul", 0.0)]
        games[f"league/season/game {game}"] = (truth, guess)
    return games


def write_games(root, games):
    for name, (truth, guess) in games.items():
        folder = root / name
        folder.mkdir(parents=True)
        (folder / "Labels-v2.json").write_text(json.dumps(labels_document(truth)))
        (folder / "results_spotting.json").write_text(json.dumps(predictions_document(guess)))


@pytest.mark.parametrize("metric", ["loose", "tight", "at2"])
def test_equal_to_the_official_package(tmp_path, metric):
    official = pytest.importorskip("SoccerNet.Evaluation.ActionSpotting")
    games = random_games(np.random.default_rng(7), 3)
    write_games(tmp_path, games)
    theirs = _official(official, tmp_path, games, metric)
    ours = score(list(games.values()), metric)
    assert ours.average_map == pytest.approx(theirs["a_mAP"], abs=1e-12)
    assert ours.visible == pytest.approx(theirs["a_mAP_visible"], abs=1e-12)
    assert ours.unshown == pytest.approx(theirs["a_mAP_unshown"], abs=1e-12)
    np.testing.assert_allclose(ours.per_class, theirs["a_mAP_per_class"], atol=1e-12)
    np.testing.assert_allclose(
        ours.per_class_visible, theirs["a_mAP_per_class_visible"], atol=1e-12
    )
    np.testing.assert_allclose(
        ours.per_class_unshown, theirs["a_mAP_per_class_unshown"], atol=1e-12
    )


def _official(official, root, games, metric):
    original = official.getListGames
    official.getListGames = lambda **_: list(games)
    try:
        return official.evaluate(str(root), str(root), metric=metric)
    finally:
        official.getListGames = original


def test_the_number_of_halves_must_agree():
    with pytest.raises(ValueError, match="halves"):
        average_map(soccernet.half_labels({"annotations": []}), [], 17)
