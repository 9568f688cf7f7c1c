"""Which event a person should look at next: by what a look is expected to gain, with random ones in between.

The gain of a look is the doubt it removes, the entropy of the event's confidence in bits, times what the kind of event
matters to a coach. Every eighth place goes to an event drawn at random from all: from those alone the share of right
events can be told without bias. The order depends on the run's events only, so it stays while people work through it.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# What a class is worth a look, against 1 for most of them.
IMPORTANCE: Mapping[str, float] = {
    "Goal": 4.0,
    "Penalty": 4.0,
    "Red card": 3.0,
    "Yellow->red card": 3.0,
    "Shots on target": 2.5,
    "Shots off target": 2.0,
    "Yellow card": 1.5,
    "Kick-off": 1.5,
    "Ball out of play": 0.5,
    "Clearance": 0.6,
}
# One in eight: 12.5 %, above the tenth that an estimate needs.
RANDOM_EVERY = 8
GOAL_SHARE = 0.95
# Before a person's own pace is known.
USUAL_SECONDS_A_LOOK = 8.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """An event as the queue sees it.

    Args:
        id: of the event.
        label: the model's label.
        confidence: the model's, 0 to 1.
        is_reviewed: whether a person has spoken about it.
    """

    id: int
    label: str
    confidence: float
    is_reviewed: bool


@dataclass(frozen=True, slots=True)
class Pick:
    """A place in the queue."""

    id: int
    is_random: bool
    gain: float
    is_reviewed: bool


@dataclass(frozen=True, slots=True)
class Meter:
    """How far the review is.

    Args:
        n_all, n_reviewed: events.
        share_won: of the expected gain of looking at everything, 0 to 1.
        n_left: looks until ``GOAL_SHARE`` of it is won.
        minutes_left: for those, at the person's pace.
    """

    n_all: int
    n_reviewed: int
    share_won: float
    n_left: int
    minutes_left: float


def gain(label: str, confidence: float) -> float:
    """Expected gain of a look: bits of doubt times importance."""
    p = min(max(confidence, 0.001), 0.999)
    bits = -(p * math.log2(p) + (1 - p) * math.log2(1 - p))
    return bits * IMPORTANCE.get(label, 1.0)


def queue(candidates: Sequence[Candidate], seed: int) -> list[Pick]:
    """Every event once, best first, every ``RANDOM_EVERY``-th drawn at random by ``seed``."""
    worth = {row.id: gain(row.label, row.confidence) for row in candidates}
    by_id = {row.id: row for row in candidates}
    best = sorted(by_id, key=lambda pk: (-worth[pk], pk))
    drawn = sorted(by_id)
    random.Random(seed).shuffle(drawn)
    picks: list[Pick] = []
    used: set[int] = set()
    heads = {False: iter(best), True: iter(drawn)}
    while len(picks) < len(by_id):
        is_random = len(picks) % RANDOM_EVERY == RANDOM_EVERY - 1
        pk = next(pk for pk in heads[is_random] if pk not in used)
        used.add(pk)
        picks.append(Pick(pk, is_random, worth[pk], by_id[pk].is_reviewed))
    return picks


def meter(picks: Sequence[Pick], seconds_a_look: float = USUAL_SECONDS_A_LOOK) -> Meter:
    """How far the review is, and how long until ``GOAL_SHARE`` of what can be won is won."""
    total = sum(pick.gain for pick in picks)
    won = sum(pick.gain for pick in picks if pick.is_reviewed)
    n_reviewed = sum(pick.is_reviewed for pick in picks)
    n_left, reached = 0, won
    for pick in picks:
        if reached >= GOAL_SHARE * total:
            break
        if not pick.is_reviewed:
            reached += pick.gain
            n_left += 1
    share = won / total if total else 1.0
    return Meter(len(picks), n_reviewed, share, n_left, n_left * seconds_a_look / 60)


def wilson(n_right: int, n_all: int, z: float = 1.96) -> tuple[float, float]:
    """Interval of a share from ``n_right`` of ``n_all`` (E. B. Wilson, 1927); (0, 1) for none."""
    if n_all == 0:
        return 0.0, 1.0
    share = n_right / n_all
    centre = (share + z * z / (2 * n_all)) / (1 + z * z / n_all)
    half = z / (1 + z * z / n_all)
    half *= math.sqrt(share * (1 - share) / n_all + z * z / (4 * n_all * n_all))
    return max(0.0, centre - half), min(1.0, centre + half)
