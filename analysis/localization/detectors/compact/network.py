"""The network: a small pyramid from pixels to maps at a quarter of the size, where far players still have a middle.

Outputs per cell, in the manner of centre-point detectors (Zhou et al. 2019, Objects as Points): how much a person's
middle lies here, how much the ball does, the four sides of the person's box, and the person's role.
"""

import torch
from torch import Tensor, nn

from analysis.core.vocabulary import ROLES
from analysis.training.convolutions import Joined, Residual, Step

STRIDE = 4
PERSON, BALL = 0, 1
SIDES = slice(2, 6)
ROLE = slice(6, 6 + len(ROLES))
N_OUTPUTS = 6 + len(ROLES)


class CompactNetwork(nn.Module):
    """(B, 3, H, W) in [-1, 1], H and W multiples of 32 -> (B, N_OUTPUTS, H/4, W/4).

    Args:
        widths: channels at strides 2, 4, 8, 16, 32.
    """

    def __init__(self, widths: tuple[int, int, int, int, int] = (24, 40, 64, 112, 160)) -> None:
        super().__init__()
        w2, w4, w8, w16, w32 = widths
        self.stem = nn.Sequential(Step(3, w2, stride=2), Step(w2, w4, stride=2))
        self.at4 = Residual(w4)
        self.at8 = nn.Sequential(Step(w4, w8, stride=2), Residual(w8), Residual(w8))
        self.at16 = nn.Sequential(Step(w8, w16, stride=2), Residual(w16), Residual(w16))
        self.at32 = nn.Sequential(Step(w16, w32, stride=2), Residual(w32, (1, 2)), Residual(w32))
        self.from32, self.join16 = Step(w32, w16, 1), Residual(w16)
        self.from16, self.join8 = Step(w16, w8, 1), Residual(w8)
        self.from8, self.join4 = Step(w8, w4, 1), Residual(w4)
        self.sum16, self.sum8, self.sum4 = Joined(), Joined(), Joined()
        self.neck = Step(w4, 64)
        self.head = nn.Conv2d(64, N_OUTPUTS, 1)
        with torch.no_grad():
            # Middles are rare: begin by saying no, and with boxes of the size of a far player.
            self.head.bias.zero_()
            self.head.bias[[PERSON, BALL]] = -4.6

    def forward(self, image: Tensor) -> Tensor:
        """Raw outputs; ``decode`` reads them."""
        at4 = self.at4(self.stem(image))
        at8 = self.at8(at4)
        at16 = self.at16(at8)
        at32 = self.at32(at16)
        at16 = self.join16(self.sum16(at16, self.from32(at32)))
        at8 = self.join8(self.sum8(at8, self.from16(at16)))
        at4 = self.join4(self.sum4(at4, self.from8(at8)))
        return self.head(self.neck(at4))


def sides_px(raw: Tensor) -> Tensor:
    """Distances (B, 4, h, w) in input pixels from a cell's middle to the box's left, top, right and lower side."""
    return torch.exp(raw[:, SIDES].clamp(-4, 4)) * 8.0


def as_input(images: Tensor) -> Tensor:
    """(B, H, W, 3) uint8 -> (B, 3, H, W) float in [-1, 1], channels last in memory."""
    return (images.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(
        memory_format=torch.channels_last
    )
