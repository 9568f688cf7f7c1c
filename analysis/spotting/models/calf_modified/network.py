"""Modified CALF: a six-layer base, two segmentations side by side, averages for maxima (algorithms F).

Channels of the base and kernels of the segmentations are not published; those here are ours (128, 128, 64, 64, 32, 32;
3 and 5).
"""

from torch import Tensor, nn
from torch.nn import functional

from analysis.spotting.context_aware import (
    CLIP_FRAMES,
    N_SLOTS,
    RECEPTIVE_FRAMES,
    ContextAwareMethod,
)
from analysis.spotting.learned import Shape
from analysis.temporal.calf_heads import CapsuleSegmentation, SlotSpotting
from analysis.temporal.pyramid import TemporalPyramid

CHANNELS = (128, 128, 64, 64, 32)
SEGMENTATION_KERNELS = (3, 5)


class CalfModified(nn.Module):
    """See the module.

    Args:
        n_features: F.
        n_classes: C.
    """

    def __init__(self, n_features: int, n_classes: int) -> None:
        super().__init__()
        first, *others = CHANNELS
        self.conv_1 = nn.Conv2d(1, first, (1, n_features))
        self.middle = nn.ModuleList(
            nn.Conv2d(before, after, 3, padding=1)
            for before, after in zip(CHANNELS[:-1], others, strict=True)
        )
        self.conv_6 = nn.Conv2d(CHANNELS[-1], 32, (1, 1))
        self.pyramid = TemporalPyramid(RECEPTIVE_FRAMES)
        self.segmentation = CapsuleSegmentation(
            self.pyramid.n_channels, n_classes, CLIP_FRAMES, SEGMENTATION_KERNELS
        )
        self.spotting = SlotSpotting(n_classes, CLIP_FRAMES, N_SLOTS, is_average=True)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 1, 240, F) -> actionness (B, 240, C), slots (B, 15, 2 + C)."""
        hidden = functional.relu(self.conv_1(features))  # (B, 128, T, 1)
        for convolution in self.middle:
            hidden = functional.relu(convolution(hidden))
        hidden = functional.relu(self.conv_6(hidden))  # (B, 32, T, 1)
        capsules, actionness = self.segmentation(self.pyramid(hidden))
        return actionness, self.spotting(capsules, actionness)


def _make(shape: Shape) -> nn.Module:
    return CalfModified(shape.n_features, len(shape.labels))


METHOD = ContextAwareMethod(_make)
