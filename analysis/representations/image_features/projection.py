"""Fewer numbers for every picture: the mean is taken off and the leading components stay, without whitening.

The published 512 components were fitted on all 500 games, test games included (algorithms P9). ``fit`` takes rows of
training games, and nothing else may go in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from analysis.core.problems import InputProblem
from analysis.training.weights import load_weights, save_weights


@dataclass(frozen=True, slots=True)
class Projection:
    """Principal components.

    Args:
        mean: (D,) float32.
        components: (K, D) float32, rows of length one.
    """

    mean: NDArray[np.float32]
    components: NDArray[np.float32]

    def __call__(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, D) -> (N, K).

        Raises:
            InputProblem: rows of another width.
        """
        if rows.shape[1] != len(self.mean):
            raise InputProblem(
                "features_width",
                f"The projection was fitted on {len(self.mean)} numbers a row, these have {rows.shape[1]}: "
                "fit it on this network's features.",
            )
        return np.asarray((rows - self.mean) @ self.components.T, np.float32)


def fit(training_rows: Iterable[NDArray[np.float32]], n_components: int) -> Projection:
    """Components of the rows of training games, one array a half; only sums are kept in memory.

    Raises:
        InputProblem: fewer rows than components.
    """
    total, squares, n_rows = 0.0, 0.0, 0
    for rows in training_rows:
        wide = rows.astype(np.float64)
        total, squares, n_rows = total + wide.sum(0), squares + wide.T @ wide, n_rows + len(rows)
    if n_rows < n_components or np.ndim(total) != 1 or len(np.atleast_1d(total)) < n_components:
        raise InputProblem(
            "features_too_few",
            f"{n_components} components cannot be fitted on {n_rows} rows: add training games or ask for fewer.",
        )
    mean = np.asarray(total) / n_rows
    _, vectors = np.linalg.eigh(np.asarray(squares) / n_rows - np.outer(mean, mean))
    components = vectors[:, ::-1][:, :n_components].T
    # The sign of a component is free: the largest entry is made positive, so that two fits agree.
    largest = np.abs(components).argmax(axis=1)
    components = components * np.sign(components[np.arange(n_components), largest])[:, None]
    return Projection(mean.astype(np.float32), np.ascontiguousarray(components, np.float32))


def save_projection(projection: Projection, path: Path) -> str:
    """Write as safetensors; the file's sha256."""
    tensors = {
        "mean": torch.from_numpy(projection.mean),
        "components": torch.from_numpy(projection.components),
    }
    return save_weights(tensors, path)


def load_projection(path: Path) -> Projection:
    """Raises: InputProblem when the file is missing or none of ``save_projection``."""
    tensors = load_weights(path)
    if set(tensors) != {"mean", "components"}:
        raise InputProblem(
            "weights_foreign", f"{path.name} is no projection: fit one on training games."
        )
    return Projection(tensors["mean"].numpy(), tensors["components"].numpy())
