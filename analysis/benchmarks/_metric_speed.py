"""Average-mAP here beside the official package's, on the same hundred games."""

import contextlib
import io
import json
import time
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from analysis.core.vocabulary import SOCCERNET_V2
from analysis.datasets.soccernet import half_labels, half_predictions
from analysis.metrics.spotting import average_map

N_GAMES = 100
_LABELS_A_GAME, _PREDICTIONS_A_GAME = 220, 1200


def metric_speed() -> str:
    """The section; says so where the official package is not installed."""
    rng = np.random.default_rng(0)
    games = [f"game-{number}" for number in range(N_GAMES)]
    with TemporaryDirectory() as name:
        root = Path(name)
        documents = [_game(root / game, rng) for game in games]
        started = time.process_time()
        labels = [half for truth, _ in documents for half in half_labels(truth)]
        told = [half for _, found in documents for half in half_predictions(found)]
        read_s = time.process_time() - started
        started = time.process_time()
        own = average_map(labels, told, len(SOCCERNET_V2)).average_map
        own_s = time.process_time() - started
        size = f"{_LABELS_A_GAME} labels and {_PREDICTIONS_A_GAME} predictions"
        head = f"## The metric\n\n{N_GAMES} games with {size} each, "
        try:
            official = import_module("SoccerNet.Evaluation.ActionSpotting")
        except ModuleNotFoundError:
            return f"{head}loose Average-mAP: {own_s:.2f} processor seconds (the official package is not installed)."
        started = time.process_time()
        theirs = _official(official, root, games)
        their_s = time.process_time() - started
    return (
        f"{head}loose Average-mAP: {own_s:.2f} processor seconds here ({read_s:.2f} more to turn parsed files into "
        f"arrays), {their_s:.1f} in the official package with its reading, {their_s / own_s:.0f} times as many "
        f"({their_s / (own_s + read_s):.0f} times with the reading). "
        f"Difference of the loose Average-mAP: {abs(own - theirs):.1e}."
    )


def _official(official: Any, root: Path, games: list[str]) -> float:
    original = official.getListGames
    official.getListGames = lambda **_: list(games)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return float(official.evaluate(str(root), str(root), metric="loose")["a_mAP"])
    finally:
        official.getListGames = original


def _game(folder: Path, rng: np.random.Generator) -> tuple[dict[str, Any], dict[str, Any]]:
    folder.mkdir()
    annotations = [
        {
            "gameTime": f"{half} - 00:00",
            "label": str(rng.choice(SOCCERNET_V2.labels)),
            "position": str(int(rng.integers(0, 2_700_000))),
            "team": "home",
            "visibility": "visible" if rng.random() < 0.8 else "not shown",
        }
        for half in rng.integers(1, 3, _LABELS_A_GAME).tolist()
    ]
    predictions = [
        {
            "gameTime": f"{half} - 00:00",
            "label": str(rng.choice(SOCCERNET_V2.labels)),
            "position": str(int(rng.integers(0, 2_700_000))),
            "half": str(half),
            "confidence": str(float(rng.random())),
        }
        for half in rng.integers(1, 3, _PREDICTIONS_A_GAME).tolist()
    ]
    truth, told = {"annotations": annotations}, {"predictions": predictions}
    (folder / "Labels-v2.json").write_text(json.dumps(truth), encoding="utf-8")
    (folder / "results_spotting.json").write_text(json.dumps(told), encoding="utf-8")
    return truth, told
