"""SoccerNet-v2 as it lies on disk: features, labels and, where they were fetched, calibrations and boxes of each half.

    <root>/<league>/<season>/<game>/1_ResNET_TF2_PCA512.npy   (N, D) rows, 2 a second (1 for baidu_soccer_embeddings)
                                    2_ResNET_TF2_PCA512.npy
                                    Labels-v2.json
                                    1_field_calib_ccbv.json, 1_player_boundingbox_maskrcnn.json   (branches only)

Games of a split are those of ``<root>/<split>.txt`` (one a line) where that file exists, else the official list of the
SoccerNet package. Its pitch frame has y towards the main camera; it is turned here.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.core.problems import InputProblem
from analysis.core.records import (
    CalibrationTrack,
    FeatureSequence,
    FloatArray,
    PlayersTrack,
)
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.datasets.soccernet import LABELS_FILE, half_labels

SPLITS = ("train", "valid", "test", "challenge")
DEFAULT_FEATURES = "ResNET_TF2_PCA512"
RATE_HZ = 2.0
RATES_HZ = {"baidu_soccer_embeddings": 1.0}
CALIBRATIONS_FILE = "{}_field_calib_ccbv.json"
BOXES_FILE = "{}_player_boundingbox_maskrcnn.json"
# The published confidence floor is 0.75; ours separates with 0.3. Theirs is mapped onto ours where tracks are built.
PUBLISHED_FLOOR = 0.75


@dataclass(frozen=True, slots=True)
class GameHalf:
    """One half of a game.

    Args:
        number: 1 or 2.
        folder: of the game.
        features: of the pictures.
        event_ms, event_shown: per class, times and visibility; empty for games without labels.
    """

    number: int
    folder: Path
    features: FeatureSequence
    event_ms: list[NDArray[np.int64]]
    event_shown: list[NDArray[np.bool_]]

    def tracks(self) -> tuple[CalibrationTrack, PlayersTrack]:
        """Where the camera looked and where people stood.

        Raises:
            InputProblem: the files of calibrations and boxes are missing or cannot be read.
        """
        return read_tracks(self.folder, self.number, len(self.features.values))


@dataclass(frozen=True, slots=True)
class Game:
    """One game: its name as SoccerNet writes it, and its halves."""

    name: str
    halves: list[GameHalf]


def split_names(root: Path, split: str) -> list[str]:
    """Games of a split, in the order of its list.

    Raises:
        InputProblem: an unknown split, or no list of it.
    """
    if split not in SPLITS:
        raise InputProblem(
            "split_unknown", f"There is no split {split!r}; choose {', '.join(SPLITS)}."
        )
    own = root / f"{split}.txt"
    if own.is_file():
        return [
            line.strip() for line in own.read_text(encoding="utf-8").splitlines() if line.strip()
        ]
    try:
        source = resources.files("SoccerNet") / "data" / f"SoccerNetGames{split.capitalize()}.json"
        official = json.loads(source.read_text(encoding="utf-8"))
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise InputProblem(
            "split_unknown",
            f"The list of {split} games is unknown: install the SoccerNet package, or list the games in {split}.txt.",
        ) from error
    return [
        f"{league}/{season}/{game}"
        for league, seasons in official.items()
        for season, games in seasons.items()
        for game in games
    ]


def read_split(root: Path, split: str, features: str = "") -> list[Game]:
    """The games of a split that lie in a folder.

    Args:
        root: see the module.
        split: ``train``, ``valid``, ``test`` or ``challenge``.
        features: name of the feature files without half and ending; empty for ``DEFAULT_FEATURES``.

    Raises:
        InputProblem: none of them lies there, or a file cannot be read.
    """
    if not root.is_dir():
        raise InputProblem("no_such_path", f"There is no folder {root}.")
    games = list(_games(root, split_names(root, split), features or DEFAULT_FEATURES))
    if not games:
        raise InputProblem(
            "no_games",
            f"None of the {split} games lies in {root.name} with {features or DEFAULT_FEATURES} features; "
            "see docs/reproduce.md for the layout.",
        )
    return games


def _games(root: Path, names: Sequence[str], features: str) -> Iterator[Game]:
    for name in names:
        folder = root / name
        paths = {half: folder / f"{half}_{features}.npy" for half in (1, 2)}
        halves = []
        labels = labels_of(folder)
        for half, path in paths.items():
            if path.is_file():
                sequence = read_features(path, RATES_HZ.get(features, RATE_HZ))
                halves.append(GameHalf(half, folder, sequence, *labels[half]))
        if halves:
            yield Game(name, halves)


def labels_of(folder: Path) -> dict[int, tuple[list[NDArray[np.int64]], list[NDArray[np.bool_]]]]:
    """Half -> per class, times in ms and visibility, of a game's folder; nothing where it has no labels.

    Raises:
        InputProblem: labels that cannot be read.
    """
    path = folder / LABELS_FILE
    n_classes = len(SOCCERNET_V2)
    if not path.is_file():
        nothing = [np.zeros(0, np.int64)] * n_classes, [np.zeros(0, bool)] * n_classes
        return {1: nothing, 2: nothing}
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputProblem(
            "not_json", f"{path.name} of {folder.name} is not JSON: {error}."
        ) from error
    answer = {}
    for number, half in enumerate(half_labels(document), start=1):
        own = [half.label == label for label in range(n_classes)]
        answer[number] = ([half.position_ms[o] for o in own], [half.is_shown[o] for o in own])
    return answer


def read_features(path: Path, rate_hz: float) -> FeatureSequence:
    """Feature rows of one half from a ``.npy`` file.

    Raises:
        InputProblem: ``features_unreadable`` or ``features_shape``.
    """
    try:
        values = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputProblem(
            "features_unreadable",
            f"{path.name} is no NumPy array of numbers: name a .npy file of features.",
        ) from error
    if not isinstance(values, np.ndarray) or values.ndim != 2 or values.dtype.kind not in "fiu":
        shape = getattr(values, "shape", "an archive")
        raise InputProblem(
            "features_shape",
            f"{path.name} holds {shape}; features are rows of numbers, one row a sample (N, D).",
        )
    return FeatureSequence(values.astype(np.float32), rate_hz)


def read_tracks(folder: Path, half: int, n_rows: int) -> tuple[CalibrationTrack, PlayersTrack]:
    """Published calibrations and boxes of a half on the clock of its features.

    Raises:
        InputProblem: missing or unreadable files.
    """
    calibrations = _document(folder / CALIBRATIONS_FILE.format(half))
    boxes = _document(folder / BOXES_FILE.format(half))
    try:
        size = (int(calibrations["size"][2]), int(calibrations["size"][1]))
        track = _calibrations(calibrations["predictions"], size, n_rows)
        return track, _players(boxes["predictions"], track)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise InputProblem(
            "bad_soccernet_file",
            f"The calibrations or boxes of {folder.name} cannot be read ({error}).",
        ) from error


def _document(path: Path) -> Any:
    if not path.is_file():
        raise InputProblem(
            "calibrations_missing",
            f"{path.parent.name} has no {path.name}, which models that know the pitch learn from: fetch it with the "
            "SoccerNet package.",
        )
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputProblem("not_json", f"{path.name} is not JSON: {error}.") from error


def _calibrations(
    predictions: Sequence[Any], size: tuple[int, int], n_rows: int
) -> CalibrationTrack:
    matrices = np.full((n_rows, 3, 3), np.nan)
    confidence = np.zeros(n_rows)
    # Their y points to the main camera, ours away from it.
    turned = np.diag([1.0, -1.0, 1.0])
    for i, entry in enumerate(predictions[:n_rows]):
        if not entry:
            continue
        matrix = np.asarray(entry[0]["homography"], np.float64).reshape(3, 3) @ turned
        if np.isfinite(matrix).all() and abs(matrix[2, 2]) > 1e-12:
            matrices[i] = matrix / matrix[2, 2]
            confidence[i] = min(1.0, max(0.0, float(entry[0]["confidence"])))
    times_ms = np.round(np.arange(n_rows) * 1000 / RATE_HZ).astype(np.int64)
    status = np.where(confidence >= PUBLISHED_FLOOR, "ok", "refused")
    return CalibrationTrack(times_ms, np.arange(n_rows), matrices, confidence, status, size, "ccbv")


def _players(predictions: Sequence[Any], track: CalibrationTrack) -> PlayersTrack:
    samples, boxes, colours = [], [np.zeros((0, 4))], [np.zeros((0, 3))]
    for i, entry in enumerate(predictions[: len(track)]):
        own = np.asarray(entry["bboxes"], np.float64).reshape(-1, 4)
        samples += [i] * len(own)
        boxes.append(own)
        colours.append(np.asarray(entry["colors"], np.float64).reshape(len(own), -1)[:, :3])
    sample, box = np.array(samples, np.int64), np.concatenate(boxes)
    n_rows = len(sample)
    unknown = np.full(n_rows, -1, np.int64)
    none = np.zeros(0)
    return PlayersTrack(
        times_ms=track.times_ms[sample], frame_indices=sample, track_id=unknown, box_px=box,
        score=np.ones(n_rows), role=unknown, team=unknown, colour_rgb=np.concatenate(colours),
        pitch_xy_m=_feet_m(track, sample, box), sigma_m=np.full(n_rows, np.nan),
        source=np.zeros(n_rows, np.int64), ball_times_ms=np.zeros(0, np.int64),
        ball_xy_m=np.zeros((0, 2)), ball_px=np.zeros((0, 2)), ball_score=none,
    )  # fmt: skip


def _feet_m(track: CalibrationTrack, sample: NDArray[np.int64], box: FloatArray) -> FloatArray:
    """(N, 2) ground under the middle of each box's lower edge, NaN without a calibration."""
    foot = np.column_stack([(box[:, 0] + box[:, 2]) / 2, box[:, 3]])
    places = np.full((len(box), 2), np.nan)
    for i in np.unique(sample):
        calibration = track.row(int(i))
        if calibration is not None:
            own = sample == i
            places[own] = calibration.to_pitch(foot[own])
    return places
