"""The bundled shot finder: two small networks and a rule for replays."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.core.records import CameraShot
from analysis.shots.base import Evidence
from analysis.shots.models.compact.network import LookNet, TransitionNet, look_layers
from analysis.shots.models.compact.settings import Settings
from analysis.shots.segments import boundaries, shots_between, with_replays

FloatArray = NDArray[np.float32]

_BATCH = 64
_LOOK, _CHANGE = "look.", "change."


class Compact:
    """See ``shots.base.ShotFinder``.

    Args:
        settings: how shots are told.
        weights: of both networks, names beginning with ``look.`` and ``change.``.
        device: torch device.
    """

    def __init__(self, settings: Settings, weights: Mapping[str, Tensor], device: str) -> None:
        self.settings, self.device = settings, device
        self.look_net, self.change_net = LookNet(), TransitionNet()
        for net, prefix in ((self.look_net, _LOOK), (self.change_net, _CHANGE)):
            own = {k[len(prefix) :]: v for k, v in weights.items() if k.startswith(prefix)}
            net.load_state_dict(own)
            net.to(device).eval()

    @torch.inference_mode()
    def looks(self, images: Sequence[NDArray[np.uint8]]) -> FloatArray:
        """(N, 13) probabilities."""
        parts = [np.zeros((0, 13), np.float32)]
        for start in range(0, len(images), _BATCH):
            layers = np.array([look_layers(image) for image in images[start : start + _BATCH]])
            logits = self.look_net(torch.from_numpy(layers).to(self.device))
            parts.append(logits.softmax(1).float().cpu().numpy())
        return np.concatenate(parts)

    @torch.inference_mode()
    def transitions(self, changes: FloatArray) -> FloatArray:
        """(T, 3) probabilities of abrupt, smooth and logo transitions at each picture."""
        if not len(changes):
            return np.zeros((0, 3), np.float32)
        logits = self.change_net(
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
