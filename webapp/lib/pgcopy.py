"""Rows for PostgreSQL's ``COPY ... (FORMAT binary)``, made column-wise: no Python object per row.

The format: a header, then per row the number of fields and per field its length and bytes, big-endian; a missing value
is the length -1 without bytes (PostgreSQL manual, COPY, File Formats). Rows with one pattern of missing values have the
same length, so each pattern is one structured array.
"""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

_HEADER = b"PGCOPY\n\xff\r\n\x00" + b"\x00" * 8
_TRAILER = b"\xff\xff"
# Rows of one pattern stand together only within a block, so that the table stays in time order on disk.
BLOCK_ROWS = 8192


def binary_rows(columns: Mapping[str, NDArray[Any]]) -> BytesIO:
    """A buffer for ``COPY table (names) FROM STDIN (FORMAT binary)``.

    Args:
        columns: equally long arrays (N,) of int16, int32, int64, float32 or float64, whose widths are those of the
            table's columns. NaN, and masked entries of masked arrays, become NULL.
    """
    names = list(columns)
    missing = np.stack([_missing(columns[name]) for name in names], axis=1)
    buffer = BytesIO()
    buffer.write(_HEADER)
    weights = 1 << np.arange(len(names), dtype=np.int64)
    patterns = missing @ weights
    for start in range(0, len(patterns), BLOCK_ROWS):
        block = patterns[start : start + BLOCK_ROWS]
        for pattern in np.unique(block):
            rows = start + np.flatnonzero(block == pattern)
            present = [not pattern & int(weight) for weight in weights]
            buffer.write(_packed(columns, names, present, rows))
    buffer.write(_TRAILER)
    buffer.seek(0)
    return buffer


def _missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    masked = np.ma.getmaskarray(values)
    return masked | np.isnan(values) if values.dtype.kind == "f" else masked


def _packed(
    columns: Mapping[str, NDArray[Any]],
    names: list[str],
    present: list[bool],
    rows: NDArray[np.int64],
) -> bytes:
    fields: list[tuple[str, str]] = [("n_fields", ">i2")]
    for name, is_there in zip(names, present, strict=True):
        fields.append((f"length of {name}", ">i4"))
        if is_there:
            fields.append((name, columns[name].dtype.newbyteorder(">").str))
    packed = np.empty(len(rows), dtype=fields)
    packed["n_fields"] = len(names)
    for name, is_there in zip(names, present, strict=True):
        packed[f"length of {name}"] = columns[name].dtype.itemsize if is_there else -1
        if is_there:
            packed[name] = np.ma.getdata(columns[name])[rows]
    return packed.tobytes()
