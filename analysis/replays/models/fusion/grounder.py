"""Which live moment a replay repeats: among the events spotted shortly before it, else where play was cut away from.

After the fusion step of Zhou et al. 2021 (replay grounding, SoccerNet challenge): events of the labels that are most
often repeated, within 42 s before the replay, the nearest one raised and the second lowered. Nothing here is learned.
"""

from collections.abc import Sequence

from analysis.core.records import ActionSpot, CameraShot
from analysis.core.vocabulary import CAMERAS
from analysis.replays.base import Grounded, Proposal

REPEATED = frozenset(
    {"Foul", "Goal", "Shots off target", "Shots on target", "Offside", "Penalty", "Yellow card"}
)
WINDOW_MS = 42_000
LEAST_SCORE = 0.02
_NEAREST, _SECOND = 1.25, 0.8
# A director leaves the main camera so long after what was worth it.
_CUT_AFTER_MS = 1600
_CUT_SCORE = 0.25
_MAIN = CAMERAS.labels[0]


class Fusion:
    """See ``replays.base.Grounder``."""

    def ground(self, shots: Sequence[CameraShot], spots: Sequence[ActionSpot]) -> Grounded:
        """See the protocol; angles in a row share their proposals."""
        return proposals(shots, spots)


def proposals(shots: Sequence[CameraShot], spots: Sequence[ActionSpot]) -> Grounded:
    """(replay shot, its proposals, the best first) of every replay; angles in a row share theirs.

    Args:
        shots: of one video, in time order.
        spots: events of the same video.
    """
    found: Grounded = []
    begin_ms = last_main_ms = None
    shared: list[Proposal] = []
    for shot in shots:
        if not shot.is_replay:
            begin_ms = None
            if shot.camera == _MAIN:
                last_main_ms = shot.end_ms
            continue
        if begin_ms is None:
            begin_ms = shot.start_ms
            shared = _before(begin_ms, last_main_ms, spots)
        found.append((shot, shared))
    return found


def _before(begin_ms: int, last_main_ms: int | None, spots: Sequence[ActionSpot]) -> list[Proposal]:
    near = sorted(
        (
            spot
            for spot in spots
            if spot.label in REPEATED
            and spot.confidence > LEAST_SCORE
            and begin_ms - WINDOW_MS <= spot.position_ms <= begin_ms
        ),
        key=lambda spot: -spot.position_ms,
    )
    factors = [_NEAREST, _SECOND]
    made = [
        Proposal(spot.position_ms, min(1.0, spot.confidence * factor))
        for spot, factor in zip(near, factors, strict=False)
    ]
    if last_main_ms is not None and begin_ms - last_main_ms < WINDOW_MS:
        made.append(Proposal(max(0, last_main_ms - _CUT_AFTER_MS), _CUT_SCORE))
    return sorted(made, key=lambda one: -one.score)
