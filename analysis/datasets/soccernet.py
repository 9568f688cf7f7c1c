"""SoccerNet's files and our values: labels and predictions in, from folders or zips, one folder a game.

``Labels-v2.json`` and ``results_spotting.json`` lie below a folder named like the game
(``league/season/game``); a zip holds the same tree.
"""

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from analysis.core.clock import game_time
from analysis.core.problems import InputProblem
from analysis.core.records import ActionSpot
from analysis.core.vocabulary import SOCCERNET_V2, LabelSet
from analysis.metrics.spotting import HalfLabels, HalfPredictions

LABELS_FILE = "Labels-v2.json"
PREDICTIONS_FILE = "results_spotting.json"
HALVES = (1, 2)
MAX_FILE_BYTES = 200 * 1024**2


def read_games(path: Path, file_name: str) -> dict[str, Any]:
    """Parsed JSON of every ``file_name`` below a folder or zip, by game (its folder, relative, ``/`` between parts).

    A path straight to one JSON file is a single game named ``""``.

    Raises:
        InputProblem: nothing there, not JSON, or no such file inside.
    """
    games = dict(_walk(path, file_name))
    if not games:
        raise InputProblem(
            "no_games", f"{path.name} holds no {file_name}; expected one in each game's folder."
        )
    return games


def pair_games(labels: dict[str, Any], predictions: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """(game, its labels, its predictions) of every labelled game.

    A game is found by its path, or by the one predicted path that ends like it (zips often add a top folder).

    Raises:
        InputProblem: a labelled game has no predictions, naming the first few.
    """
    if list(labels) == [""] and len(predictions) == 1:
        return [("", labels[""], next(iter(predictions.values())))]
    pairs, missing = [], []
    for game, truth in labels.items():
        found = _same_game(game, predictions)
        if found is None:
            missing.append(game)
        else:
            pairs.append((game, truth, predictions[found]))
    if missing:
        raise InputProblem(
            "missing_predictions",
            f"{len(missing)} of {len(labels)} labelled games have no predictions, such as {', '.join(missing[:3])}.",
        )
    return pairs


def half_labels(document: Any, label_set: LabelSet = SOCCERNET_V2) -> list[HalfLabels]:
    """True events of halves 1 and 2; labels outside the set are left out, as officially.

    Raises:
        InputProblem: entries without label or time.
    """
    rows: dict[int, list[tuple[int, int, bool]]] = {half: [] for half in HALVES}
    index_of = {label: number for number, label in enumerate(label_set.labels)}
    for entry in _entries(document, "annotations"):
        half, position_ms = _checked(entry, _label_time)
        label = index_of.get(str(entry.get("label")))
        if label is not None and half in rows:
            is_shown = entry.get("visibility") != "not shown"
            rows[half].append((position_ms, label, is_shown))
    return [
        HalfLabels(
            position_ms=np.array([row[0] for row in rows[half]], dtype=np.int64),
            label=np.array([row[1] for row in rows[half]], dtype=np.int64),
            is_shown=np.array([row[2] for row in rows[half]], dtype=bool),
        )
        for half in HALVES
    ]


def half_predictions(document: Any, label_set: LabelSet = SOCCERNET_V2) -> list[HalfPredictions]:
    """Predicted events of halves 1 and 2; labels outside the set are left out, as officially.

    Raises:
        InputProblem: entries without half, position or confidence.
    """
    rows: dict[int, list[tuple[int, int, float]]] = {half: [] for half in HALVES}
    index_of = {label: number for number, label in enumerate(label_set.labels)}
    for entry in _entries(document, "predictions"):
        half, position_ms, confidence = _checked(entry, _prediction_values)
        label = index_of.get(str(entry.get("label")))
        if label is not None and half in rows:
            rows[half].append((position_ms, label, confidence))
    return [
        HalfPredictions(
            position_ms=np.array([row[0] for row in rows[half]], dtype=np.int64),
            label=np.array([row[1] for row in rows[half]], dtype=np.int64),
            confidence=np.array([row[2] for row in rows[half]], dtype=np.float64),
        )
        for half in HALVES
    ]


def predictions_document(
    spots: Sequence[ActionSpot], kickoffs_ms: Mapping[int, int], start_ms: int = 0, url: str = ""
) -> dict[str, Any]:
    """Events in the form of ``results_spotting.json``: all values text, times from the half's kick-off.

    Args:
        spots: events at video times.
        kickoffs_ms: half -> video time of its kick-off, where known; events before it are left out.
        start_ms: where a half without a known kick-off begins in the video.
        url: SoccerNet's name of the game.
    """
    predictions = []
    for spot in spots:
        position_ms = spot.position_ms - kickoffs_ms.get(spot.half, start_ms)
        if position_ms < 0:
            continue
        predictions.append(
            {
                "gameTime": game_time(spot.half, position_ms),
                "label": spot.label,
                "position": str(position_ms),
                "half": str(spot.half),
                "confidence": f"{spot.confidence:.6g}",
            }
        )
    return {"UrlLocal": url, "predictions": predictions}


def _label_time(entry: dict[str, Any]) -> tuple[int, int]:
    """(half, milliseconds): ``position`` where given, else the text ``H - MM:SS``, whose minutes may pass 99."""
    half_text, _, clock = str(entry["gameTime"]).partition("-")
    if "position" in entry:
        return int(half_text), int(entry["position"])
    minutes, _, seconds = clock.strip().rpartition(":")
    return int(half_text), (int(minutes) * 60 + int(seconds)) * 1000


def _prediction_values(entry: dict[str, Any]) -> tuple[int, int, float]:
    return int(entry["half"]), int(entry["position"]), float(entry["confidence"])


def _checked(entry: Any, read: Callable[[dict[str, Any]], Any]) -> Any:
    try:
        return read(entry)
    except (KeyError, TypeError, ValueError) as error:
        raise InputProblem(
            "bad_soccernet_entry", f"An entry cannot be read ({error}): {json.dumps(entry)[:200]}."
        ) from error


def _entries(document: Any, key: str) -> list[Any]:
    entries = document.get(key) if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise InputProblem(
            "bad_soccernet_file", f"A SoccerNet file of this kind has a list named {key!r}."
        )
    return entries


def _same_game(game: str, predictions: dict[str, Any]) -> str | None:
    if game in predictions:
        return game
    parts = PurePosixPath(game).parts
    alike = []
    for other in predictions:
        other_parts = PurePosixPath(other).parts
        shorter = min(len(parts), len(other_parts))
        if shorter and parts[-shorter:] == other_parts[-shorter:]:
            alike.append(other)
    return alike[0] if len(alike) == 1 else None


def _walk(path: Path, file_name: str) -> Iterator[tuple[str, Any]]:
    if path.is_dir():
        for found in sorted(path.rglob(file_name)):
            game = found.parent.relative_to(path).as_posix()
            yield ("" if game == "." else game), _parsed(found.read_bytes(), found.name)
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for item in sorted(archive.infolist(), key=lambda item: item.filename):
                inside = PurePosixPath(item.filename)
                if inside.name == file_name and item.file_size <= MAX_FILE_BYTES:
                    game = inside.parent.as_posix()
                    yield ("" if game == "." else game), _parsed(archive.read(item), item.filename)
    elif path.is_file():
        yield "", _parsed(path.read_bytes(), path.name)
    else:
        raise InputProblem("no_such_path", f"There is no file or folder {path}.")


def _parsed(content: bytes, name: str) -> Any:
    try:
        return json.loads(content)
    except ValueError as error:
        raise InputProblem("not_json", f"{name} is not JSON: {error}.") from error
