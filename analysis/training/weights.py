"""Weights as safetensors beside a card: written whole or not at all, and never loaded unchecked."""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from analysis.core.cards import read_card
from analysis.core.problems import InputProblem


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def save_weights(
    tensors: Mapping[str, Tensor],
    path: Path,
    *,
    half: bool = False,
    notes: Mapping[str, str] | None = None,
) -> str:
    """Write tensors in one rename and return the file's sha256; ``half`` stores floats in 16 bits."""
    stored = {}
    for name, tensor in tensors.items():
        kept = tensor.detach().cpu().contiguous().clone()
        stored[name] = kept.half() if half and kept.is_floating_point() else kept
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, work = tempfile.mkstemp(prefix=".part-", suffix=".safetensors", dir=path.parent)
    os.close(handle)
    try:
        save_file(stored, work, metadata=dict(notes or {}))
        Path(work).chmod(0o644)
        os.replace(work, path)
    finally:
        Path(work).unlink(missing_ok=True)
    return sha256_of(path)


def load_weights(path: Path, *, sha256: str | None = None) -> dict[str, Tensor]:
    """Tensors of a file, 32-bit floats; ``sha256`` is what the card promises, None for a file the caller named.

    Raises:
        InputProblem: the file is absent, unreadable, or not the one of the card.
    """
    if not path.is_file():
        raise InputProblem(
            "weights_missing", f"The weights {path.name} are missing: train the method first."
        )
    if sha256 is not None and sha256_of(path) != sha256:
        raise InputProblem(
            "weights_changed",
            f"The weights {path.name} are not those of their card: restore the file or train the method again.",
        )
    try:
        tensors = load_file(str(path))
    except Exception as error:
        raise InputProblem(
            "weights_unreadable",
            f"The weights {path.name} cannot be read: name a safetensors file.",
        ) from error
    return {
        name: tensor.float() if tensor.dtype in (torch.float16, torch.bfloat16) else tensor
        for name, tensor in tensors.items()
    }


def read_notes(path: Path) -> dict[str, str]:
    """The notes that ``save_weights`` kept in a file that ``load_weights`` has accepted."""
    with safe_open(str(path), framework="pt") as stored:
        return dict(stored.metadata() or {})


def method_weights(folder: Path, name: str, other: str = "") -> dict[str, Tensor]:
    """Weights of a method folder: its bundled file with the digest its card promises, or another file.

    Args:
        folder: of the method, with ``card.toml``.
        name: of the bundled file.
        other: a file to read in its place, whatever its digest; empty for the bundled one.

    Raises:
        InputProblem: the weights are missing, unreadable or not those of the card.
    """
    if other:
        return load_weights(Path(other))
    promised = {item.file: item.sha256 for item in read_card(folder / "card.toml").weights}
    return load_weights(folder / name, sha256=promised.get(name))
