"""Directed matches with long main-camera stretches shortened: what shots are learned from and measured on.

A match shows the main camera four fifths of the time, and a minute of it says no more about shots than its last seconds
do. What is left has every cut, cutaway and replay of the match in a third of its length, so that a false boundary, or a
shot with the wrong name, weighs three times what it would in the whole.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.core.records import CameraShot, ReplayLink
from analysis.synthetic.clock import ms_of_frame
from analysis.synthetic.director import MAIN, Shot
from analysis.synthetic.match import SyntheticMatch, simulate_match
from analysis.synthetic.records import RATE_HZ

LONGEST_MAIN_S = 8.0


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A shortened film.

    Args:
        match: whose shots are the kept ones; its frames come out in order, with gaps between their numbers.
        shots: the truth in the film's own time.
        links: what each replay repeats, in the film's own time; moments that were cut away are left out.
    """

    match: SyntheticMatch
    shots: tuple[CameraShot, ...]
    links: tuple[ReplayLink, ...]

    @property
    def duration_ms(self) -> int:
        """Length."""
        return self.shots[-1].end_ms

    def events(self) -> list[tuple[int, str]]:
        """(time in the film, label) of the events that were not cut away, whatever is on air then."""
        kept = self.match.shots
        starts = np.cumsum([0, *(shot.stop - shot.start for shot in kept)])
        told = [
            (_in_film(event.frame, kept, starts), event.label) for event in self.match.play.events
        ]
        return [(ms_of_frame(frame), label) for frame, label in told if frame is not None]


def broadcast(seed: int, minutes: float, image_size_px: tuple[int, int]) -> Broadcast:
    """The broadcast of a simulated match, shortened."""
    match = simulate_match(seed, minutes, image_size_px)
    kept = tuple(_shortened(shot) for shot in match.shots)
    starts = np.cumsum([0, *(shot.stop - shot.start for shot in kept)])
    shots = tuple(
        replace(shot.record(), start_ms=ms_of_frame(int(a)), end_ms=ms_of_frame(int(b)))
        for shot, a, b in zip(kept, starts[:-1], starts[1:], strict=True)
    )
    links = []
    for shot, record in zip(kept, shots, strict=True):
        if shot.is_replay and shot.event is not None:
            moment = _in_film(match.play.events[shot.event].frame, kept, starts)
            if moment is not None:
                links.append(ReplayLink(record.start_ms, record.end_ms, ms_of_frame(moment), 1.0))
    return Broadcast(replace(match, shots=kept), shots, tuple(links))


def _shortened(shot: Shot) -> Shot:
    longest = round(LONGEST_MAIN_S * RATE_HZ)
    if shot.camera != MAIN or shot.is_replay or shot.stop - shot.start <= longest:
        return shot
    first = shot.stop - longest
    return replace(shot, start=first, first_moment=first)


def _in_film(frame: int, kept: tuple[Shot, ...], starts: NDArray[np.int64]) -> int | None:
    for shot, start in zip(kept, starts, strict=False):
        if shot.start <= frame < shot.stop:
            return int(start) + frame - shot.start
    return None
