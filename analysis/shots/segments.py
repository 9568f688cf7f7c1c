"""From probabilities of transitions and of cameras to shots, and to which of them are replays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.core.records import CameraShot
from analysis.core.vocabulary import CAMERAS, TRANSITIONS
from analysis.shots.base import Evidence

FloatArray = NDArray[np.float32]

MAIN = CAMERAS.index("Main camera center")
LOGO = TRANSITIONS.index("logo")
_REPLAY_MS = (1500, 60_000)
_MARGIN_MS = 160
# Pictures at either end of a film where nothing is told: too little is known of what was before and comes after.
_BEGINNING, _END = 6, 2
_MAIN_SHARE = 0.7
"""Time between two wipes that mostly shows the main camera in full speed is play, not a replay."""


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
    if evidence.calibrated is not None:
        weight[:, MAIN] += _calibration_weight(evidence.calibrated)
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


def _calibration_weight(calibrated: FloatArray) -> FloatArray:
    """A view that fits the pitch speaks for the main camera, one that fits nowhere against it."""
    known = np.isfinite(calibrated)
    return np.where(known, np.where(np.nan_to_num(calibrated) >= 0.5, 0.7, -0.5), 0.0).astype(
        np.float32
    )


def _rows_of(sample_ms: NDArray[np.int64], start: int, end: int) -> NDArray[np.int64]:
    """Samples inside a shot, away from its ends where there are such; else the nearest one."""
    for margin in (_MARGIN_MS, 0):
        rows = np.flatnonzero((sample_ms >= start + margin) & (sample_ms < end - margin))
        if len(rows):
            return rows
    if not len(sample_ms):
        return rows
    return np.array([int(np.abs(sample_ms - (start + end) // 2).argmin())])


def with_replays(shots: Sequence[CameraShot]) -> list[CameraShot]:
    """Shots between one wipe and the next are replays, unless they last too long or show play from the main camera."""
    marked = list(shots)
    wipes = [k for k, shot in enumerate(shots) if k and shot.transition == "logo"]
    i = 0
    while i + 1 < len(wipes):
        first, last = wipes[i], wipes[i + 1]
        inside = shots[first:last]
        length = inside[-1].end_ms - inside[0].start_ms
        in_main = sum(s.end_ms - s.start_ms for s in inside if s.camera == CAMERAS.labels[MAIN])
        if _REPLAY_MS[0] <= length <= _REPLAY_MS[1] and in_main <= _MAIN_SHARE * length:
            marked[first:last] = [replace(shot, is_replay=True) for shot in inside]
            i += 2
        else:
            i += 1
    return marked
