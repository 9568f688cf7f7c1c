"""From the network's confidence to the probability that an event of the class lies within five seconds.

One line a class in ``confidence.toml``: p = sigmoid(slope * logit(confidence) + offset), fitted on matches that the
network did not learn from; classes without a line are not told.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from analysis.core.vocabulary import SOCCERNET_V2

FILE_NAME = "confidence.toml"
_EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Confidences:
    """Args: lines: class index -> (slope, offset) in logits."""

    lines: Mapping[int, tuple[float, float]]

    def emits(self, label: int) -> bool:
        """Whether the class is told at all."""
        return label in self.lines

    def probability(self, label: int, confidence: float) -> float:
        """In [0, 1]; 0 for classes that are not told."""
        if label not in self.lines:
            return 0.0
        slope, offset = self.lines[label]
        return _sigmoid(slope * _logit(confidence) + offset)

    @staticmethod
    def all_raw() -> "Confidences":
        """Every class, confidences as they are."""
        return Confidences(dict.fromkeys(range(len(SOCCERNET_V2)), (1.0, 0.0)))


@lru_cache(maxsize=1)
def bundled() -> Confidences:
    """Of the bundled weights."""
    text = (Path(__file__).parent / FILE_NAME).read_text(encoding="utf-8")
    lines = tomllib.loads(text)["line"]
    return Confidences(
        {
            SOCCERNET_V2.index(label): (float(entry["slope"]), float(entry["offset"]))
            for label, entry in lines.items()
        }
    )


def _logit(probability: float) -> float:
    held = min(max(probability, _EDGE), 1 - _EDGE)
    return math.log(held / (1 - held))


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))
