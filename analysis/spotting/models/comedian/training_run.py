"""``python -m analysis train spotting/comedian --data FILMS --part PART``: spatial, then distil, then none at all.

Each stage begins with ``--initial FILE`` of the one before; the last one alone spots. ``distil`` also takes
``--features NAME``: the feature bank beside each film. ``-published`` behind a part means the published size.
"""

from collections.abc import Callable
from dataclasses import replace

from analysis.core.problems import InputProblem
from analysis.core.records import StageEvent
from analysis.spotting.learned import Shape
from analysis.spotting.learning import train_method
from analysis.spotting.models.comedian import METHOD, WEIGHTS_FILE
from analysis.spotting.models.comedian.stages import STAGES
from analysis.training.base import TrainingReport, TrainingRequest

SHAPES = {
    "": Shape(branch="frames", branch_stream="small_frames", size="small"),
    "published": Shape(branch="frames", branch_stream="small_frames", size="published"),
}
# The network makes pictures as small as it reads them; larger ones would only fill the memory.
SETTINGS = {"small_frames": {"width_px": 64, "height_px": 64}}
PUBLISHED_SETTINGS = {"small_frames": {"width_px": 224, "height_px": 224}}
BANK = ("image_features",)


def train(request: TrainingRequest, on_event: Callable[[StageEvent], None]) -> TrainingReport:
    """Train one stage on films with their events.

    Raises:
        InputProblem: no films, or an unknown part.
    """
    stage = request.part.removesuffix("published").rstrip("-")
    if stage not in {"", *STAGES}:
        raise InputProblem(
            "part_unknown",
            f"There is no part {request.part!r}; leave it out, or choose {', '.join(STAGES)} or published.",
        )
    is_published = request.part.endswith("published")
    shape = SHAPES["published" if is_published else ""]
    if stage == "distil":
        shape = replace(shape, features=BANK)
    method, file = STAGES.get(stage, METHOD), f"{stage}.safetensors" if stage else WEIGHTS_FILE
    settings = PUBLISHED_SETTINGS if is_published else SETTINGS
    return train_method(method, shape, file, request, on_event, settings=settings)
