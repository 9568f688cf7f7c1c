"""Confidences to probabilities: one logistic line in logits, fitted to which candidates hit."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Line = tuple[float, float]

# Pulls a class with few candidates towards its confidences as they are.
PRIOR = 3.0
_EDGE = 1e-6


def probabilities(confidence: FloatArray, line: Line) -> FloatArray:
    """sigmoid(slope * logit(confidence) + offset), elementwise; confidences in [0, 1]."""
    slope, offset = line
    return np.asarray(1 / (1 + np.exp(-(slope * _logits(confidence) + offset))))


def logistic_line(confidence: FloatArray, hit: NDArray[np.bool_]) -> Line:
    """(slope, offset) in logits that make confidences (N,) the likeliest for hits (N,); slope at least 0.1."""
    x = _logits(confidence)
    inputs = np.stack([x, np.ones_like(x)], axis=1)
    line = np.array([1.0, 0.0])
    prior = PRIOR * np.diag([1.0, 0.1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-inputs @ line))
        slope = inputs.T @ (p - hit) + prior @ (line - [1.0, 0.0])
        bend = (inputs * (p * (1 - p))[:, None]).T @ inputs + prior
        step = np.linalg.solve(bend, slope)
        line = line - np.clip(step, -2, 2)
    return float(max(line[0], 0.1)), float(line[1])


def _logits(confidence: FloatArray) -> FloatArray:
    held = np.clip(confidence, _EDGE, 1 - _EDGE)
    return np.asarray(np.log(held / (1 - held)))
