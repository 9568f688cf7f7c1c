"""Shots as CALF sees them: cameras row by row, cut where a slot says so. Its boundaries have no kind."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from analysis.core.records import CameraShot
from analysis.shots.base import Evidence
from analysis.shots.looks import LookJudge, own_weights
from analysis.shots.models.calf_segmentation.network import RATE_HZ, ShotCalf, judged, rows_of
from analysis.shots.models.calf_segmentation.settings import Settings
from analysis.shots.segments import Boundary, shots_between
from analysis.temporal import suppression

FloatArray = NDArray[np.float32]

PREFIX = "calf."


class CalfSegmentation:
    """See ``shots.base.ShotFinder``.

    Args:
        settings: how boundaries are told.
        weights: of CALF (``calf.``) and of what judges single pictures (``look.``).
        device: torch device.
    """

    def __init__(self, settings: Settings, weights: Mapping[str, Tensor], device: str) -> None:
        self.settings, self.device = settings, device
        self._looks = LookJudge(weights, device)
        self.network = ShotCalf()
        self.network.load_state_dict(own_weights(weights, PREFIX))
        self.network.to(device).eval()

    def looks(self, images: Sequence[NDArray[np.uint8]]) -> FloatArray:
        """(N, 13) probabilities of single pictures."""
        return self._looks.probabilities(images)

    def shots(self, evidence: Evidence) -> list[CameraShot]:
        """See the protocol; a boundary lies on a picture next to its row."""
        if not len(evidence.sample_ms) or not len(evidence.picture_ms):
            return []
        rows = rows_of(evidence.picture_ms, evidence.changes, evidence.sample_ms, evidence.looks)
        cameras, boundary = judged(self.network, rows, self.device)
        window = self.settings.apart_s * RATE_HZ
        kept, scores = suppression.hard(boundary.astype(np.float64), window, self.settings.least)
        found = []
        for row, score in sorted(zip(kept.tolist(), scores.tolist(), strict=True)):
            at = int(np.searchsorted(evidence.picture_ms, evidence.sample_ms[row]))
            if 0 < at < len(evidence.picture_ms):
                found.append(Boundary(at, 0, min(1.0, score)))
        shares = cameras / cameras.sum(1, keepdims=True)
        return shots_between(found, replace(evidence, looks=shares))
