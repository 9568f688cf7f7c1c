"""Periods of a match as people set them: kick-off and end in which video, and who attacks where. The only writer."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from webapp.analytics.models import Period, SpottedAction
from webapp.matches.models import Match, Video

NUMBERS = (1, 2, 3, 4, 5)
WORDS = {1: "First half", 2: "Second half", 3: "Extra time 1", 4: "Extra time 2", 5: "Shoot-out"}


@dataclass(frozen=True, slots=True)
class Mark:
    """One period as a person says it is.

    Args:
        number: 1 to 5.
        video: where its kick-off lies.
        kickoff_ms, end_ms: times of the video's own clock; the end may be unknown.
        home_attacks_right: None where nobody said.
    """

    number: int
    video: Video
    kickoff_ms: int
    end_ms: int | None
    home_attacks_right: bool | None


@transaction.atomic
def save(match: Match, marks: Sequence[Mark]) -> None:
    """Replace a match's periods by what a person confirmed; the events' halves and clocks follow."""
    kept = [mark.number for mark in marks]
    Period.objects.filter(match=match).exclude(number__in=kept).delete()
    for mark in marks:
        Period.objects.update_or_create(
            match=match,
            number=mark.number,
            defaults={
                "video": mark.video,
                "kickoff_ms": mark.kickoff_ms,
                "end_ms": mark.end_ms,
                "home_attacks_right": mark.home_attacks_right,
                "is_confirmed": True,
            },
        )
    renumber(match)


@transaction.atomic
def switch_sides(match: Match) -> bool:
    """Turn the attack direction of every period round; where nothing was said, the home team starts to the right.

    Returns:
        False when the match has no periods to turn.
    """
    periods = list(Period.objects.filter(match=match).order_by("number"))
    known = next((row for row in periods if row.home_attacks_right is not None), None)
    # What nobody said follows from the teams' changing ends with every period.
    number, right = (known.number, not known.home_attacks_right) if known else (1, True)
    for period in periods:
        said = period.home_attacks_right
        follows = right == ((period.number - number) % 2 == 0)
        period.home_attacks_right = follows if said is None else not said
        period.save(update_fields=["home_attacks_right"])
    return bool(periods)


def renumber(match: Match) -> None:
    """Give every event the period it lies in, and its time since that kick-off."""
    kickoffs: dict[int, list[tuple[int, int]]] = {}
    for period in Period.objects.filter(match=match).order_by("kickoff_ms"):
        kickoffs.setdefault(period.video_id, []).append((period.kickoff_ms, period.number))
    changed = []
    for action in SpottedAction.objects.filter(run__match=match).select_related("video"):
        here = kickoffs.get(action.video_id)
        number, since_ms = action.video.half or 1, None
        if here:
            kickoff_ms, number = next(
                (row for row in reversed(here) if row[0] <= action.position_ms), here[0]
            )
            since_ms = action.position_ms - kickoff_ms
        if (action.period, action.period_time_ms) != (number, since_ms):
            action.period, action.period_time_ms = number, since_ms
            changed.append(action)
    SpottedAction.objects.bulk_update(changed, ["period", "period_time_ms"], batch_size=1000)
