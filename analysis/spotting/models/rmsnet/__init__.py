"""RMS-Net: a class and an offset for every 20 s, frames before the event masked in training (Tomei et al. 2021)."""

from pathlib import Path

from analysis.spotting.learned import LearnedSpotter, Settings, build_learned
from analysis.spotting.models.rmsnet.network import METHOD

__all__ = ["METHOD", "Settings", "build"]

WEIGHTS_FILE = "rmsnet.safetensors"


def build(settings: Settings, device: str = "cpu") -> LearnedSpotter:
    """The spotter with its bundled weights, or those the settings name.

    Raises:
        InputProblem: the weights are missing, changed or of another model.
    """
    return build_learned({WEIGHTS_FILE: METHOD}, Path(__file__).parent, settings, device)
