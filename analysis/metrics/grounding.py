"""Average-AP of replay grounding, equal to the official evaluation (algorithms O.3), and a stricter own protocol.

The official one suppresses neighbours inside the metric with the tolerance as window, so it is not monotone in the
tolerance. ``suppress=False`` leaves that out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.metrics.average_precision import (
    area_over_tolerances,
    eleven_point_ap,
    match_in_truth_order,
)

RATE_HZ = 2
HALF_S = 3500

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class GroundedReplay:
    """One replay: where its live moment lies and what was proposed.

    Args:
        action_s: true time of the live moment in its half, seconds.
        proposed_s: (N,) proposed times, seconds.
        score: (N,) in [0, 1]; the last one on a frame wins.
    """

    action_s: float
    proposed_s: FloatArray
    score: FloatArray


def average_ap(
    replays: Sequence[GroundedReplay], tolerances_s: Sequence[float], *, suppress: bool = True
) -> tuple[float, FloatArray]:
    """(average-AP, (n_tolerances,) AP at each tolerance); tolerances are full window widths in seconds."""
    figures = np.zeros(len(tolerances_s))
    entries = [_entries(replay) for replay in replays]
    for i, tolerance_s in enumerate(tolerances_s):
        window_frames = tolerance_s * RATE_HZ
        scores, hits = [np.zeros(0)], [np.zeros(0, bool)]
        for replay, (frames, score) in zip(replays, entries, strict=True):
            kept = _suppressed(frames, score, window_frames) if suppress else slice(None)
            truth = np.array([int(replay.action_s * RATE_HZ)])
            scores.append(score[kept])
            hits.append(match_in_truth_order(truth, frames[kept], score[kept], window_frames))
        figures[i] = eleven_point_ap(np.concatenate(scores), np.concatenate(hits), len(replays))
    return float(area_over_tolerances(figures)), figures


def _entries(replay: GroundedReplay) -> tuple[IntArray, FloatArray]:
    """Ascending frames with their last score."""
    frames = (replay.proposed_s * RATE_HZ).astype(np.int64)
    distinct, first_from_end = np.unique(frames[::-1], return_index=True)
    score = replay.score[len(frames) - 1 - first_from_end]
    return distinct[score >= 0], score[score >= 0]


def _suppressed(frames: IntArray, score: FloatArray, window_frames: float) -> IntArray:
    """Indices that survive hard suppression, B1: the window's right end is left out."""
    free = score.copy()
    kept = []
    while len(free) and free.max() >= 0:
        best = int(free.argmax())
        kept.append(best)
        peak = int(frames[best])
        begin = int(max(peak - window_frames / 2, 0))
        free[(frames >= begin) & (frames < peak + int(window_frames / 2))] = -1.0
        free[best] = -1.0
    return np.sort(np.array(kept, dtype=np.int64))
