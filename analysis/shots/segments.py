"""From probabilities of transitions and of cameras to shots."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.core.records import CameraShot
from analysis.core.vocabulary import CAMERAS, TRANSITIONS
from analysis.shots.base import Evidence
from analysis.shots.places import told_by_calibration

FloatArray = NDArray[np.float32]

MAIN = CAMERAS.index("Main camera center")
LOGO = TRANSITIONS.index("logo")
_MARGIN_MS = 160
# A broadcast shows the main camera most of the time, training pictures one time in five; and play that is called
# something else is lost. In logarithms of odds a sample, chosen on simulated broadcasts and far from costing there.
_MAIN_IS_COMMON = 1.0
# Pictures at either end of a film where nothing is told: too little is known of what was before and comes after.
_BEGINNING, _END = 6, 2


@dataclass(frozen=True, slots=True)
class Boundary:
    """A change of shot: index of its picture, index in ``TRANSITIONS``, confidence."""

    at: int
    transition: int
    confidence: float


def boundaries(
    probability: FloatArray, picture_ms: NDArray[np.int64], *, least: float, apart_ms: int
) -> list[Boundary]:
    """Peaks of (T, 3) probabilities, the surest first kept, none nearer to another than ``apart_ms``.

    A wipe or a dissolve lasts longer than a cut, and rough pictures inside it are no cuts of their own.
    """
    if not len(probability):
        return []
    best = probability.max(1)
    rising = np.r_[True, best[1:] > best[:-1]]
    falling = np.r_[best[:-1] >= best[1:], True]
    peaks = np.flatnonzero(rising & falling & (best >= least))
    peaks = peaks[(peaks >= _BEGINNING) & (peaks < len(best) - _END)]
    kept: list[int] = []
    for at in peaks[np.argsort(-best[peaks], kind="stable")]:
        reach = [
            2 * apart_ms if probability[other].argmax() == LOGO else apart_ms for other in kept
        ]
        if all(
            abs(int(picture_ms[at]) - int(picture_ms[other])) >= least_ms
            for other, least_ms in zip(kept, reach, strict=True)
        ):
            kept.append(int(at))
    return [Boundary(at, int(probability[at].argmax()), float(best[at])) for at in sorted(kept)]


def shots_between(found: Sequence[Boundary], evidence: Evidence) -> list[CameraShot]:
    """Shots with the camera that most samples within them speak for."""
    if not len(evidence.picture_ms):
        return []
    starts = [int(evidence.picture_ms[0]), *(int(evidence.picture_ms[b.at]) for b in found)]
    ends = [*starts[1:], max(evidence.end_ms, starts[-1] + 1)]
    transitions = ["abrupt", *(TRANSITIONS.labels[b.transition] for b in found)]
    sureness = [1.0, *(b.confidence for b in found)]
    weight = np.log(np.maximum(evidence.looks, 1e-3))
    weight += told_by_calibration(evidence)
    weight[:, MAIN] += _MAIN_IS_COMMON
    shots = []
    for start, end, transition, confidence in zip(starts, ends, transitions, sureness, strict=True):
        rows = _rows_of(evidence.sample_ms, start, end)
        camera = int(weight[rows].mean(0).argmax()) if len(rows) else MAIN
        shots.append(
            CameraShot(
                start,
                end,
                CAMERAS.labels[camera],
                transition,
                is_replay=False,
                confidence=confidence,
            )
        )
    return shots


def _rows_of(sample_ms: NDArray[np.int64], start: int, end: int) -> NDArray[np.int64]:
    """Samples inside a shot, away from its ends where there are such; else the nearest one."""
    for margin in (_MARGIN_MS, 0):
        rows = np.flatnonzero((sample_ms >= start + margin) & (sample_ms < end - margin))
        if len(rows):
            return rows
    if not len(sample_ms):
        return rows
    return np.array([int(np.abs(sample_ms - (start + end) // 2).argmin())])
