"""Windows over a long sequence and their stitching, planned once for slicing and for stitching (algorithms B5, P1).

The public code re-anchors its last window in one place and not in the other, which shifts the end of half of all
halves. Here one list says where each window starts and which of its outputs are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Chunk:
    """One window: inputs [start, start + length), outputs kept for frames [keep_from, keep_to) of the sequence."""

    start: int
    keep_from: int
    keep_to: int


def plan_chunks(n_frames: int, length: int, border: int) -> list[Chunk]:
    """Windows whose kept parts tile 0 .. n_frames - 1 exactly once.

    Args:
        n_frames: length of the sequence; 0 gives no window.
        length: frames of a window.
        border: frames to distrust at each inner end; the outer ends of the sequence are kept.

    Raises:
        ValueError: a border that leaves nothing in the middle.
    """
    stride = length - 2 * border
    if border < 0 or stride <= 0:
        raise ValueError(f"a window of {length} frames cannot lose {border} at both ends")
    if n_frames <= 0:
        return []
    if n_frames <= length:
        return [Chunk(0, 0, n_frames)]
    starts = [*range(0, n_frames - length, stride), n_frames - length]
    kept_ends = [start + length - border for start in starts[:-1]] + [n_frames]
    kept_begins = [0, *kept_ends[:-1]]
    return [Chunk(*span) for span in zip(starts, kept_begins, kept_ends, strict=True)]


def cut(
    sequence: NDArray[np.floating], chunks: Sequence[Chunk], length: int
) -> NDArray[np.floating]:
    """(n_chunks, length, ...) windows of a (T, ...) sequence; a sequence shorter than a window is padded with zeros."""
    windows = np.zeros((len(chunks), length, *sequence.shape[1:]), sequence.dtype)
    for i, chunk in enumerate(chunks):
        part = sequence[chunk.start : chunk.start + length]
        windows[i, : len(part)] = part
    return windows


def stitch(
    outputs: NDArray[np.floating], chunks: Sequence[Chunk], n_frames: int
) -> NDArray[np.floating]:
    """(n_frames, ...) from (n_chunks, length, ...) outputs: the kept part of each window."""
    whole = np.zeros((n_frames, *outputs.shape[2:]), outputs.dtype)
    for output, chunk in zip(outputs, chunks, strict=True):
        whole[chunk.keep_from : chunk.keep_to] = output[
            chunk.keep_from - chunk.start : chunk.keep_to - chunk.start
        ]
    return whole
