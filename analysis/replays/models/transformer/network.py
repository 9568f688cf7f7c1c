"""Transformer grounding (Zhou et al. 2021): a stretch of play and a replay as one sequence, four encoder layers."""

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
from analysis.temporal.trunks import TransformerTrunk

CLIP_ROWS = 60
BACK_ROWS = 240
WIDTH, N_LAYERS, N_HEADS = 64, 4, 4
_STEP_ROWS = 10


class PairTransformer(nn.Module):
    """30 s of play and 30 s of replay -> whether the play holds the event (logit), and where in [0, 1]."""

    def __init__(self, n_features: int = N_FEATURES) -> None:
        super().__init__()
        self.tokens = nn.Linear(n_features, WIDTH)
        self.segment = nn.Parameter(torch.randn(2, 1, WIDTH) * 0.02)
        self.trunk = TransformerTrunk(WIDTH, 2 * CLIP_ROWS, N_LAYERS, N_HEADS, is_learned=False)
        self.head = nn.Linear(WIDTH, 2)

    def forward(self, play: Tensor, replay: Tensor) -> Tensor:
        """(B, 60, F) twice -> (B, 2)."""
        parts = [
            WIDTH**0.5 * self.tokens(rows) + self.segment[i]
            for i, rows in enumerate((play, replay))
        ]  # 2 of (B, 60, 64)
        hidden = self.trunk(torch.cat(parts, dim=1))  # (B, 120, 64)
        logit, place = self.head(hidden.mean(dim=1)).float().unbind(dim=1)
        return torch.stack([logit, place.sigmoid()], dim=1)


@dataclass(frozen=True)
class PairGrounder:
    """See ``replays.base.Grounder``: windows of 30 s, 5 s apart, from the 120 s before a replay.

    Args:
        network: trained.
        device: torch device.
    """

    network: PairTransformer
    device: str = "cpu"

    @torch.inference_mode()
    def ground(self, shots: Sequence[CameraShot], spots: Sequence[ActionSpot]) -> Grounded:
        """See the protocol."""
        rows = rows_of(shots, spots)
        self.network.eval()
        return [(shot, self._proposals(rows, shot)) for shot in shots if shot.is_replay]

    def _proposals(self, rows: NDArray[np.float32], shot: CameraShot) -> list[Proposal]:
        begin, end = row_at(shot.start_ms), row_at(shot.end_ms)
        starts = range(begin - CLIP_ROWS, begin - BACK_ROWS - 1, -_STEP_ROWS)
        play = torch.from_numpy(np.stack([window_of(rows, s, CLIP_ROWS) for s in starts]))
        replay = torch.from_numpy(tiled(rows, begin, end, CLIP_ROWS))
        found = self.network(
            play.to(self.device), replay.to(self.device).expand(len(starts), -1, -1)
        )
        told = []
        for start, (logit, place) in zip(starts, found.cpu().tolist(), strict=True):
            time_ms = round((start + place * (CLIP_ROWS - 1)) * 1000 / RATE_HZ)
            if 0 <= time_ms <= shot.start_ms:
                told.append(Proposal(time_ms, float(1 / (1 + np.exp(-logit)))))
        return apart(told)
