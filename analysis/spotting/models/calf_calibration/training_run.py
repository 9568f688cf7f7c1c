"""``python -m analysis train spotting/calf_calibration --part PART``: fuzzy, or the patterned one with a branch.

``patterned`` is that without one, to tell what the branch brings. Branches: gcn, fcl, stp, 3d, 3d-binary; fcl-layout
and stp-layout read ``pitch_layout`` in place of top views, gcn-second looks at one graph a second in place of two.
"""

from collections.abc import Callable
from dataclasses import replace

from analysis.core.problems import InputProblem
from analysis.core.records import StageEvent
from analysis.spotting.learned import Shape
from analysis.spotting.learning import train_method
from analysis.spotting.models.calf_calibration import FUZZY_FILE, METHOD, PATTERNED_FILE
from analysis.spotting.models.calf_calibration.network import FUZZY, PATTERNED
from analysis.training.base import TrainingReport, TrainingRequest

PICTURES = ("picture_layout",)


def _patterned(branch: str, stream: str) -> Shape:
    return Shape(
        labels=PATTERNED, features=PICTURES, branch=branch, branch_stream=stream, n_components=128
    )


SHAPES = {
    "fuzzy": Shape(labels=FUZZY, features=PICTURES, n_components=128),
    "patterned": Shape(labels=PATTERNED, features=PICTURES, n_components=128),
    "gcn": _patterned("gcn", "player_graph"),
    "gcn-second": replace(_patterned("gcn", "player_graph"), rows_held=2),
    "fcl": _patterned("fcl", "top_view_features"),
    "stp": _patterned("stp", "top_view_features"),
    "fcl-layout": _patterned("fcl", "pitch_layout"),
    "stp-layout": _patterned("stp", "pitch_layout"),
    "3d": _patterned("3d", "top_view_colour"),
    "3d-binary": _patterned("3d", "top_view_binary"),
}
# The 3-D branch reads 64 x 32 with players of 2 px; lines of one.
SMALL_VIEW = {"width_px": 64, "height_px": 32, "line_px": 1.0, "player_px": 2}
SETTINGS = {"top_view_colour": SMALL_VIEW, "top_view_binary": SMALL_VIEW}


def train(request: TrainingRequest, on_event: Callable[[StageEvent], None]) -> TrainingReport:
    """Train one of the two networks.

    Raises:
        InputProblem: no material, or an unknown part.
    """
    part = request.part or "gcn"
    if part not in SHAPES:
        raise InputProblem(
            "part_unknown", f"There is no part {part!r}; choose one of {', '.join(SHAPES)}."
        )
    file = FUZZY_FILE if part == "fuzzy" else PATTERNED_FILE
    return train_method(METHOD, SHAPES[part], file, request, on_event, settings=SETTINGS)
