"""A small U-shaped network from a 640x360 picture to soft maps of pitch elements at a quarter of its size."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from analysis.calibration.methods.pitch_elements.elements import N_CHANNELS
from analysis.training.convolutions import Joined, Overview, Residual, Step

INPUT_SIZE_PX = (640, 360)
MAP_SIZE = (160, 90)


class ElementNetwork(nn.Module):
    """(B, 3, 360, 640) RGB in [-1, 1] -> (B, 53, 90, 160) logits.

    Args:
        widths: channels at strides 2, 4, 8, 16 and 32.
    """

    def __init__(self, widths: tuple[int, int, int, int, int] = (16, 32, 48, 96, 160)) -> None:
        super().__init__()
        w2, w4, w8, w16, w32 = widths
        self.stem = nn.Sequential(Step(3, w2, stride=2), Step(w2, w4, stride=2))
        self.level4 = nn.Sequential(Residual(w4), Residual(w4))
        self.level8 = nn.Sequential(Step(w4, w8, stride=2), Residual(w8), Residual(w8))
        self.level16 = nn.Sequential(
            Step(w8, w16, stride=2), Residual(w16), Residual(w16, (2, 1)), Residual(w16, (4, 1))
        )
        self.level32 = nn.Sequential(
            Step(w16, w32, stride=2),
            Residual(w32),
            Overview(w32, 4),
            Residual(w32),
            Overview(w32, 4),
            Residual(w32),
        )
        self.down32, self.side16 = Step(w32, w16, 1), Residual(w16)
        self.down16, self.side8 = Step(w16, w8, 1), Residual(w8)
        self.down8, self.side4 = Step(w8, w4, 1), Residual(w4)
        self.last = nn.Sequential(Step(w4, 64), nn.Conv2d(64, N_CHANNELS, 1))
        nn.init.constant_(self.last[1].bias, -4.0)

    def forward(self, image: Tensor) -> Tensor:
        """Logits of the element maps."""
        at4 = self.level4(self.stem(image))
        at8 = self.level8(at4)
        at16 = self.level16(at8)
        at32 = self.level32(at16)
        at16 = self.side16(at16 + Joined.grown(self.down32(at32), at16))
        at8 = self.side8(at8 + Joined.grown(self.down16(at16), at8))
        at4 = self.side4(at4 + Joined.grown(self.down8(at8), at4))
        return self.last(at4)


def element_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy with soft targets, ridges weighing more than the empty rest; mean over samples."""
    weight = 1 + 4 * targets
    loss = F.binary_cross_entropy_with_logits(logits, targets, weight=weight, reduction="none")
    return loss.sum(dim=(1, 2, 3)).mean() / (logits.shape[2] * logits.shape[3]) * 10


def as_input(images: Tensor) -> Tensor:
    """(B, 360, 640, 3) uint8 -> (B, 3, 360, 640) float in [-1, 1], channels last in memory."""
    return (images.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(
        memory_format=torch.channels_last
    )
