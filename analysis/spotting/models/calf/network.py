"""CALF's network: pyramid, capsules, slots (Cioppa et al. 2020, A context-aware loss function for action spotting)."""

from torch import Tensor, nn

from analysis.spotting.context_aware import (
    CLIP_FRAMES,
    N_SLOTS,
    RECEPTIVE_FRAMES,
    ContextAwareMethod,
)
from analysis.spotting.learned import Shape
from analysis.temporal.calf_heads import CapsuleSegmentation, SlotSpotting
from analysis.temporal.pyramid import SpatioTemporalPyramid


class Calf(nn.Module):
    """578,245 parameters for 512 features and 17 classes.

    Args:
        n_features: F.
        n_classes: C.
    """

    def __init__(self, n_features: int, n_classes: int) -> None:
        super().__init__()
        self.base = SpatioTemporalPyramid(n_features, RECEPTIVE_FRAMES)
        self.segmentation = CapsuleSegmentation(self.base.n_channels, n_classes, CLIP_FRAMES)
        self.spotting = SlotSpotting(n_classes, CLIP_FRAMES, N_SLOTS)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 1, 240, F) -> actionness (B, 240, C), slots (B, 15, 2 + C)."""
        capsules, actionness = self.segmentation(self.base(features))
        return actionness, self.spotting(capsules, actionness)


def _make(shape: Shape) -> nn.Module:
    return Calf(shape.n_features, len(shape.labels))


METHOD = ContextAwareMethod(_make)
