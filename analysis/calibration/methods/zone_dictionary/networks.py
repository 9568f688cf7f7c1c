"""The three networks of the published system: zones of a picture, a code of a zone map, a correction of a template.

Sizes are those of the released system (Cioppa et al. 2021; Sha et al. 2020); ``SLIM`` keeps the structure and narrows
the widest layers, so that the weights are small, halves the zone network's maps, and adds one thing of ours:
a look at the whole picture under the bottleneck, since grass inside a penalty area looks like grass outside and only
what is far away tells which it is.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from analysis.calibration.methods.zone_dictionary.zones import MAP_SIZE, N_CLASSES
from analysis.training.convolutions import Overview, Residual, Step

N_PARAMETERS = 8


@dataclass(frozen=True, slots=True)
class Sizes:
    """How wide the networks are.

    Args:
        segmentation: channels at full size, a half, a quarter, and in the bottleneck.
        encoder_head: widths of the two hidden layers behind the encoder's convolutions.
        refiner: channels of the refiner's three stages.
        refiner_head: widths of its two hidden layers.
        code: numbers in a code.
        picture: (width, height) of the pictures that the zone network is shown.
        stride: of its first convolution; its maps are so much coarser than the picture.
        context: channels at a sixteenth and a thirty-second, under the bottleneck; empty for none, as published.
    """

    segmentation: tuple[int, int, int, int] = (32, 64, 128, 128)
    encoder_head: tuple[int, int] = (2048, 512)
    refiner: tuple[int, int, int] = (16, 32, 64)
    refiner_head: tuple[int, int] = (4096, 1024)
    code: int = 128
    picture: tuple[int, int] = MAP_SIZE
    stride: int = 1
    context: tuple[int, ...] = ()


PUBLISHED = Sizes()
SLIM = Sizes(
    segmentation=(16, 32, 64, 64),
    encoder_head=(192, 128),
    refiner=(8, 24, 48),
    refiner_head=(256, 128),
    stride=2,
    context=(96, 128),
)
SIZES = {"published": PUBLISHED, "slim": SLIM}


def _double(before: int, after: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(Step(before, after, stride=stride), Step(after, after))


class _Up(nn.Module):
    """Twice the size, joined with what the way down saw at that size."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.grow = nn.Sequential(
            nn.ConvTranspose2d(before, after, 2, 2, bias=False),
            nn.BatchNorm2d(after, momentum=0.05),
            nn.ReLU(inplace=True),
        )
        self.join = _double(2 * after, after)

    def forward(self, x: Tensor, beside: Tensor) -> Tensor:
        grown = self.grow(x)[:, :, : beside.shape[2], : beside.shape[3]]
        return self.join(torch.cat([grown, beside], dim=1))


