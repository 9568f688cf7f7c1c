"""People on single pictures as the plain entries that ``python -m analysis locate`` writes."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analysis.core.pitch import PitchSpec
from analysis.core.problems import InputProblem
from analysis.core.records import Calibration, Detections
from analysis.core.vocabulary import CALIBRATION_STATES, ROLES
from analysis.localization.locator import ground_positions


def picture_entry(
    name: str,
    size_px: tuple[int, int],
    found: Detections,
    calibration: Calibration | None,
    pitch: PitchSpec,
    *,
    margin_m: float = 3.0,
) -> dict[str, Any]:
    """One picture's people and ball; whoever stands further than ``margin_m`` outside the lines is left out."""
    usable = calibration is not None and calibration.status != "refused"
    view = calibration if usable else None
    heights = found.box_px[:, 3] - found.box_px[:, 1]
    ground = ground_positions(found.foot_px, heights, view)
    keep = pitch.contains(ground.pitch_xy_m, margin_m=margin_m) | (view is None)
    order = np.flatnonzero(keep)[np.argsort(-found.score[keep], kind="stable")]
    players = [
        {
            "box_px": _rounded(found.box_px[i], 2),
            "score": round(float(found.score[i]), 4),
            "role": ROLES[found.role[i]] if found.role[i] >= 0 else None,
            "colour_rgb": _rounded(found.colour_rgb[i], 1),
            "pitch_xy_m": _rounded(ground.pitch_xy_m[i], 3),
        }
        for i in order
    ]
    return {
        "image": name,
        "width_px": size_px[0],
        "height_px": size_px[1],
        "players": players,
        "ball": _ball(found, view, pitch, margin_m),
    }


def unread_entry(name: str, sentence: str) -> dict[str, Any]:
    """The entry of a picture that cannot be read: nobody, and why."""
    return {
        "image": name,
        "width_px": None,
        "height_px": None,
        "players": [],
        "ball": None,
        "problem": sentence,
    }


def read_calibrations(path: Path) -> dict[str, Calibration]:
    """Calibrations by picture name from the file that ``python -m analysis calibrate`` writes; refused ones left out.

    Raises:
        InputProblem: ``calibrations_unreadable`` when it is no such file.
    """
    problem = InputProblem(
        "calibrations_unreadable",
        f"{path.name!r} is not a file of calibrations; write one with `python -m analysis calibrate`.",
    )
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return {
            Path(entry["image"]).name: _calibration(entry)
            for entry in entries
            if entry["image_from_pitch"] is not None and entry["status"] != "refused"
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise problem from error


def _calibration(entry: dict[str, Any]) -> Calibration:
    status = str(entry["status"])
    if status not in CALIBRATION_STATES:
        raise ValueError(f"status is one of {CALIBRATION_STATES}, got {status!r}")
    return Calibration(
        np.array(entry["image_from_pitch"], dtype=np.float64),
        (int(entry["width_px"]), int(entry["height_px"])),
        float(entry["confidence"]),
        status,
        str(entry.get("method", "file")),
    )


def _ball(
    found: Detections, view: Calibration | None, pitch: PitchSpec, margin_m: float
) -> dict[str, Any] | None:
    if found.ball_px is None:
        return None
    x, y, score = (float(value) for value in found.ball_px)
    place = None
    if view is not None:
        ground = view.to_pitch(np.array([[x, y]]))
        if pitch.contains(ground, margin_m=margin_m + 5.0)[0]:
            place = _rounded(ground[0], 3)
    return {"xy_px": [round(x, 2), round(y, 2)], "score": round(score, 4), "pitch_xy_m": place}


def _rounded(values: Sequence[float] | np.ndarray, places: int) -> list[float] | None:
    numbers = [round(float(value), places) for value in values]
    return numbers if all(math.isfinite(number) for number in numbers) else None
