"""Calibration-aware CALF (Cioppa et al. 2021, algorithms D): two networks for two kinds of classes.

Patterned classes, which arrange players in ways of their own, are spotted from picture features and a calibration
branch; fuzzy ones from picture features alone, by a wider pyramid. Their class sets are disjoint: answers are merged by
putting them side by side.
"""

import torch
from torch import Tensor, nn

from analysis.core.vocabulary import SOCCERNET_V2
from analysis.spotting.context_aware import (
    CLIP_FRAMES,
    N_SLOTS,
    RECEPTIVE_FRAMES,
    ContextAwareMethod,
)
from analysis.spotting.learned import Shape
from analysis.spotting.models.calf_calibration.branches import (
    GraphBranch,
    VectorLayerBranch,
    VectorPyramidBranch,
    ViewBranch,
)
from analysis.temporal.calf_heads import CapsuleSegmentation, SlotSpotting
from analysis.temporal.pyramid import SpatioTemporalPyramid

PATTERNED = (
    "Penalty", "Kick-off", "Throw-in", "Direct free-kick", "Corner", "Yellow card", "Red card", "Yellow->red card",
)  # fmt: skip
FUZZY = tuple(label for label in SOCCERNET_V2.labels if label not in PATTERNED)
BRANCHES = ("3d", "stp", "fcl", "gcn")


class PatternedCalf(nn.Module):
    """Picture features beside one calibration branch.

    Args:
        n_features: of the pictures.
        n_classes: C.
        branch: one of ``branches``.
    """

    def __init__(self, n_features: int, n_classes: int, branch: nn.Module) -> None:
        super().__init__()
        self.base = SpatioTemporalPyramid(n_features, RECEPTIVE_FRAMES)
        self.branch = branch
        self.segmentation = CapsuleSegmentation(2 * self.base.n_channels, n_classes, CLIP_FRAMES)
        self.spotting = SlotSpotting(n_classes, CLIP_FRAMES, N_SLOTS)

    def forward(self, features: Tensor, **branch_inputs: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 1, 240, F) and the branch's inputs -> actionness (B, 240, C), slots (B, 15, 2 + C)."""
        pictures = self.base(features)
        hidden = torch.cat([pictures, self.branch(**branch_inputs).to(pictures.dtype)], dim=1)
        capsules, actionness = self.segmentation(hidden)
        return actionness, self.spotting(capsules, actionness)


class FuzzyCalf(nn.Module):
    """Picture features alone, with twice the channels.

    Args:
        n_features: of the pictures.
        n_classes: C.
    """

    def __init__(self, n_features: int, n_classes: int) -> None:
        super().__init__()
        self.base = SpatioTemporalPyramid(n_features, RECEPTIVE_FRAMES, multiplier=4)
        self.segmentation = CapsuleSegmentation(self.base.n_channels, n_classes, CLIP_FRAMES)
        self.spotting = SlotSpotting(n_classes, CLIP_FRAMES, N_SLOTS)

    def forward(self, features: Tensor, **unused: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 1, 240, F) -> actionness (B, 240, C), slots (B, 15, 2 + C)."""
        del unused
        capsules, actionness = self.segmentation(self.base(features))
        return actionness, self.spotting(capsules, actionness)


def make_branch(shape: Shape) -> nn.Module:
    """The branch of a shape. Raises: ValueError for another name."""
    if shape.branch == "3d":
        return ViewBranch(RECEPTIVE_FRAMES)
    if shape.branch == "stp":
        return VectorPyramidBranch(shape.branch_width, RECEPTIVE_FRAMES)
    if shape.branch == "fcl":
        return VectorLayerBranch(shape.branch_width)
    if shape.branch == "gcn":
        return GraphBranch(shape.branch_width, rows_held=shape.rows_held)
    raise ValueError(f"a branch is one of {', '.join(BRANCHES)}, not {shape.branch!r}")


def _make(shape: Shape) -> nn.Module:
    n_classes = len(shape.labels)
    if not shape.branch:
        return FuzzyCalf(shape.n_features, n_classes)
    return PatternedCalf(shape.n_features, n_classes, make_branch(shape))


METHOD = ContextAwareMethod(_make)
