"""Bricks of networks that look at pictures, shared by several families."""

from torch import Tensor, nn
from torch.nn import functional

_MOMENTUM = 0.05


class Step(nn.Sequential):
    """Convolution, norm, ReLU; with ``leak`` the slope of a leaky one."""

    def __init__(
        self,
        before: int,
        after: int,
        size: int = 3,
        stride: int = 1,
        dilation: int = 1,
        leak: float = 0.0,
    ) -> None:
        super().__init__(
            nn.Conv2d(
                before, after, size, stride, dilation * (size // 2), dilation=dilation, bias=False
            ),
            nn.BatchNorm2d(after, momentum=_MOMENTUM),
            nn.LeakyReLU(leak, inplace=True) if leak else nn.ReLU(inplace=True),
        )


class Residual(nn.Module):
    """Two 3x3 convolutions beside an identity.

    Args:
        channels: in and out.
        dilations: of the first and the second convolution.
    """

    def __init__(self, channels: int, dilations: tuple[int, int] = (1, 1)) -> None:
        super().__init__()
        first, second = dilations
        self.one = Step(channels, channels, dilation=first)
        self.two = nn.Conv2d(channels, channels, 3, padding=second, dilation=second, bias=False)
        self.norm = nn.BatchNorm2d(channels, momentum=_MOMENTUM)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same."""
        return functional.relu(x + self.norm(self.two(self.one(x))), inplace=True)


class Joined(nn.Module):
    """Coarse maps grown to the size of fine ones, bilinearly, and added to them."""

    def forward(self, fine: Tensor, coarse: Tensor) -> Tensor:
        """(B, C, H, W) and (B, C, h, w) -> (B, C, H, W)."""
        return fine + self.grown(coarse, fine)

    @staticmethod
    def grown(coarse: Tensor, like: Tensor) -> Tensor:
        """``coarse`` at the height and width of ``like``."""
        return functional.interpolate(
            coarse, size=like.shape[2:], mode="bilinear", align_corners=False
        )


class Overview(nn.Module):
    """Self-attention over the coarsest cells, so that one end of the picture knows of the other."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(channels)
        self.mix = nn.Linear(channels, 3 * channels)
        self.out = nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same."""
        batch, channels, height, width = x.shape
        cells = x.flatten(2).transpose(1, 2)
        mixed = self.mix(self.norm(cells)).reshape(batch, -1, 3, self.heads, channels // self.heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value).transpose(1, 2)
        cells = cells + self.out(seen.reshape(batch, -1, channels))
        return cells.transpose(1, 2).reshape(batch, channels, height, width)
