"""``python -m analysis train spotting/e2e_spot --data FILMS``; ``--part 200mf`` and ``800mf`` are published sizes."""

from collections.abc import Callable

from analysis.core.problems import InputProblem
from analysis.core.records import StageEvent
from analysis.spotting.learned import Shape
from analysis.spotting.learning import train_method
from analysis.spotting.models.e2e_spot import METHOD, WEIGHTS_FILE
from analysis.training.base import TrainingReport, TrainingRequest

SHAPES = {
    "": Shape(branch="frames", branch_stream="small_frames", size="small"),
    "200mf": Shape(branch="frames", branch_stream="small_frames", size="200mf"),
    "800mf": Shape(branch="frames", branch_stream="small_frames", size="800mf"),
}
SETTINGS = {"small_frames": {"width_px": 224, "height_px": 128}}
PUBLISHED_SETTINGS = {"small_frames": {"width_px": 398, "height_px": 224}}


def train(request: TrainingRequest, on_event: Callable[[StageEvent], None]) -> TrainingReport:
    """Train on films with their events.

    Raises:
        InputProblem: no films, or an unknown part.
    """
    if request.part not in SHAPES:
        known = ", ".join(part for part in SHAPES if part)
        raise InputProblem(
            "part_unknown", f"There is no part {request.part!r}; leave it out, or choose {known}."
        )
    settings = PUBLISHED_SETTINGS if request.part else SETTINGS
    return train_method(
        METHOD, SHAPES[request.part], WEIGHTS_FILE, request, on_event, settings=settings
    )
