"""A club's layer over a spotter's confidences: temperature and bias for each class, a line below which to hold back.

Learned from what people of one club said about events (``analysis.curation.club_layer``); applied by arithmetic alone,
so that it can be taken off again without a trace. After Guo et al. 2017, "On Calibration of Modern Neural Networks",
4.2, with Platt's bias beside the temperature.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

# A confidence nearer to 0 or 1 than this counts as this: nobody is that sure.
EDGE = 1e-4


def logit(probability: float) -> float:
    """Log odds; probabilities are kept ``EDGE`` away from 0 and 1."""
    p = min(max(probability, EDGE), 1 - EDGE)
    return math.log(p / (1 - p))


@dataclass(frozen=True, slots=True)
class ClassLayer:
    """What is done to the confidences of one class.

    Args:
        temperature: above 0; log odds are divided by it.
        bias: added to the log odds afterwards.
        threshold: calibrated confidence in [0, 1) below which an event is held back; 0 holds back nothing.

    Raises:
        ValueError: numbers outside of these.
    """

    temperature: float = 1.0
    bias: float = 0.0
    threshold: float = 0.0

    def __post_init__(self) -> None:
        if not (
            self.temperature > 0
            and math.isfinite(self.temperature)
            and math.isfinite(self.bias)
            and 0 <= self.threshold < 1
        ):
            raise ValueError(
                f"temperature > 0, a finite bias and a threshold in [0, 1), got {self}"
            )

    def confidence(self, raw: float) -> float:
        """The calibrated confidence of a raw one, both in [0, 1]; order is kept."""
        return 1 / (1 + math.exp(-(logit(raw) / self.temperature + self.bias)))


@dataclass(frozen=True, slots=True)
class ClubLayer:
    """The layers of the classes that have one; every other class stays as the model left it."""

    classes: Mapping[str, ClassLayer] = field(default_factory=dict)

    def confidence(self, label: str, raw: float) -> float:
        """The calibrated confidence of an event of a class."""
        layer = self.classes.get(label)
        return raw if layer is None else layer.confidence(raw)

    def holds_back(self, label: str, raw: float) -> bool:
        """Whether an event of a class with a raw confidence is held back until somebody asks for it."""
        layer = self.classes.get(label)
        return layer is not None and layer.confidence(raw) < layer.threshold

    def to_plain(self) -> dict[str, Any]:
        """For JSON."""
        return {label: asdict(layer) for label, layer in sorted(self.classes.items())}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Mapping[str, float]]) -> "ClubLayer":
        """What ``to_plain`` made. Raises: ValueError, TypeError for anything else."""
        return cls({label: ClassLayer(**values) for label, values in plain.items()})
