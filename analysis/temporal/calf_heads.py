"""The two heads of CALF and of its variants: capsules that segment, slots that spot (algorithms E.2, F).

The batch norm of the published segmentation runs over the time axis, so weights belong to one length of window.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from analysis.temporal.pyramid import along_time

CAPSULE_SIZE = 16
_HIDDEN = (32, 16)


class CapsuleSegmentation(nn.Module):
    """Sixteen numbers a class and frame; their distance from the middle says how little happens.

    Args:
        n_channels: of the input.
        n_classes: C.
        n_frames: T, length of a window.
        kernels: one temporal convolution each, sharing the sixteen numbers: (3,) as published, (3, 5) in the
            modified model.
    """

    def __init__(
        self, n_channels: int, n_classes: int, n_frames: int, kernels: Sequence[int] = (3,)
    ) -> None:
        super().__init__()
        self.n_classes, self.kernels = n_classes, tuple(kernels)
        share = CAPSULE_SIZE // len(self.kernels)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(n_channels, share * n_classes, (kernel, 1)) for kernel in self.kernels
        )
        self.norm = nn.BatchNorm2d(n_frames, momentum=0.01, eps=1e-3)

    def forward(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """(B, n_channels, T, 1) -> capsules before the norm (B, 16 C, T, 1) and actionness (B, T, C) in [0, 1]."""
        parts = [along_time(convolution, hidden) for convolution in self.convolutions]
        capsules = torch.cat(parts, dim=1)  # (B, 16C, T, 1), channel = number * C + class
        n_batch, _, n_frames, _ = capsules.shape
        by_time = capsules.permute(0, 2, 3, 1).reshape(
            n_batch, n_frames, CAPSULE_SIZE, self.n_classes
        )
        inside = torch.sigmoid(self.norm(by_time)).float()
        spread = ((inside - 0.5) ** 2).sum(dim=2) * (4 / CAPSULE_SIZE)
        # The root has no slope at 0; a floor far below what matters keeps the gradient finite.
        return capsules, 1 - torch.sqrt(spread.clamp_min(1e-8))


class SlotSpotting(nn.Module):
    """A fixed number of slots a window: confidence, position and class of an event each.

    Args:
        n_classes: C.
        n_frames: T.
        n_slots: P, 15 as published.
        is_average: average pooling in place of maxima, as in the modified model.
    """

    def __init__(
        self, n_classes: int, n_frames: int, n_slots: int, *, is_average: bool = False
    ) -> None:
        super().__init__()
        self.n_classes, self.n_slots = n_classes, n_slots
        pool = nn.AvgPool2d if is_average else nn.MaxPool2d
        self.pool = pool((3, 1), stride=(2, 1))
        self.conv_1 = nn.Conv2d((CAPSULE_SIZE + 1) * n_classes, _HIDDEN[0], (3, 1))
        self.conv_2 = nn.Conv2d(_HIDDEN[0], _HIDDEN[1], (3, 1))
        length = n_frames
        for _ in range(3):
            length = (length - 3) // 2 + 1
        if length < 1:
            raise ValueError(f"a window of {n_frames} frames is too short for three poolings")
        self.where = nn.Linear(_HIDDEN[1] * length, 2 * n_slots)
        self.what = nn.Linear(_HIDDEN[1] * length, n_classes * n_slots)

    def forward(self, capsules: Tensor, actionness: Tensor) -> Tensor:
        """(B, 16 C, T, 1), (B, T, C) -> (B, P, 2 + C): confidence, position, class shares."""
        known = actionness.to(capsules.dtype).permute(0, 2, 1).unsqueeze(-1)
        hidden = self.pool(functional.relu(torch.cat([capsules, known], dim=1)))
        hidden = self.pool(functional.relu(along_time(self.conv_1, hidden)))
        hidden = self.pool(functional.relu(along_time(self.conv_2, hidden)))
        flat = hidden.flatten(1)  # (B, 464) for 240 frames
        where = torch.sigmoid(self.where(flat).float()).view(-1, self.n_slots, 2)
        what = self.what(flat).float().view(-1, self.n_slots, self.n_classes)
        return torch.cat([where, what.softmax(dim=2)], dim=2)
