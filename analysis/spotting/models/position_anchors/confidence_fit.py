"""Fit ``confidence.toml``: from the network's confidence to a probability, on halves it did not learn from.

Every half is seen twice, as tracking systems would and as a camera sees. A class is told when, in one of the two, some
threshold finds at least a tenth of its events at a precision of a half.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import STANDARD_PITCH
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.metrics.spot_hits import hits_of, recall_at_precision
from analysis.metrics.spotting import HalfLabels, HalfPredictions
from analysis.spotting.models.position_anchors.confidence import FILE_NAME
from analysis.spotting.models.position_anchors.decode import candidates
from analysis.spotting.models.position_anchors.scene import build_scene
from analysis.spotting.models.position_anchors.spotter import PositionAnchors
from analysis.spotting.probabilities import logistic_line
from analysis.synthetic.halves import load_half
from analysis.synthetic.sightings import TRUE_POSITIONS, Sight, sightings

FloatArray = NDArray[np.float64]

LEAST_RECALL = 0.1
LEAST_EVENTS = 8


def fit(spotter: PositionAnchors, paths: Sequence[Path], folder: Path, told_of: str) -> None:
    """Write ``confidence.toml`` into a folder.

    Args:
        spotter: with the weights in question.
        paths: files of halves.
        folder: where the file goes.
        told_of: which matches, for the file's first line.
    """
    labels: list[HalfLabels] = []
    found: list[HalfPredictions] = []
    for number, path in enumerate(paths):
        half = load_half(path)
        for sight in (TRUE_POSITIONS, Sight()):
            players, calibrations = sightings(half, sight, np.random.default_rng([number, 3]))
            scene = build_scene({"players": players, "calibrations": calibrations}, STANDARD_PITCH)
            told = candidates(spotter.anchors(scene), least=0.003)
            labels.append(HalfLabels(half.event_ms, half.event_label, half.event_shown))
            found.append(
                HalfPredictions(
                    np.array([round(one.time_ms) for one in told], np.int64),
                    np.array([one.label for one in told], np.int64),
                    np.array([one.confidence for one in told]),
                )
            )
    lines = [f"# {told_of}. p = sigmoid(slope * logit(confidence) + offset).", ""]
    for label, name in enumerate(SOCCERNET_V2.labels):
        confidence, hit, n_events = _pooled(labels, found, label)
        recall = max(
            recall_at_precision(labels[first::2], found[first::2], label) for first in (0, 1)
        )
        if n_events < LEAST_EVENTS or recall < LEAST_RECALL:
            continue
        slope, offset = logistic_line(confidence, hit)
        lines += [f'[line."{name}"]', f"slope = {slope:.4f}", f"offset = {offset:.4f}", ""]
    (folder / FILE_NAME).write_text("\n".join(lines), encoding="utf-8")


def _pooled(
    labels: Sequence[HalfLabels], found: Sequence[HalfPredictions], label: int
) -> tuple[FloatArray, NDArray[np.bool_], int]:
    """Confidences and hits of all candidates of a class, and the number of its events."""
    confidence, hits, n_events = [np.zeros(0)], [np.zeros(0, bool)], 0
    for truth, told in zip(labels, found, strict=True):
        own, events = told.label == label, truth.position_ms[truth.label == label]
        confidence.append(told.confidence[own])
        hits.append(hits_of(events, told.position_ms[own], told.confidence[own]))
        n_events += len(events)
    return np.concatenate(confidence), np.concatenate(hits), n_events
