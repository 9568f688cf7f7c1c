"""Files about people read for scoring: labelled boxes, what ``locate`` wrote, and tracking of a simulation or a run."""

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.core.problems import InputProblem
from analysis.metrics.ground import GroundSample
from analysis.metrics.localization import People

TRACKING = "tracking.csv.gz"
LEAST_VISIBLE_SHARE = 0.5
SAME_MOMENT_MS = 21


def read_labelled_boxes(path: Path) -> dict[str, People]:
    """People by picture name from boxes with relative corners and a class; the ball is left out.

    The boxes stay relative: see ``in_pixels``.
    """
    pictures = {}
    for entry in _entries(path):
        people = [box for box in entry["boxes"] if box["class"] != "ball"]
        pictures[Path(entry["image"]).name] = People(
            np.array([box["box_rel"] for box in people], np.float64).reshape(-1, 4),
            np.ones(len(people)),
            tuple(box["class"] for box in people),
        )
    return pictures


def in_pixels(people: People, size_px: tuple[int, int]) -> People:
    """Relative boxes turned to pixels of a picture of ``size_px`` (width, height)."""
    return People(people.box_px * np.array([*size_px, *size_px]), people.score, people.role)


def read_located(path: Path) -> dict[str, tuple[People, tuple[int, int]]]:
    """(people, picture size) by picture name from what ``python -m analysis locate`` writes."""
    pictures = {}
    for entry in _entries(path):
        players = entry["players"]
        people = People(
            np.array([one["box_px"] for one in players], np.float64).reshape(-1, 4),
            np.array([one["score"] for one in players], np.float64),
            tuple(one.get("role") for one in players),
        )
        size_px = (int(entry["width_px"]), int(entry["height_px"]))
        pictures[Path(entry["image"]).name] = (people, size_px)
    return pictures


def paired_boxes(labels: Path, predictions: Path) -> list[tuple[People, People]]:
    """(found, truth) in pixels for every labelled picture; pictures nobody predicted count as empty."""
    try:
        truth, located = read_labelled_boxes(labels), read_located(predictions)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputProblem(
            "people_unreadable",
            "These are not boxes and what `python -m analysis locate` wrote; check the two files.",
        ) from error
    nobody = People(np.zeros((0, 4)), np.zeros(0), ())
    pairs = []
    for name, people in truth.items():
        found, size_px = located.get(name, (nobody, (1, 1)))
        pairs.append((found, in_pixels(people, size_px)))
    return pairs


def paired_ground(simulation: Path, run: Path) -> list[tuple[GroundSample, GroundSample]]:
    """(found, truth) for every calibrated sample of a run; truth is whoever is at least half visible then.

    Args:
        simulation: folder that ``python -m analysis simulate`` wrote.
        run: folder that ``python -m analysis run`` wrote for its video.
    """
    for folder, name in ((simulation, "boxes.csv"), (simulation, TRACKING), (run, TRACKING)):
        if not (folder / name).is_file():
            raise InputProblem(
                "people_missing",
                f"{folder.name!r} holds no {name}; name the folders of a simulation and of its run.",
            )
    heights: dict[tuple[int, int], float] = {
        (_ms(row), int(row["player_id"])): float(row["y1"]) - float(row["y0"])
        for row in _rows(simulation / "boxes.csv")
        if float(row["visible_share"]) >= LEAST_VISIBLE_SHARE
    }
    moments = np.array(sorted({time_ms for time_ms, _ in heights}), np.int64)
    calibrated: dict[int, int] = {}  # time of the sample -> moment of the truth
    found: dict[int, list[dict[str, str]]] = defaultdict(list)
    for row in _rows(run / TRACKING):
        time_ms = _ms(row)
        nearest = _nearest(moments, time_ms)
        if row["calib_ok"] == "1" and nearest is not None:
            calibrated[time_ms] = nearest
        if row["role"] != "ball" and row["x_m"]:
            found[time_ms].append(row)
    truth: dict[int, list[dict[str, str]]] = defaultdict(list)
    wanted = set(calibrated.values())
    for row in _rows(simulation / TRACKING):
        time_ms = _ms(row)
        if time_ms in wanted and (time_ms, int(row["track_id"])) in heights:
            truth[time_ms].append(row)
    return [
        (_sample(found[time_ms], time_ms, {}), _sample(truth[moment], moment, heights))
        for time_ms, moment in sorted(calibrated.items())
    ]


def _ms(row: dict[str, str]) -> int:
    return round(float(row["video_time_s"]) * 1000)


def _nearest(moments: NDArray[np.int64], time_ms: int) -> int | None:
    """The truth's moment a sample shows: films of few frames a second have fewer moments than their truth."""
    if not len(moments):
        return None
    near = int(moments[np.abs(moments - time_ms).argmin()])
    return near if abs(near - time_ms) <= SAME_MOMENT_MS else None


def _sample(
    rows: list[dict[str, str]], time_ms: int, heights: dict[tuple[int, int], float]
) -> GroundSample:
    identity = [int(row["track_id"] or -1) for row in rows]
    return GroundSample(
        np.array([[float(row["x_m"]), float(row["y_m"])] for row in rows]).reshape(-1, 2),
        np.array(identity, np.int64),
        tuple(f"{row['team']}/{row['role']}" for row in rows),
        time_ms,
        np.array([heights.get((time_ms, who), np.nan) for who in identity]),
    )


def _entries(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        raise InputProblem("people_missing", f"There is no file {path.name!r}; check the name.")
    entries = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(entries, list):
        raise ValueError("a list of pictures is expected")
    return entries


def _rows(path: Path) -> Iterator[dict[str, str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)
