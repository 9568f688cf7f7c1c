"""Which half a moment belongs to, and when a half was kicked off, as far as a video tells.

Several videos are the halves in order. One video alone is the first half until the teams have changed ends, which the
sides they defend show in videos longer than an hour. A kick-off counts as the beginning of its half when it comes early
and nothing else was spotted before it: the other kick-offs follow goals.
"""

from collections.abc import Sequence
from dataclasses import replace

from analysis.core.records import ActionSpot, PlayersTrack
from analysis.localization.sides import attack_directions

KICK_OFF = "Kick-off"
EARLY_MS = 15 * 60_000
SURE = 0.5


def with_halves(
    spots: Sequence[ActionSpot], players: PlayersTrack, *, video_number: int, n_videos: int
) -> tuple[list[ActionSpot], dict[int, int]]:
    """(spots with their half, half -> time of its kick-off where one was found).

    Args:
        spots: of one video, in time order.
        players: of the same video, with teams.
        video_number: from 1.
        n_videos: of the match.
    """
    if n_videos > 1:
        starts = {video_number: 0}
    else:
        starts = {1: 0}
        for number, span in enumerate(attack_directions(players)[1:2], start=2):
            starts[number] = _second_start(spots, span.start_ms)
    placed = [replace(spot, half=_half_at(spot.position_ms, starts)) for spot in spots]
    kickoffs = {
        half: found for half in starts if (found := _kickoff(placed, half, starts)) is not None
    }
    return sorted(placed, key=lambda spot: (spot.position_ms, spot.label)), kickoffs


def _half_at(time_ms: int, starts: dict[int, int]) -> int:
    begun = [half for half, start_ms in starts.items() if time_ms >= start_ms]
    return max(begun) if begun else min(starts)


def _second_start(spots: Sequence[ActionSpot], change_ms: int) -> int:
    """The sure kick-off nearest to the change of ends (within the interval's length), else the change itself."""
    near = [
        spot.position_ms
        for spot in spots
        if spot.label == KICK_OFF
        and spot.confidence >= SURE
        and abs(spot.position_ms - change_ms) < EARLY_MS
    ]
    return min(near, key=lambda t: abs(t - change_ms)) if near else change_ms


def _kickoff(spots: Sequence[ActionSpot], half: int, starts: dict[int, int]) -> int | None:
    """The first sure event of a half, when it is an early kick-off; learned spotters have many doubtful ones before."""
    sure = [one for one in spots if one.half == half and one.confidence >= SURE]
    first = min(sure, key=lambda one: one.position_ms, default=None)
    if first is None or first.label != KICK_OFF or first.position_ms - starts[half] > EARLY_MS:
        return None
    return first.position_ms
