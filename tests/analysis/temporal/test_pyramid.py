import pytest
import torch
from torch.nn import functional

from analysis.spotting.models.calf_calibration.branches import ViewBranch
from analysis.temporal.pyramid import SpatioTemporalPyramid, along_time, same_padding


def test_published_kernels_and_widths():
    """Algorithms B6: kernels 12, 27, 40, 80 for a reach of 80; 152 channels for m = 2, 304 for m = 4."""
    assert SpatioTemporalPyramid(512, 80).kernels == [12, 27, 40, 80]
    for multiplier, width in ((2, 152), (4, 304)):
        pyramid = SpatioTemporalPyramid(8, 80, multiplier)
        assert pyramid(torch.zeros(1, 1, 33, 8)).shape == (1, width, 33, 1)


@pytest.mark.parametrize("kernel", [1, 12, 27])
def test_over_time_is_the_published_two_dimensional_layer(kernel):
    torch.manual_seed(0)
    layer = torch.nn.Conv2d(6, 5, (kernel, 1))
    hidden = torch.randn(3, 6, 40, 1)
    before, after = same_padding(kernel)
    expected = layer(functional.pad(hidden, (0, 0, before, after)))
    torch.testing.assert_close(along_time(layer, hidden), expected)


def test_views_go_through_the_published_three_dimensional_layers():
    """The formula of the paper's branch, layer by layer in three dimensions; black pictures among others."""
    torch.manual_seed(1)
    branch = ViewBranch(80)
    views = torch.randint(0, 256, (2, 33, 32, 64, 3), dtype=torch.uint8)
    views[0, 3:9], views[1, 20:] = 0, 0
    hidden = views.permute(0, 4, 1, 2, 3).float() / 127 - 1
    hidden = functional.max_pool3d(functional.relu(branch.conv_1(hidden)), (1, 4, 4))
    hidden = functional.max_pool3d(functional.relu(branch.conv_2(hidden)), (1, 2, 2))
    outputs = [hidden.amax(dim=(3, 4))]
    for kernel, level in zip(branch.kernels, branch.levels, strict=True):
        padded = functional.pad(hidden, (0, 0, 0, 0, *same_padding(kernel)))
        outputs.append(functional.relu(level(padded)).amax(dim=(3, 4)))
    expected = torch.cat(outputs, dim=1).unsqueeze(-1)
    torch.testing.assert_close(branch(views), expected)
    gradients = []
    for answer in (expected, branch(views)):
        gradients.append(torch.autograd.grad(answer.square().mean(), list(branch.parameters())))
    for own, other in zip(*gradients, strict=True):
        torch.testing.assert_close(own, other, rtol=1e-4, atol=1e-6)
