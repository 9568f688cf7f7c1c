"""From measured agreement to a probability, and from a probability to a state."""

from collections.abc import Mapping

import numpy as np

OK_FLOOR = 0.5
WEAK_FLOOR = 0.2


def probability(
    evidence: Mapping[str, float], weights: Mapping[str, float], *, bias: float
) -> float:
    """Logistic probability of named agreements, e.g. that a calibration is right.

    Args:
        evidence: name -> value, at least the names in ``weights``; NaN counts as 0.
        weights: name -> log-odds per unit.
        bias: log-odds when every value is 0.
    """
    total = bias + sum(
        weight * float(np.nan_to_num(evidence[name])) for name, weight in weights.items()
    )
    return float(1 / (1 + np.exp(-np.clip(total, -40, 40))))


def status_of(confidence: float) -> str:
    """``ok`` from 0.5 on, ``weak`` from 0.2 on, else ``refused``."""
    if confidence >= OK_FLOOR:
        return "ok"
    return "weak" if confidence >= WEAK_FLOOR else "refused"
