"""Tables of a million rows as bytes: the same text that ``core.tables`` writes, many rows at once.

A column is a matrix of characters (N, width) in which 0 means "nothing here"; columns are put side by side and the
zeros dropped. A test holds the bytes against ``tables.csv_text``.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.uint8]


def texts(words: Sequence[str]) -> Cells:
    """(N, width) of ready-made cells."""
    packed = np.array([word.encode() for word in words], dtype=np.bytes_)
    if packed.dtype.itemsize == 0 or len(packed) == 0:
        return np.zeros((len(words), 0), np.uint8)
    return packed.view(np.uint8).reshape(len(words), packed.dtype.itemsize)


def decimals(values: NDArray[np.float64], places: int) -> Cells:
    """(N, width) of finite numbers with a fixed number of decimals, rounded as ``format`` does but for exact ties."""
    scaled = np.rint(values * 10**places).astype(np.int64)
    # Multiplying may have moved a tie; format rounds the exact binary value.
    size = np.abs(scaled)
    n_digits = max(len(str(int(size.max(initial=0)))), places + 1)
    cells = np.zeros((len(values), n_digits + 2), np.uint8)
    cells[:, 0] = np.where(scaled < 0, ord("-"), 0)
    left = size.copy()
    column = n_digits + 1
    for k in range(n_digits):
        if k == places:
            cells[:, column] = ord(".")
            column -= 1
        digit = (left % 10).astype(np.uint8) + ord("0")
        cells[:, column] = digit if k <= places else np.where(left > 0, digit, 0)
        left //= 10
        column -= 1
    return cells


def lines(columns: Sequence[Cells]) -> bytes:
    """Rows of cells as text, commas between and a line feed after each row."""
    comma = np.full((len(columns[0]), 1), ord(","), np.uint8)
    parts: list[Cells] = []
    for column in columns:
        parts += [column, comma]
    parts[-1] = np.full((len(columns[0]), 1), ord("\n"), np.uint8)
    block = np.concatenate(parts, axis=1)
    return block[block != 0].tobytes()
