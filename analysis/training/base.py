"""What the one training loop asks of a method that learns."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor, nn


class Examples(Protocol):
    """A finite set of examples that may be augmented anew in every round."""

    def __len__(self) -> int:
        """Number of examples in one round."""
        ...

    def example(self, index: int, seed: int) -> Mapping[str, Any]:
        """Example ``index`` in [0, len) as tensors; ``seed`` decides its augmentation, and nothing else does."""
        ...


class Trainable(Protocol):
    """A method folder's ``trainable(settings, ...)`` returns one; only ``training.loop`` sees this side."""

    def network(self) -> nn.Module:
        """A fresh network."""
        ...

    def examples(self, split: str) -> Examples:
        """Examples of ``train`` or ``validation``."""
        ...

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Losses of a batch: ``total`` is optimised, the rest is logged."""
        ...


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """What the command line asks of a method's ``training_run.train``.

    Args:
        folder: of this run: checkpoints, log, weights.
        data: folder of labelled material, or None for what the simulator gives.
        preset: ``cpu`` or ``gpu``: how much work.
        fold: (k, K) leaves fold k of K sequences out, or None to train on everything.
        without: names of sequences to leave out as well.
        initial: weights to begin with (safetensors), or None for fresh ones.
        part: which part of the method, where it has several; empty for all.
        features: name of the feature files, where the material has several; empty for the usual ones.
        steps_share: scales the planned steps; small values are for trying out.
        resume: go on from the last checkpoint.
        seed: of everything random.
        device: torch device.
    """

    folder: Path
    data: Path | None = None
    preset: str = "cpu"
    fold: tuple[int, int] | None = None
    without: tuple[str, ...] = ()
    initial: Path | None = None
    part: str = ""
    features: str = ""
    steps_share: float = 1.0
    resume: bool = False
    seed: int = 0
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What a run came to.

    Args:
        files: file written -> hexadecimal sha256.
        numbers: measured values by name.
        is_complete: False when it stopped early and can be resumed.
    """

    files: Mapping[Path, str]
    numbers: Mapping[str, float]
    is_complete: bool = True
