"""Events that a run tells a second time while they are repeated, or shortly after it."""

from collections.abc import Sequence

from analysis.core.records import ActionSpot

_SAME_EVENT_MS, _AFTER_MS = 5000, 5000

Event = tuple[int, str]
"""Its time in milliseconds and its label."""


def twice(
    events: Sequence[Event], told: Sequence[ActionSpot], repeated: Sequence[tuple[Event, int, int]]
) -> tuple[int, int]:
    """(true events told at all, those told again during a replay of them or within 5 s after it).

    Args:
        events: the true ones.
        told: what was found, of the same video.
        repeated: (event, begin, end in milliseconds) of every replay of a known event.
    """
    n_told = n_twice = 0
    for time_ms, label in events:
        own = [one.position_ms for one in told if one.label == label]
        if not any(abs(one - time_ms) <= _SAME_EVENT_MS for one in own):
            continue
        n_told += 1
        alike = [other for other, name in events if name == label]
        spans = [(begin, end) for event, begin, end in repeated if event == (time_ms, label)]
        n_twice += any(
            begin <= one <= end + _AFTER_MS
            for one in own
            for begin, end in spans
            # Near no event of the class at all: another true one would be no repetition.
            if min(abs(other - one) for other in alike) > _SAME_EVENT_MS
        )
    return n_told, n_twice
