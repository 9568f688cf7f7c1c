"""The bundled shot finder: small networks and a rule for replays."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.core.records import CameraShot
from analysis.shots.base import Evidence
from analysis.shots.looks import LookJudge, own_weights
from analysis.shots.models.compact.network import TransitionNets
from analysis.shots.models.compact.settings import Settings
from analysis.shots.segments import boundaries, shots_between
from analysis.shots.wipes import with_replays

FloatArray = NDArray[np.float32]

_CHANGE = "change."


class Compact:
    """See ``shots.base.ShotFinder``.

    Args:
        settings: how shots are told.
        weights: of all networks, names beginning with ``look.`` and ``change.``.
        device: torch device.
    """

    def __init__(self, settings: Settings, weights: Mapping[str, Tensor], device: str) -> None:
        self.settings, self.device = settings, device
        self._looks = LookJudge(weights, device)
        own = own_weights(weights, _CHANGE)
        self._changes = TransitionNets(1 + max(int(name.split(".")[1]) for name in own))
        self._changes.load_state_dict(own)
        self._changes.to(device).eval()

    def looks(self, images: Sequence[NDArray[np.uint8]]) -> FloatArray:
        """(N, 13) probabilities."""
        return self._looks.probabilities(images)

    @torch.inference_mode()
    def transitions(self, changes: FloatArray) -> FloatArray:
        """(T, 3) probabilities of abrupt, smooth and logo transitions at each picture."""
        if not len(changes):
            return np.zeros((0, 3), np.float32)
        logits = self._changes(
            torch.from_numpy(np.ascontiguousarray(changes))[None].to(self.device)
        )
        return np.asarray(logits[0].sigmoid().float().cpu().numpy())

    def shots(self, evidence: Evidence) -> list[CameraShot]:
        """See the protocol."""
        found = boundaries(
            self.transitions(evidence.changes),
            evidence.picture_ms,
            least=self.settings.least,
            apart_ms=self.settings.apart_ms,
        )
        return with_replays(shots_between(found, evidence))
