"""E2E-Spot: pictures through a RegNet-Y with gate shifts, then a recurrent layer (Hong et al. 2022)."""

from pathlib import Path

from analysis.spotting.learned import LearnedSpotter, Settings, build_learned
from analysis.spotting.models.e2e_spot.network import METHOD

__all__ = ["METHOD", "Settings", "build"]

WEIGHTS_FILE = "e2e_spot.safetensors"


def build(settings: Settings, device: str = "cpu") -> LearnedSpotter:
    """The spotter with its bundled weights, or those the settings name.

    Raises:
        InputProblem: the weights are missing, changed or of another model.
    """
    return build_learned({WEIGHTS_FILE: METHOD}, Path(__file__).parent, settings, device)
