"""Splits by sequence: neighbouring frames are near-copies, so a sequence stands on one side only."""

from collections import Counter
from collections.abc import Sequence


def fold_of_sequence(sequences: Sequence[str], n_folds: int) -> dict[str, int]:
    """Which fold each sequence is held out in, balanced by frames; deterministic.

    Args:
        sequences: the sequence of every frame.
        n_folds: number of folds.
    """
    sizes = Counter(sequences)
    load = [0] * n_folds
    folds: dict[str, int] = {}
    # Largest first, each into the fold that holds fewest frames so far.
    for name in sorted(sizes, key=lambda name: (-sizes[name], name)):
        fold = min(range(n_folds), key=lambda k: (load[k], k))
        folds[name] = fold
        load[fold] += sizes[name]
    return folds
