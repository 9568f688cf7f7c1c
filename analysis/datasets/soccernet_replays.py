"""SoccerNet's replay grounding files: linked replays of the camera labels, and the proposals for each.

The official pairing (algorithms O.3) walks the annotations in order and knows a replay by its end; annotations mark the
*end* of their shot. Replays that the submission leaves out are not missed there; the own protocol counts them.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.core.problems import InputProblem
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.metrics.grounding import GroundedReplay

CAMERAS_FILE = "Labels-cameras.json"
PROPOSALS_FILE = "Detection-replays.json"


@dataclass(frozen=True, slots=True)
class LinkedReplay:
    """A labelled replay: its half, the second it ends and the second of its live moment in the same half."""

    half: int
    end_s: int
    action_s: int


def linked_replays(cameras: Any, half: int) -> list[LinkedReplay]:
    """Replays whose live moment lies in ``half``, as the official walk accepts them."""
    previous_s: int | None = None
    found = []
    for entry in cameras["annotations"]:
        end_s = _clock_s(str(entry["gameTime"]).partition("-")[2])
        link = entry.get("link")
        usable = link is not None and int(link["half"]) == half and link["label"] in SOCCERNET_V2
        if not usable or previous_s == end_s:
            previous_s = end_s
            continue
        found.append(LinkedReplay(half, end_s, _clock_s(link["time"])))
    return found


def grounded_replays(
    cameras: Any, proposals: Any, *, count_missing: bool = False
) -> list[GroundedReplay]:
    """Pair the proposals of one game with its labels.

    Args:
        cameras: parsed ``Labels-cameras.json``.
        proposals: parsed ``Detection-replays.json``.
        count_missing: own protocol: labelled replays without proposals count as missed.

    Raises:
        InputProblem: keys are missing.
    """
    try:
        return _grounded(cameras, proposals, count_missing=count_missing)
    except (KeyError, TypeError, ValueError) as error:
        raise InputProblem(
            "bad_soccernet_entry", f"A replay entry cannot be read: {error}."
        ) from error


def _grounded(cameras: Any, proposals: Any, *, count_missing: bool) -> list[GroundedReplay]:
    linked = {half: linked_replays(cameras, half) for half in (1, 2)}
    met: set[tuple[int, int]] = set()
    pairs = []
    for replay in proposals["Replays"]:
        half, end_s = int(replay["half"]), int(replay["end"])
        truth = next((item for item in linked[half] if item.end_s == end_s), None)
        if truth is None:
            continue
        met.add((half, end_s))
        proposed_s = np.array([item["time"] for item in replay["detection"]], dtype=np.float64)
        score = np.array([item["score"] for item in replay["detection"]], dtype=np.float64)
        pairs.append(GroundedReplay(truth.action_s, proposed_s, score))
    if count_missing:
        missed = [
            item for half in linked.values() for item in half if (item.half, item.end_s) not in met
        ]
        pairs += [GroundedReplay(item.action_s, np.zeros(0), np.zeros(0)) for item in missed]
    return pairs


def _clock_s(text: str) -> int:
    minutes, _, seconds = text.strip().rpartition(":")
    return int(minutes) * 60 + int(seconds)
