"""Dense detection anchors: every row tells how sure it is of each class and how far away it is (Soares et al. 2022)."""

from pathlib import Path

from analysis.spotting.learned import LearnedSpotter, Settings, build_learned
from analysis.spotting.models.dense_anchors.network import METHOD

__all__ = ["METHOD", "Settings", "build"]

WEIGHTS_FILE = "dense_anchors.safetensors"


def build(settings: Settings, device: str = "cpu") -> LearnedSpotter:
    """The spotter with its bundled weights, or those the settings name.

    Raises:
        InputProblem: the weights are missing, changed or of another model.
    """
    return build_learned({WEIGHTS_FILE: METHOD}, Path(__file__).parent, settings, device)
