"""From proposals to one link a replay, and what several systems say put together."""

from collections.abc import Sequence

from analysis.core.records import ActionSpot, CameraShot, ReplayLink
from analysis.replays.base import Grounded, Grounder, Proposal

APART_MS = 25_000


def replay_links(
    grounder: Grounder, shots: Sequence[CameraShot], spots: Sequence[ActionSpot]
) -> list[ReplayLink]:
    """The best proposal of every replay; ``action_ms`` is None where there is none."""
    return [
        ReplayLink(
            shot.start_ms,
            shot.end_ms,
            told[0].time_ms if told else None,
            told[0].score if told else 0.0,
        )
        for shot, told in grounder.ground(shots, spots)
    ]


def apart(proposals: Sequence[Proposal], apart_ms: int = APART_MS) -> list[Proposal]:
    """The best first; none nearer to a better one than half of ``apart_ms`` (hard suppression, algorithms H.3)."""
    kept: list[Proposal] = []
    for one in sorted(proposals, key=lambda one: -one.score):
        if all(abs(one.time_ms - other.time_ms) >= apart_ms / 2 for other in kept):
            kept.append(one)
    return kept


def ensemble(answers: Sequence[Grounded]) -> Grounded:
    """Several systems' answers on the same replays as one: scores brought to [0, 1] each, then suppressed."""
    joined: Grounded = []
    peaks = [
        max((one.score for _, told in answer for one in told), default=0.0) or 1.0
        for answer in answers
    ]
    for parts in zip(*answers, strict=True):
        both = [
            Proposal(one.time_ms, min(1.0, one.score / peak))
            for (_, told), peak in zip(parts, peaks, strict=True)
            for one in told
        ]
        joined.append((parts[0][0], apart(both)))
    return joined
