"""Networks in bytes answer as their floats do, whatever the size of the picture and whichever came first."""

import pytest
import torch
from torch import Tensor, nn

from analysis.training import eight_bit
from analysis.training.convolutions import Joined, Residual, Step
from analysis.training.eight_bit import greatest_values, in_eight_bits, picture_bytes, split

needs_bytes = pytest.mark.skipif(
    not eight_bit.has_byte_products(), reason="this processor has no products of bytes"
)


class Pyramid(nn.Module):
    """Every brick that can be put into bytes, with norms that are not identities."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(Step(3, 8, stride=2), Residual(8, (2, 1)))
        self.deep = nn.Sequential(Step(8, 12, stride=2), Residual(12))
        self.up, self.sum = Step(12, 8, 1), Joined()
        self.last = nn.Conv2d(8, 5, 1)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.uniform_(module.weight, 0.5, 1.5)
                nn.init.uniform_(module.bias, -0.3, 0.3)
                nn.init.uniform_(module.running_mean, -0.2, 0.2)
                nn.init.uniform_(module.running_var, 0.5, 2.0)

    def forward(self, image: Tensor) -> Tensor:
        fine = self.stem(image)
        return self.last(self.sum(fine, self.up(self.deep(fine))))


@pytest.fixture
def pyramid() -> Pyramid:
    torch.manual_seed(4)
    return Pyramid().eval()


def pictures(seed: int, height: int, width: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    small = torch.randint(0, 256, (2, 3, 6, 8), generator=generator).float()
    grown = nn.functional.interpolate(small, size=(height, width), mode="bilinear")
    return grown.round().to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def as_floats(images: Tensor) -> Tensor:
    return images.permute(0, 3, 1, 2).float() / 127.5 - 1


@torch.inference_mode()
def answers(pyramid: Pyramid, *sizes: tuple[int, int]) -> list[tuple[Tensor, Tensor]]:
    """(in floats, in bytes) for pictures of some sizes by one converted network."""
    greatest = greatest_values(pyramid, (as_floats(pictures(seed, 64, 96)) for seed in range(4)))
    converted = in_eight_bits(pyramid, greatest)
    seen = [pictures(9, *size) for size in sizes]
    return [(pyramid(as_floats(one)), converted(picture_bytes(one))) for one in seen]


@needs_bytes
def test_bytes_answer_as_floats(pyramid: Pyramid) -> None:
    ((exact, coarse),) = answers(pyramid, (64, 96))
    assert coarse.dtype == torch.float32
    assert (exact - coarse).abs().mean() < 0.02 * exact.std()
    assert (exact - coarse).abs().max() < 0.2 * exact.std()


@needs_bytes
def test_a_picture_is_answered_alike_whatever_size_came_before(pyramid: Pyramid) -> None:
    (_, _), (exact, after_another) = answers(pyramid, (32, 160), (64, 96))
    ((_, alone),) = answers(pyramid, (64, 96))
    assert torch.equal(after_another, alone)
    assert (exact - alone).abs().mean() < 0.02 * exact.std()


@needs_bytes
def test_the_network_itself_is_left_alone(pyramid: Pyramid) -> None:
    image = as_floats(pictures(3, 64, 96))
    with torch.inference_mode():
        before = pyramid(image)
        answers(pyramid, (64, 96))
        assert torch.equal(pyramid(image), before)


def test_values_are_the_greatest_of_all_pictures_and_split_from_weights(pyramid: Pyramid) -> None:
    images = [as_floats(pictures(seed, 64, 96)) for seed in (1, 2)]
    each = [greatest_values(pyramid, [image]) for image in images]
    both = greatest_values(pyramid, images)
    assert both == {name: max(each[0][name], each[1][name]) for name in both}
    with torch.inference_mode():
        reached = pyramid.stem(images[0]).max()
    assert each[0]["greatest.stem.1"] == reached
    weights, values = split({**pyramid.state_dict(), **both})
    assert values.keys() == both.keys()
    pyramid.load_state_dict(weights)


def test_values_of_another_network_are_refused(pyramid: Pyramid) -> None:
    with pytest.raises(KeyError):
        in_eight_bits(pyramid, {"greatest.other": torch.tensor(1.0)})
