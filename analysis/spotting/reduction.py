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

from analysis.core.records import FeatureSequence
from analysis.spotting.inputs import NetworkInputs

NAMES = ("features", "branch")
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

    def __call__(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """(N, D) -> (N, n)."""
        return np.asarray((features.astype(np.float32) - self.centre) @ self.axes)


@dataclass(frozen=True, slots=True)
class Reductions:
    """Of a half's features, and of the vectors of its branch where it has some.

    Args:
        features, branch: None for what is not reduced.
    """

    features: Reduction | None = None
    branch: Reduction | None = None

    @staticmethod
    def fit(halves: Sequence[NetworkInputs], n_components: int) -> "Reductions":
        """Of training halves."""
        if not n_components:
            return Reductions()
        features = Reduction.fit([half.features for half in halves], n_components)
        vectors = [h.branch.values for h in halves if isinstance(h.branch, FeatureSequence)]
        return Reductions(features, Reduction.fit(vectors, n_components) if vectors else None)

    def __call__(self, inputs: NetworkInputs) -> NetworkInputs:
        """The same half, reduced."""
        if self.features is not None:
            inputs = replace(inputs, features=self.features(inputs.features))
        if self.branch is not None and isinstance(inputs.branch, FeatureSequence):
            vectors = self.branch(inputs.branch.values)
            inputs = replace(inputs, branch=replace(inputs.branch, values=vectors))
        return inputs


def attach(network: nn.Module, name: str, n_features: int, n_components: int) -> None:
    """Make room among a network's weights for the reduction ``features`` or ``branch``."""
    network.register_buffer(f"{name}_centre", torch.zeros(n_features))
    network.register_buffer(f"{name}_axes", torch.zeros(n_features, n_components))


def store(network: nn.Module, reductions: Reductions) -> None:
    """Write reductions where ``attach`` made room."""
    for name in NAMES:
        reduction: Reduction | None = getattr(reductions, name)
        if reduction is not None:
            getattr(network, f"{name}_centre").copy_(torch.from_numpy(reduction.centre))
            getattr(network, f"{name}_axes").copy_(torch.from_numpy(reduction.axes))


def stored(network: nn.Module) -> Reductions:
    """The reductions of a network; none where it has none."""
    buffers = dict(network.named_buffers(recurse=False))
    found = {
        name: Reduction(
            *(buffers[f"{name}_{part}"].float().cpu().numpy() for part in ("centre", "axes"))
        )
        for name in NAMES
        if f"{name}_axes" in buffers
    }
    return Reductions(**found)
