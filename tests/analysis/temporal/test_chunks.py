import itertools

import numpy as np
import pytest

from analysis.temporal.chunks import cut, plan_chunks, stitch


def test_an_identity_network_reproduces_every_length():
    """P1: slicing and stitching agree for every length from 1 to 2000."""
    for n_frames in range(1, 2001):
        frames = np.arange(n_frames, dtype=np.float64)[:, None] + 1
        chunks = plan_chunks(n_frames, 240, 40)
        np.testing.assert_array_equal(stitch(cut(frames, chunks, 240), chunks, n_frames), frames)


def test_inner_ends_are_not_trusted():
    chunks = plan_chunks(1000, 240, 40)
    for before, after in itertools.pairwise(chunks):
        assert before.keep_to == before.start + 200
        assert after.keep_from >= after.start + 40


def test_a_border_must_leave_something():
    with pytest.raises(ValueError, match="cannot lose"):
        plan_chunks(100, 80, 40)
    assert plan_chunks(0, 240, 40) == []
