"""``python -m analysis train spotting/netvlad_pp``."""

from collections.abc import Callable

from analysis.core.records import StageEvent
from analysis.spotting.learned import Shape
from analysis.spotting.learning import train_method
from analysis.spotting.models.netvlad_pp import METHOD, WEIGHTS_FILE
from analysis.training.base import TrainingReport, TrainingRequest

# On simulated halves: what the picture shows, and where that is on the pitch, side by side.
SHAPES = {"": Shape(features=("picture_layout", "pitch_layout"), n_components=128)}


def train(request: TrainingRequest, on_event: Callable[[StageEvent], None]) -> TrainingReport:
    """Train on SoccerNet's features, or on simulated halves.

    Raises:
        InputProblem: no material.
    """
    return train_method(METHOD, SHAPES[""], WEIGHTS_FILE, request, on_event)
