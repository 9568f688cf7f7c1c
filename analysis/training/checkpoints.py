"""Where a run stands: network, its running mean, optimiser and counters, so that a stopped run goes on."""

import os
import tempfile
from pathlib import Path
from typing import Any

import torch

FILE_NAME = "checkpoint.pt"


def save_checkpoint(folder: Path, state: dict[str, Any]) -> None:
    """Write a state (tensors, numbers, words) in one rename."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, work = tempfile.mkstemp(prefix=".part-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as stream:
            torch.save(state, stream)
        os.replace(work, folder / FILE_NAME)
    finally:
        Path(work).unlink(missing_ok=True)


def load_checkpoint(folder: Path) -> dict[str, Any] | None:
    """The last saved state, or None; only tensors and plain values are read, never code."""
    path = folder / FILE_NAME
    if not path.is_file():
        return None
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state
