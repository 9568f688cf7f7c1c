"""Principal components in front of a network, fitted on training halves and kept among its weights.

SoccerNet's features come reduced and of even scale. Layout vectors of simulated halves do not: hundreds of small
counts, most of them zero, from which networks learn many times slower. Reduced to components of variance 1 they are to
a network what the published features are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from analysis.spotting.inputs import NetworkInputs

_CENTRE, _AXES = "reduction_centre", "reduction_axes"
_EVERY = 4
_LEAST_SHARE = 1e-6


@dataclass(frozen=True, slots=True)
class Reduction:
    """Principal components.

    Args:
        centre: (D,) mean of the features.
        axes: (D, n) directions, scaled so that each component has variance 1.
    """

    centre: NDArray[np.float32]
    axes: NDArray[np.float32]

    @staticmethod
    def fit(features: Sequence[NDArray[np.floating]], n_components: int) -> "Reduction":
        """The largest components of some halves' rows, every fourth of which is looked at.

        Args:
            features: (N, D) of each half.
            n_components: n, at most D.
        """
        rows = np.concatenate([own[::_EVERY] for own in features]).astype(np.float32)
        centre = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
        rows -= centre
        variance, axes = np.linalg.eigh((rows.T @ rows).astype(np.float64) / max(1, len(rows)))
        best = np.argsort(variance)[::-1][:n_components]
        # A direction in which nothing varies says nothing; its noise is not blown up.
        least = max(_LEAST_SHARE * float(variance[best[0]]), 1e-12)
        scaled = axes[:, best] / np.sqrt(np.maximum(variance[best], least))
        return Reduction(centre, scaled.astype(np.float32))

    def __call__(self, inputs: NetworkInputs) -> NetworkInputs:
        """The same half with (N, n) features, float32."""
        features = (inputs.features.astype(np.float32) - self.centre) @ self.axes
        return replace(inputs, features=features)


def attach(network: nn.Module, n_features: int, n_components: int) -> None:
    """Make room among a network's weights for a reduction of ``n_features`` to ``n_components``."""
    network.register_buffer(_CENTRE, torch.zeros(n_features))
    network.register_buffer(_AXES, torch.zeros(n_features, n_components))


def store(network: nn.Module, reduction: Reduction) -> None:
    """Write a reduction where ``attach`` made room."""
    getattr(network, _CENTRE).copy_(torch.from_numpy(reduction.centre))
    getattr(network, _AXES).copy_(torch.from_numpy(reduction.axes))


def stored(network: nn.Module) -> Reduction:
    """The reduction of a network. Raises: AttributeError when it has none."""
    values = [getattr(network, name).float().cpu().numpy() for name in (_CENTRE, _AXES)]
    return Reduction(*values)
