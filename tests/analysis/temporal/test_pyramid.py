import torch

from analysis.temporal.pyramid import SpatioTemporalPyramid


def test_published_kernels_and_widths():
    """Algorithms B6: kernels 12, 27, 40, 80 for a reach of 80; 152 channels for m = 2, 304 for m = 4."""
    assert SpatioTemporalPyramid(512, 80).kernels == [12, 27, 40, 80]
    for multiplier, width in ((2, 152), (4, 304)):
        pyramid = SpatioTemporalPyramid(8, 80, multiplier)
        assert pyramid(torch.zeros(1, 1, 33, 8)).shape == (1, width, 33, 1)
