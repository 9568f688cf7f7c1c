"""``python -m analysis train spotting/calf_modified``."""

from collections.abc import Callable

from analysis.core.records import StageEvent
from analysis.spotting.learned import Shape
from analysis.spotting.learning import train_method
from analysis.spotting.models.calf_modified import METHOD, WEIGHTS_FILE
from analysis.training.base import TrainingReport, TrainingRequest

# Simulated halves have no pictures: what a picture shows of people stands for the features of a picture network.
SHAPES = {"": Shape(features=("picture_layout",), n_components=128)}


def train(request: TrainingRequest, on_event: Callable[[StageEvent], None]) -> TrainingReport:
    """Train on SoccerNet's features, or on simulated halves.

    Raises:
        InputProblem: no material.
    """
    return train_method(METHOD, SHAPES[""], WEIGHTS_FILE, request, on_event)
