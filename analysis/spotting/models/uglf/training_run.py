"""``python -m analysis train spotting/uglf``; ``--part published`` for the published widths."""

from collections.abc import Callable

from analysis.core.problems import InputProblem
from analysis.core.records import StageEvent
from analysis.spotting.learned import Shape
from analysis.spotting.learning import train_method
from analysis.spotting.models.uglf import METHOD, WEIGHTS_FILE
from analysis.training.base import TrainingReport, TrainingRequest


def _shape(size: str) -> Shape:
    return Shape(
        features=("picture_layout", "pitch_layout"), n_components=128,
        branch="entities", branch_stream="player_graph", size=size,
    )  # fmt: skip


SHAPES = {"": _shape("small"), "published": _shape("published")}


def train(request: TrainingRequest, on_event: Callable[[StageEvent], None]) -> TrainingReport:
    """Train on simulated halves, or on SoccerNet's features with its published boxes and calibrations.

    Raises:
        InputProblem: no material, or an unknown part.
    """
    if request.part not in SHAPES:
        raise InputProblem(
            "part_unknown",
            f"There is no part {request.part!r}; leave it out, or choose published.",
        )
    return train_method(METHOD, SHAPES[request.part], WEIGHTS_FILE, request, on_event)
