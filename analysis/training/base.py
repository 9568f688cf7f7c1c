"""What the one training loop asks of a method that learns."""

from collections.abc import Mapping
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
