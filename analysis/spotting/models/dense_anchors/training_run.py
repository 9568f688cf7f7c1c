"""``python -m analysis train spotting/dense_anchors [--part transformer | published]``."""

from collections.abc import Callable

from analysis.core.problems import InputProblem
from analysis.core.records import StageEvent
from analysis.spotting.learned import Shape
from analysis.spotting.learning import train_method
from analysis.spotting.models.dense_anchors import METHOD, WEIGHTS_FILE
from analysis.training.base import TrainingReport, TrainingRequest

# On simulated halves: what the picture shows, and where that is on the pitch, side by side. The small U-net reads them
# as they are, as the bundled weights do (docs/benchmarks/spotting_systems.md).
FEATURES = ("picture_layout", "pitch_layout")
SHAPES = {
    "": Shape(features=FEATURES, size="small-unet"),
    "transformer": Shape(features=FEATURES, n_components=128, size="transformer"),
    "published": Shape(features=FEATURES, n_components=128, size="unet"),
}


def train(request: TrainingRequest, on_event: Callable[[StageEvent], None]) -> TrainingReport:
    """Train on SoccerNet's features, or on simulated halves.

    Raises:
        InputProblem: no material, or an unknown part.
    """
    if request.part not in SHAPES:
        known = ", ".join(part for part in SHAPES if part)
        raise InputProblem(
            "part_unknown", f"There is no part {request.part!r}; leave it out, or choose {known}."
        )
    return train_method(METHOD, SHAPES[request.part], WEIGHTS_FILE, request, on_event)
