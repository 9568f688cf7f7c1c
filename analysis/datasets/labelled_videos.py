"""Videos with their events: films as ``simulate`` writes them, and the videos of SoccerNet's layout.

    <folder>/<film>/match.mp4, events.csv                                  one half a film; a longer one is refused
    <root>/<league>/<season>/<game>/1_224p.mkv (or 1_720p.mkv), 2_224p.mkv, Labels-v2.json

Times are those of the video; SoccerNet's videos begin with the half.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.core import tables
from analysis.core.problems import InputProblem
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.datasets.soccernet import HALVES
from analysis.datasets.soccernet_features import labels_of, split_names

FILMS = "*/match.mp4"
EVENTS_FILE = "events.csv"
VIDEO_NAMES = ("{}_224p.mkv", "{}_720p.mkv")
"""Of a half, the smaller first: networks look at 224 pixels anyway."""


@dataclass(frozen=True, slots=True)
class LabelledVideo:
    """One half on film.

    Args:
        name: of the film, or of the game and half.
        path: of the video.
        event_ms, event_shown: per class of SoccerNet-v2, video times in ms and what was shown.
    """

    name: str
    path: Path
    event_ms: list[NDArray[np.int64]]
    event_shown: list[NDArray[np.bool_]]


def films_in(folder: Path) -> Iterator[LabelledVideo]:
    """The films of a folder, by name.

    Raises:
        InputProblem: ``labels_missing``, ``film_too_long``.
    """
    for path in sorted(folder.glob(FILMS)):
        times, shown = _events(path.parent / EVENTS_FILE)
        yield LabelledVideo(path.parent.name, path, times, shown)


def videos_of_split(root: Path, split: str) -> Iterator[LabelledVideo]:
    """The halves of a split of SoccerNet whose videos lie in a folder, in the order of the split's list.

    Raises:
        InputProblem: no such split, or labels that cannot be read.
    """
    for game in split_names(root, split):
        folder = root / game
        labels = labels_of(folder)
        for half in HALVES:
            paths = [folder / name.format(half) for name in VIDEO_NAMES]
            path = next((path for path in paths if path.is_file()), None)
            if path is not None:
                yield LabelledVideo(f"{game}/{half}", path, *labels[half])


def _events(path: Path) -> tuple[list[NDArray[np.int64]], list[NDArray[np.bool_]]]:
    if not path.is_file():
        raise InputProblem(
            "labels_missing", f"The film {path.parent.name} has no {EVENTS_FILE} beside it."
        )
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(tables.read_csv(tables.EVENTS, lines))
    if len({row["period"] for row in rows}) > 1:
        raise InputProblem(
            "film_too_long",
            f"The film {path.parent.name} holds two halves: simulate films of up to 55 minutes.",
        )
    times, shown = [], []
    for label in SOCCERNET_V2.labels:
        own = [row for row in rows if row["label"] == label]
        times.append(np.array([round(1000 * row["video_time_s"]) for row in own], np.int64))
        shown.append(np.array([row["note"] != "not shown" for row in own], bool))
    return times, shown
