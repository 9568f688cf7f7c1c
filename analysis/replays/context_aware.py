"""CALF for replay grounding (algorithms N.3): one pyramid reads play and replay, two heads ask whether and where.

Cioppa et al. 2020, Deliege et al. 2021. The published model slides over the whole half; what it finds behind the
replay's end or more than 100 s before it is dropped (Zhou et al. 2021), so only windows that reach there are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from analysis.core.records import ActionSpot, CameraShot
from analysis.replays.base import Grounded, Proposal
from analysis.replays.linking import apart
from analysis.replays.rows import N_FEATURES, RATE_HZ, row_at, rows_of, tiled, window_of
from analysis.temporal.calf_heads import CapsuleSegmentation, SlotSpotting
from analysis.temporal.pyramid import SpatioTemporalPyramid

WINDOW_ROWS = 240
REACH_ROWS = 80
_STRIDE_ROWS = WINDOW_ROWS - REACH_ROWS
_BACK_MS = 100_000


class SiameseCalf(nn.Module):
    """Two windows of rows -> actionness of the first, and a confidence and a place in it."""

    def __init__(self, n_features: int = N_FEATURES) -> None:
        super().__init__()
        self.pyramid = SpatioTemporalPyramid(n_features, REACH_ROWS, multiplier=1)
        self.segmentation = CapsuleSegmentation(2 * self.pyramid.n_channels, 1, WINDOW_ROWS)
        self.slots = SlotSpotting(1, WINDOW_ROWS, 1)

    def forward(self, play: Tensor, replay: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 240, F) twice -> actionness (B, 240, 1), (B, 2) confidence and place in [0, 1]."""
        both = [self.pyramid(rows.unsqueeze(1)) for rows in (play, replay)]  # (B, 76, 240, 1)
        capsules, actionness = self.segmentation(torch.cat(both, dim=1))
        return actionness, self.slots(capsules, actionness)[:, 0, :2]


@dataclass(frozen=True)
class CalfGrounder:
    """See ``replays.base.Grounder``.

    Args:
        network: trained.
        device: torch device.
    """

    network: SiameseCalf
    device: str = "cpu"

    @torch.inference_mode()
    def ground(self, shots: Sequence[CameraShot], spots: Sequence[ActionSpot]) -> Grounded:
        """See the protocol."""
        rows = rows_of(shots, spots)
        self.network.eval()
        return [(shot, self._proposals(rows, shot)) for shot in shots if shot.is_replay]

    def _proposals(self, rows: NDArray[np.float32], shot: CameraShot) -> list[Proposal]:
        begin, end = row_at(shot.start_ms), row_at(shot.end_ms)
        last = end - WINDOW_ROWS + REACH_ROWS // 2
        starts = [last - k * _STRIDE_ROWS for k in (0, 1)]
        play = torch.from_numpy(np.stack([window_of(rows, s, WINDOW_ROWS) for s in starts]))
        replay = torch.from_numpy(tiled(rows, begin, end, WINDOW_ROWS))
        _, found = self.network(
            play.to(self.device), replay.to(self.device).expand(len(starts), -1, -1)
        )
        told = []
        for start, (confidence, place) in zip(starts, found.float().cpu().tolist(), strict=True):
            time_ms = round((start + place * (WINDOW_ROWS - 1)) * 1000 / RATE_HZ)
            if max(0, shot.start_ms - _BACK_MS) <= time_ms <= shot.end_ms:
                told.append(Proposal(time_ms, confidence))
        return apart(told)
