"""Top views through a backbone, a batch at a time, so that a half's pictures never lie in memory together."""

from itertools import islice

import numpy as np
import torch

from analysis.core.records import FeatureSequence
from analysis.representations import top_view_colour
from analysis.representations.base import HalfView
from analysis.representations.layout import rate_of
from analysis.representations.top_view_features.backbones import Backbone
from analysis.representations.top_view_features.settings import Settings

BATCH = 64


class TopViewFeatures:
    """See the card.

    Args:
        settings: as built.
        backbone: network and size of view.
        device: torch device.
    """

    def __init__(self, settings: Settings, backbone: Backbone, device: str) -> None:
        self.settings, self.backbone, self.device = settings, backbone, device
        self.network = backbone.network.eval().to(device)
        self.views = top_view_colour.build(backbone.view)

    def build(self, half: HalfView) -> FeatureSequence:
        """(T, width) float32 on the clock of the calibrations; zeros where nothing is known."""
        tracks = half.calibrations
        values = np.zeros((len(tracks), self.backbone.width), np.float32)
        known = np.flatnonzero(tracks.usable(half.floor))
        pictures = (
            picture
            for picture, is_known in zip(
                self.views.pictures(half), tracks.usable(half.floor), strict=True
            )
            if is_known
        )
        for begin in range(0, len(known), BATCH):
            batch = np.stack(list(islice(pictures, BATCH)))
            values[known[begin : begin + BATCH]] = self._numbers(batch)
        return FeatureSequence(values, rate_of(tracks))

    @torch.inference_mode()
    def _numbers(self, pictures: np.ndarray) -> np.ndarray:
        """(B, width) of (B, H, W, 3) uint8."""
        tensor = torch.from_numpy(pictures).to(self.device).permute(0, 3, 1, 2).float() / 255
        return self.network(tensor).float().cpu().numpy()
