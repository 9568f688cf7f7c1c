"""``python -m analysis train spotting/audiovid --data FILMS --features NAME``: ``NAME.npy`` beside each film."""

from collections.abc import Callable

from analysis.core.records import StageEvent
from analysis.spotting.learned import Shape
from analysis.spotting.learning import train_method
from analysis.spotting.models.audiovid import METHOD, WEIGHTS_FILE
from analysis.training.base import TrainingReport, TrainingRequest

# What is seen comes first, what is heard behind it.
SHAPES = {"": Shape(features=("image_features", "log_mel"))}


def train(request: TrainingRequest, on_event: Callable[[StageEvent], None]) -> TrainingReport:
    """Train on films with their events and sound.

    Raises:
        InputProblem: no films.
    """
    return train_method(METHOD, SHAPES[""], WEIGHTS_FILE, request, on_event)
