"""How well camera shots were found: mean IoU over camera types, average precision of boundaries (algorithms N.1, N.2).

The published segmentation score adds one to both counts of every class in second halves; that quirk is left out here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.core.records import CameraShot
from analysis.core.vocabulary import CAMERAS, TRANSITIONS
from analysis.metrics.average_precision import eleven_point_ap, match_in_truth_order

RATE_HZ = 25
TOLERANCE_S = 1.0
"""Full width: a boundary counts within half of it."""


@dataclass(frozen=True, slots=True)
class ShotScores:
    """Scores of some videos.

    Args:
        camera_iou: camera -> IoU of its time; only those that occur in truth or answer.
        mean_iou: over ``camera_iou``.
        main_accuracy: share of time in which "live main camera or not" is right; main camera left and right are others.
        boundary_ap: ``all`` and each transition -> average precision; a missing one did not occur.
        replay_iou: IoU of the time called a replay; None where there is none.
    """

    camera_iou: Mapping[str, float]
    mean_iou: float
    main_accuracy: float
    boundary_ap: Mapping[str, float]
    replay_iou: float | None


def score_shots(
    pairs: Sequence[tuple[Sequence[CameraShot], Sequence[CameraShot]]],
) -> ShotScores:
    """Scores of (true shots, found shots) of videos; the found ones are cut or padded to the true length."""
    both, either = np.zeros(len(CAMERAS)), np.zeros(len(CAMERAS))
    n_right = n_all = 0
    replay_both = replay_either = 0
    main = CAMERAS.index("Main camera center")
    for truth, found in pairs:
        n_frames = round(truth[-1].end_ms * RATE_HZ / 1000) if truth else 0
        a, b = (_timeline(shots, n_frames) for shots in (truth, found))
        for k in range(len(CAMERAS)):
            both[k] += ((a[0] == k) & (b[0] == k)).sum()
            either[k] += ((a[0] == k) | (b[0] == k)).sum()
        live = [(cameras == main) & ~replays for cameras, replays in (a, b)]
        n_right += int((live[0] == live[1]).sum())
        n_all += n_frames
        replay_both += int((a[1] & b[1]).sum())
        replay_either += int((a[1] | b[1]).sum())
    shown = np.flatnonzero(either > 0)
    iou = {CAMERAS.labels[k]: float(both[k] / either[k]) for k in shown}
    return ShotScores(
        camera_iou=iou,
        mean_iou=float(np.mean(list(iou.values()))) if iou else 0.0,
        main_accuracy=n_right / n_all if n_all else 0.0,
        boundary_ap=_boundary_ap(pairs),
        replay_iou=replay_both / replay_either if replay_either else None,
    )


def _timeline(
    shots: Sequence[CameraShot], n_frames: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Camera index of every frame (-1 where no shot is) and whether it is a replay."""
    cameras = np.full(n_frames, -1, np.int64)
    replays = np.zeros(n_frames, bool)
    for shot in shots:
        part = slice(round(shot.start_ms * RATE_HZ / 1000), round(shot.end_ms * RATE_HZ / 1000))
        cameras[part] = CAMERAS.index(shot.camera)
        replays[part] = shot.is_replay
    return cameras, replays


def _boundary_ap(
    pairs: Sequence[tuple[Sequence[CameraShot], Sequence[CameraShot]]],
) -> dict[str, float]:
    """AP of all boundaries, and of each transition: of that one's detections against that one's truth."""
    figures = {}
    for name in ("all", *TRANSITIONS.labels):
        scores, hits, n_truth = [np.zeros(0)], [np.zeros(0, bool)], 0
        for truth, found in pairs:
            true_frames = np.array([_frame(s) for s in truth[1:] if name in ("all", s.transition)])
            chosen = {_frame(s): s for s in found[1:] if name in ("all", s.transition)}
            frames = np.array(sorted(chosen), np.int64)
            score = np.array([chosen[int(f)].confidence for f in frames], np.float64)
            n_truth += len(true_frames)
            scores.append(score)
            hits.append(
                match_in_truth_order(
                    true_frames.astype(np.int64), frames, score, TOLERANCE_S * RATE_HZ
                )
            )
        if n_truth:
            figures[name] = float(
                eleven_point_ap(np.concatenate(scores), np.concatenate(hits), n_truth)
            )
    return figures


def _frame(shot: CameraShot) -> int:
    return round(shot.start_ms * RATE_HZ / 1000)
