"""What tables of benchmarks share: numbers over training seeds, and a row for each class."""

from collections.abc import Callable, Sequence

import numpy as np

from analysis.core.vocabulary import SOCCERNET_V2


def spread(values: Sequence[float]) -> str:
    """Mean and standard deviation to one digit; one value alone."""
    if len(values) == 1:
        return f"{values[0]:.1f}"
    return f"{np.mean(values):.1f} ± {np.std(values, ddof=1):.1f}"


def class_rows(
    names: Sequence[str],
    cell: Callable[[str, int], str],
    titles: Sequence[str] = SOCCERNET_V2.labels,
) -> str:
    """A section with a table of classes.

    Args:
        names: of the columns.
        cell: (name, index of the class in the vocabulary) -> what to print.
        titles: classes in order.
    """
    lines = [
        "## Loose, class by class",
        "",
        "| class | " + " | ".join(f"`{name}`" for name in names) + " |",
        "|---" * (1 + len(names)) + "|",
    ]
    for title in titles:
        label = SOCCERNET_V2.labels.index(title)
        lines.append(f"| {title} | " + " | ".join(cell(name, label) for name in names) + " |")
    return "\n".join(lines)
