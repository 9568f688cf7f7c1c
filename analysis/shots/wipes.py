"""Which shots are replays: a wipe leads into a replay and the next one out of it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analysis.core.records import CameraShot
from analysis.core.vocabulary import CAMERAS

_MAIN = CAMERAS.labels[0]
_REPLAY_MS = (1500, 60_000)
# Costs of what is unusual, in logarithms: a wipe that leads from live to live or from replay to replay,
# live time between wipes without the main camera, and a replay that looks like the main camera, which costs more the
# longer it lasts: few replays last longer than ten seconds, and play that is lost is worse than a replay that is kept.
_NO_CHANGE, _LIVE_ELSEWHERE, _REPLAY_FROM_MAIN = 2.5, 1.0, 1.5
_USUAL_REPLAY_MS = 5000


def with_replays(shots: Sequence[CameraShot]) -> list[CameraShot]:
    """The shots, those of replays marked: the cheapest reading of all wipes of a film, which begins and ends live.

    Wipes are read together and not in pairs from the first one on, so that one which was missed costs one replay.
    """
    starts = [0, *(k for k, shot in enumerate(shots) if k and shot.transition == "logo")]
    pieces = [shots[a:b] for a, b in zip(starts, [*starts[1:], len(shots)], strict=True)]
    marked: list[CameraShot] = []
    for piece, is_replay in zip(pieces, _reading(pieces), strict=True):
        marked += [replace(shot, is_replay=True) for shot in piece] if is_replay else piece
    return marked


def _reading(pieces: Sequence[Sequence[CameraShot]]) -> list[bool]:
    """Whether each piece between wipes is a replay; the first and the last are not (Viterbi's algorithm)."""
    cost = np.array([0.0, np.inf])
    came_from: list[tuple[int, int]] = []
    for number in range(1, len(pieces)):
        step = cost[:, None] + _NO_CHANGE * np.eye(2)
        before = step.argmin(0)
        came_from.append((int(before[0]), int(before[1])))
        cost = step.min(0)
        if number < len(pieces) - 1:
            cost = cost + _costs(pieces[number])
    state, states = 0, [0] * len(pieces)
    for number in range(len(pieces) - 1, 0, -1):
        state = came_from[number - 1][state]
        states[number - 1] = state
    return [bool(one) for one in states]


def _costs(piece: Sequence[CameraShot]) -> np.ndarray:
    """(2,) of live and of replay for what lies between two wipes."""
    length_ms = piece[-1].end_ms - piece[0].start_ms
    main_ms = sum(shot.end_ms - shot.start_ms for shot in piece if shot.camera == _MAIN)
    share = main_ms / max(1, length_ms)
    replay = _REPLAY_FROM_MAIN * share * max(1.0, main_ms / _USUAL_REPLAY_MS)
    if not _REPLAY_MS[0] <= length_ms <= _REPLAY_MS[1]:
        replay = np.inf
    return np.array([_LIVE_ELSEWHERE * (1 - share), replay])
