"""The marks of a pitch that a person can drag over a picture, and what is taken of what a browser sends about them."""

import math
from typing import Any

from analysis.core.pitch import (
    CIRCLE_RADIUS_M,
    GOAL_AREA_DEPTH_M,
    GOAL_AREA_WIDTH_M,
    GOAL_WIDTH_M,
    PENALTY_AREA_DEPTH_M,
    PENALTY_AREA_WIDTH_M,
    PENALTY_MARK_M,
    PitchSpec,
)
from analysis.core.problems import InputProblem

MAX_MARKS = 40
# No picture is larger, and no drag ends further outside of one.
LARGEST_PX = 20_000
_SIDES = (("left", -1.0), ("right", 1.0))
_NEAR_FAR = (("near", -1.0), ("far", 1.0))


def places(pitch: PitchSpec) -> list[tuple[str, float, float]]:
    """Every point that can be dragged: (words, x, y) in metres."""
    half_x, half_y = pitch.length_m / 2, pitch.width_m / 2
    found = [("centre spot", 0.0, 0.0)]
    for depth, sign in _NEAR_FAR:
        found += [
            (f"halfway line, {depth} touch line", 0.0, sign * half_y),
            (f"centre circle, {depth}", 0.0, sign * CIRCLE_RADIUS_M),
        ]
    for side, sign in _SIDES:
        goal = sign * half_x
        front, small = goal - sign * PENALTY_AREA_DEPTH_M, goal - sign * GOAL_AREA_DEPTH_M
        found.append((f"penalty mark, {side}", goal - sign * PENALTY_MARK_M, 0.0))
        found.append((f"centre circle, {side}", sign * CIRCLE_RADIUS_M, 0.0))
        for depth, way in _NEAR_FAR:
            found += [
                (f"corner flag, {side} {depth}", goal, way * half_y),
                (f"penalty area on the goal line, {side} {depth}", goal, way * PENALTY_AREA_WIDTH_M / 2),
                (f"penalty area front, {side} {depth}", front, way * PENALTY_AREA_WIDTH_M / 2),
                (f"goal area on the goal line, {side} {depth}", goal, way * GOAL_AREA_WIDTH_M / 2),
                (f"goal area front, {side} {depth}", small, way * GOAL_AREA_WIDTH_M / 2),
                (f"goal post, {side} {depth}", goal, way * GOAL_WIDTH_M / 2),
            ]  # fmt: skip
    return found


def of_pitch(pitch: PitchSpec) -> dict[str, Any]:
    """Marks for the page: ``lines`` (name, words, two ends) and ``points`` (words, place), metres."""
    return {
        "lines": [
            {"name": name, "words": name.replace("_", " "), "ends": ends.tolist()}
            for name, ends in pitch.straight_lines.items()
        ],
        "points": [{"words": words, "place": [x, y]} for words, x, y in places(pitch)],
    }


def checked(asked: Any, pitch: PitchSpec) -> dict[str, Any]:
    """What was dragged, with nothing in it but that.

    Args:
        asked: ``{"points": [{"pitch_xy_m", "pixel"}], "lines": [{"mark", "pixels": [[x, y], [x, y]]}]}``.
        pitch: size of the match's pitch.

    Raises:
        InputProblem: ``repair_marks_bad``, ``repair_empty``.
    """
    bad = InputProblem("repair_marks_bad", "These marks cannot be read; open the tool anew.")
    try:
        points = [
            {"pitch_xy_m": _pair(row["pitch_xy_m"], 100), "pixel": _pair(row["pixel"], LARGEST_PX)}
            for row in asked.get("points", [])
        ]
        lines = [
            {"mark": str(row["mark"]), "pixels": [_pair(one, LARGEST_PX) for one in row["pixels"]]}
            for row in asked.get("lines", [])
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise bad from error
    if len(points) + len(lines) > MAX_MARKS or any(
        row["mark"] not in pitch.straight_lines or len(row["pixels"]) != 2 for row in lines
    ):
        raise bad
    if not points and not lines:
        raise InputProblem(
            "repair_empty", "Nothing was moved: drag a point or a line of the pitch."
        )
    return {"points": points, "lines": lines}


def _pair(values: Any, limit: float) -> list[float]:
    x, y = (float(value) for value in values)
    if not (math.isfinite(x) and math.isfinite(y) and abs(x) <= limit and abs(y) <= limit):
        raise ValueError("out of range")
    return [round(x, 3), round(y, 3)]
