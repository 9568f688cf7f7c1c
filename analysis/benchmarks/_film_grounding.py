"""Replay grounding on films: shots and replays as a finder told them, against what the director repeated."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis.benchmarks.replays import ap_row
from analysis.core.records import ActionSpot, CameraShot
from analysis.metrics.grounding import GroundedReplay
from analysis.replays.base import Grounded
from analysis.synthetic.broadcasts import Broadcast

Shots = Sequence[CameraShot]


def answers(
    films: Sequence[Broadcast],
    shots: Sequence[Shots],
    spots: Sequence[Sequence[ActionSpot]],
    grounder: Any,
) -> list[GroundedReplay]:
    """Every true replay of the films beside what a grounder proposes for the found one that shares most of its time."""
    pairs = []
    for film, found, events in zip(films, shots, spots, strict=True):
        pairs += _pairs(film, grounder.ground(found, events))
    return pairs


def true_events(film: Broadcast) -> list[ActionSpot]:
    """The events of the film as a spotter without fault would tell them."""
    return [ActionSpot(1, time_ms, label, 1.0) for time_ms, label in film.events()]


def table(rows: Mapping[str, Sequence[GroundedReplay]]) -> list[str]:
    """Lines of average-AP, a row a name."""
    head = ["| system | loose | tight | loose, own | tight, own |", "|---|---|---|---|---|"]
    return [*head, *(ap_row(name, pairs) for name, pairs in rows.items())]


def replays_in_words(films: Sequence[Broadcast], shots: Sequence[Shots]) -> str:
    """How many replays there are, and how many of them were found and wrongly found."""
    n_links = sum(len(film.links) for film in films)
    found = false = 0
    for film, told in zip(films, shots, strict=True):
        found += sum(_is_replay(told, x.replay_start_ms, x.replay_end_ms) for x in film.links)
        false += sum(s.is_replay and not _is_replay(film.shots, s.start_ms, s.end_ms) for s in told)
    return (
        f"{n_links} replays whose moment is in the films. Shots and replays are the found ones; a replay that was not "
        f"found has no proposal. {found} lie mostly inside found ones, {false} found ones mostly outside true ones."
    )


def _is_replay(shots: Shots, begin_ms: int, end_ms: int) -> bool:
    """Whether most of a time is told to be a replay."""
    shared = sum(
        max(0, min(one.end_ms, end_ms) - max(one.start_ms, begin_ms))
        for one in shots
        if one.is_replay
    )
    return bool(shared > (end_ms - begin_ms) / 2)


def _pairs(film: Broadcast, answer: Grounded) -> list[GroundedReplay]:
    pairs = []
    for link in film.links:
        shared = [
            min(shot.end_ms, link.replay_end_ms) - max(shot.start_ms, link.replay_start_ms)
            for shot, _ in answer
        ]
        best = int(np.argmax(shared)) if shared and max(shared) > 0 else None
        proposals = answer[best][1] if best is not None else []
        pairs.append(
            GroundedReplay(
                float(link.action_ms or 0) / 1000,
                np.array([one.time_ms / 1000 for one in proposals]),
                np.array([one.score for one in proposals]),
            )
        )
    return pairs
