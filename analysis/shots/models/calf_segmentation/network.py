"""CALF for camera shots (Deliege et al. 2021, SoccerNet-v2; algorithms N.1): cameras of every row, boundaries in slots.

Rows come twice a second: probabilities of the cameras and the largest numbers of change since the last row stand for
the picture features of the paper.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from analysis.core.vocabulary import CAMERAS
from analysis.shots.changes import N_FEATURES as N_CHANGES
from analysis.temporal.calf_heads import CapsuleSegmentation, SlotSpotting
from analysis.temporal.chunks import plan_chunks
from analysis.temporal.pyramid import SpatioTemporalPyramid

FloatArray = NDArray[np.float32]

RATE_HZ = 2.0
CHUNK_ROWS, REACH_ROWS, N_SLOTS = 48, 16, 9
N_FEATURES = len(CAMERAS) + N_CHANGES
_LEAST = 0.01


class ShotCalf(nn.Module):
    """(B, 48, F) -> cameras (B, 48, 13) in [0.01, 0.99], slots (B, 9, 2): confidence and place of a boundary."""

    def __init__(self) -> None:
        super().__init__()
        self.pyramid = SpatioTemporalPyramid(N_FEATURES, REACH_ROWS, multiplier=1)
        n_channels = self.pyramid.n_channels
        self.segmentation = CapsuleSegmentation(n_channels, len(CAMERAS), CHUNK_ROWS)
        self.slots = SlotSpotting(len(CAMERAS), CHUNK_ROWS, N_SLOTS)

    def forward(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """See the class."""
        hidden = self.pyramid(rows.unsqueeze(1))  # (B, 76, 48, 1)
        capsules, cameras = self.segmentation(hidden)
        slots = self.slots(capsules, cameras)
        return cameras.clamp(_LEAST, 1 - _LEAST), slots[..., :2]


def rows_of(
    picture_ms: NDArray[np.int64],
    changes: FloatArray,
    sample_ms: NDArray[np.int64],
    looks: FloatArray,
) -> FloatArray:
    """(N, F), a row a sample: its look, and the largest changes of the pictures since the sample before."""
    stops = np.searchsorted(picture_ms, sample_ms, "right")
    largest = np.zeros((len(sample_ms), changes.shape[1]), np.float32)
    for row, (start, stop) in enumerate(zip([0, *stops[:-1]], stops, strict=True)):
        if stop > start:
            largest[row] = changes[start:stop].max(0)
    return np.concatenate([looks, largest], axis=1).astype(np.float32)


def chunk(rows: FloatArray, start: int) -> FloatArray:
    """(48, F) from ``start`` on, zeros behind the end."""
    out = np.zeros((CHUNK_ROWS, rows.shape[1]), np.float32)
    part = rows[start : start + CHUNK_ROWS]
    out[: len(part)] = part
    return out


@torch.inference_mode()
def judged(network: ShotCalf, rows: FloatArray, device: str) -> tuple[FloatArray, FloatArray]:
    """(cameras (N, 13), boundaries (N,)): chunks that overlap by the reach, their borders left out."""
    cameras = np.zeros((len(rows), len(CAMERAS)), np.float32)
    boundary = np.zeros(len(rows), np.float32)
    for plan in plan_chunks(len(rows), CHUNK_ROWS, REACH_ROWS // 2):
        shown = torch.from_numpy(chunk(rows, plan.start))[None].to(device)
        seen, slots = (part[0].float().cpu().numpy() for part in network(shown))
        kept = slice(plan.keep_from, plan.keep_to)
        cameras[kept] = seen[plan.keep_from - plan.start : plan.keep_to - plan.start]
        for confidence, place in slots:
            at = plan.start + round(float(place) * CHUNK_ROWS)
            if plan.keep_from <= at < plan.keep_to:
                boundary[at] = max(boundary[at], confidence)
    return cameras, boundary
