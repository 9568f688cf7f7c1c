"""Broadcast frames with labelled pitch points: the folder layout of ``annotations.json`` beside ``images/``.

Each record holds relative image positions of pitch points, their place on a 105 x 68 m pitch, and a homography fitted
to them at 1280x720. Neighbouring frames of a sequence are near-copies, so every split is by sequence.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.datasets.annotations import read_annotations

FloatArray = NDArray[np.float64]
LABEL_SIZE_PX = (1280, 720)
MAX_FIT_ERROR_PX = 6.0
MIN_POINTS = 6


@dataclass(frozen=True, slots=True)
class LabelledFrame:
    """One labelled frame.

    Args:
        image_path: picture file.
        sequence, kind: name of its sequence; ``tv`` or ``scouting_feed``.
        points_px: (N, 2) labelled points in pixels of a 1280x720 image.
        points_xy_m: (N, 2) the same points on the pitch, metres.
        image_from_pitch: (3, 3) homography fitted to them, to pixels of a 1280x720 image.
        fit_error_px: mean distance of the labelled points from that homography.
    """

    image_path: Path
    sequence: str
    kind: str
    points_px: FloatArray
    points_xy_m: FloatArray
    image_from_pitch: FloatArray
    fit_error_px: float


def read_labelled_frames(folder: Path, *, min_points: int = 4) -> list[LabelledFrame]:
    """Usable frames of a folder: not marked suspect, fitted within 6 px, with at least ``min_points`` points.

    Raises:
        InputProblem: no readable ``annotations.json`` in the folder.
    """
    records = read_annotations(folder, "labelled pitch frames")
    frames = []
    for record in records:
        points = record["points"]
        matrix = record.get("image_from_pitch_1280x720")
        error_px = record.get("fit_error_px", float("inf"))
        if matrix is None or record["suspect"] or error_px > MAX_FIT_ERROR_PX:
            continue
        if len(points) < min_points:
            continue
        relative = np.array([[point["x_rel"], point["y_rel"]] for point in points])
        frames.append(
            LabelledFrame(
                image_path=folder / record["image"],
                sequence=record["sequence"],
                kind=record["kind"],
                points_px=relative * np.array(LABEL_SIZE_PX, dtype=np.float64),
                points_xy_m=np.array([point["pitch_xy_m"] for point in points], dtype=np.float64),
                image_from_pitch=np.array(matrix, dtype=np.float64),
                fit_error_px=float(error_px),
            )
        )
    return frames


def fold_of_sequences(frames: Sequence[LabelledFrame], n_folds: int) -> dict[str, int]:
    """Which fold each sequence is held out in, balanced by frames within each kind, so that kinds spread over folds.

    Deterministic: largest sequences first, each into the fold that holds fewest frames of its kind, then fewest at all.
    """
    sizes: dict[str, int] = {}
    kinds: dict[str, str] = {}
    for frame in frames:
        sizes[frame.sequence] = sizes.get(frame.sequence, 0) + 1
        kinds[frame.sequence] = frame.kind
    of_kind = {kind: [0] * n_folds for kind in kinds.values()}
    total = [0] * n_folds
    folds: dict[str, int] = {}
    for sequence in sorted(sizes, key=lambda name: (kinds[name] != "tv", -sizes[name], name)):
        load = of_kind[kinds[sequence]] if kinds[sequence] == "tv" else total
        fold = min(range(n_folds), key=lambda k: (load[k], total[k], k))
        folds[sequence] = fold
        of_kind[kinds[sequence]][fold] += sizes[sequence]
        total[fold] += sizes[sequence]
    return folds


def write_labels_of(folder: Path, sequences: Collection[str], target: Path) -> None:
    """Write the records of some sequences, so that held-out frames can be scored by themselves."""
    records = json.loads((folder / "annotations.json").read_text(encoding="utf-8"))
    kept = [record for record in records if record["sequence"] in sequences]
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    part.write_text(json.dumps(kept), encoding="utf-8")
    part.replace(target)