class _Context(nn.Module):
    """What is far away, added to the bottleneck: two coarser levels that know their place and see all of each other."""

    def __init__(self, channels: int, first: int, second: int) -> None:
        super().__init__()
        self.down = nn.Sequential(Step(channels + 2, first, stride=2), Residual(first))
        self.lowest = nn.Sequential(
            Step(first, second, stride=2), Residual(second), Overview(second, 4),
            Residual(second), Overview(second, 4), Residual(second),
        )  # fmt: skip
        self.widen, self.beside = Step(second, first, 1), Residual(first)
        self.back = Step(first, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        _, _, height, width = x.shape
        rows, columns = torch.meshgrid(
            torch.linspace(-1, 1, height, device=x.device, dtype=x.dtype),
            torch.linspace(-1, 1, width, device=x.device, dtype=x.dtype),
            indexing="ij",
        )
        place = torch.stack([columns, rows]).expand(len(x), -1, -1, -1)
        down = self.down(torch.cat([x, place], dim=1))
        down = self.beside(down + _grown(self.widen(self.lowest(down)), down))
        return x + _grown(self.back(down), x)


def _grown(x: Tensor, like: Tensor) -> Tensor:
    return functional.interpolate(x, size=like.shape[2:], mode="bilinear", align_corners=False)


class ZoneNetwork(nn.Module):
    """RGB in [0, 1] (B, 3, H, W) -> (B, 4, H / stride, W / stride) log-probabilities of the zones."""

    def __init__(self, sizes: Sizes = PUBLISHED) -> None:
        super().__init__()
        full, half, quarter, bottom = sizes.segmentation
        self.at1 = _double(3, full, sizes.stride)
        self.at2, self.at4 = _double(full, half), _double(half, quarter)
        self.bottom = _double(quarter, bottom)
        self.context = _Context(bottom, *sizes.context) if sizes.context else nn.Identity()
        self.up4, self.up2, self.up1 = _Up(bottom, quarter), _Up(quarter, half), _Up(half, full)
        self.last = nn.Conv2d(full, N_CLASSES, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Log-softmax over the classes."""
        at1 = self.at1(image)
        at2 = self.at2(_halved(at1))
        at4 = self.at4(_halved(at2))
        lowest = self.context(self.bottom(_halved(at4)))
        return functional.log_softmax(
            self.last(self.up1(self.up2(self.up4(lowest, at4), at2), at1)).float(), dim=1
        )


def _halved(x: Tensor) -> Tensor:
    return functional.max_pool2d(x, 2, ceil_mode=True)


class ZoneEncoder(nn.Module):
    """(B, 4, 144, 256) zones, background empty -> (B, code); near codes are near views (both sides of the pair)."""

    def __init__(self, sizes: Sizes = PUBLISHED) -> None:
        super().__init__()
        self.features = nn.Sequential(
            _double(4, 8), nn.MaxPool2d(4), _double(8, 16), nn.MaxPool2d(2), _double(16, 32), nn.MaxPool2d(2)
        )  # fmt: skip
        first, second = sizes.encoder_head
        self.head = nn.Sequential(
            nn.Linear(32 * _cells(16), first), nn.ReLU(inplace=True),
            nn.Linear(first, second), nn.ReLU(inplace=True), nn.Linear(second, sizes.code),
        )  # fmt: skip

    def forward(self, zones: Tensor) -> Tensor:
        """Codes, not normalised."""
        return self.head(self.features(zones).flatten(1))


class _Stage(nn.Module):
    """Two leaky convolutions, the second used twice: its output comes back to it as a residual."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.one, self.two = Step(before, after, leak=0.01), Step(after, after, leak=0.01)

    def forward(self, x: Tensor) -> Tensor:
        first = self.one(x)
        return self.two(self.two(first) + first)


class TemplateRefiner(nn.Module):
    """(B, 8, 144, 256) zones seen and zones of the template -> (B, 8) correction, see ``corrections``.

    The last layer begins as the identity: no correction.
    """

    def __init__(self, sizes: Sizes = PUBLISHED) -> None:
        super().__init__()
        first, second, third = sizes.refiner
        self.features = nn.Sequential(
            _Stage(8, first), nn.MaxPool2d(4), _Stage(first, second), nn.MaxPool2d(2),
            _Stage(second, third), nn.MaxPool2d(2),
        )  # fmt: skip
        wide, narrow = sizes.refiner_head
        self.head = nn.Sequential(
            nn.Linear(third * _cells(16), wide), nn.LeakyReLU(0.01, inplace=True),
            nn.Linear(wide, narrow), nn.LeakyReLU(0.01, inplace=True),
        )  # fmt: skip
        self.last = nn.Linear(narrow, N_PARAMETERS)
        nn.init.zeros_(self.last.weight)
        with torch.no_grad():
            self.last.bias.copy_(torch.tensor([1.0, 0, 0, 0, 1, 0, 0, 0]))

    def forward(self, pair: Tensor) -> Tensor:
        """The eight free entries of the conditioned correction, row by row."""
        return self.last(self.head(self.features(pair).flatten(1)))


def _cells(stride: int) -> int:
    return (MAP_SIZE[0] // stride) * (MAP_SIZE[1] // stride)


def as_input(pictures: Tensor) -> Tensor:
    """(B, H, W, 3) uint8 -> (B, 3, H, W) float in [0, 1], channels last in memory."""
    return (pictures.permute(0, 3, 1, 2).float() / 255).contiguous(
        memory_format=torch.channels_last
    )
