"""Candidates to events: thresholds and one window of suppression per class, applied once, for every spotter.

A candidate survives when its confidence reaches its class's threshold and no stronger candidate of its half and class
lies within the class's window (centred, ends included). Ties go to the earlier one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from analysis.core.records import ActionSpot


@dataclass(frozen=True, slots=True)
class Rules:
    """What is kept.

    Args:
        threshold: least confidence of classes without their own.
        thresholds: class -> least confidence.
        window_ms: width of the window of classes without their own; 0 keeps everything.
        windows_ms: class -> width.
    """

    threshold: float = 0.0
    thresholds: Mapping[str, float] = field(default_factory=dict)
    window_ms: int = 20_000
    windows_ms: Mapping[str, int] = field(default_factory=dict)


def postprocess(candidates: Iterable[ActionSpot], rules: Rules) -> list[ActionSpot]:
    """Events in order of half and time."""
    by_class: dict[tuple[int, str], list[ActionSpot]] = defaultdict(list)
    for spot in candidates:
        if spot.confidence >= rules.thresholds.get(spot.label, rules.threshold):
            by_class[spot.half, spot.label].append(spot)
    kept: list[ActionSpot] = []
    for (_, label), spots in by_class.items():
        kept.extend(_suppressed(spots, rules.windows_ms.get(label, rules.window_ms) / 2))
    return sorted(kept, key=lambda spot: (spot.half, spot.position_ms, spot.label))


def _suppressed(spots: list[ActionSpot], reach_ms: float) -> list[ActionSpot]:
    kept: list[ActionSpot] = []
    for spot in sorted(spots, key=lambda one: (-one.confidence, one.position_ms)):
        near = (abs(spot.position_ms - other.position_ms) <= reach_ms for other in kept)
        if reach_ms <= 0 or not any(near):
            kept.append(spot)
    return kept
