"""COMEDIAN: a transformer over pictures, then one over time, taught in three stages (Denize et al. 2024)."""

from pathlib import Path

from analysis.spotting.learned import LearnedSpotter, Settings, build_learned
from analysis.spotting.models.comedian.network import METHOD

__all__ = ["METHOD", "Settings", "build"]

WEIGHTS_FILE = "comedian.safetensors"


def build(settings: Settings, device: str = "cpu") -> LearnedSpotter:
    """The spotter with its bundled weights, or those the settings name.

    Raises:
        InputProblem: the weights are missing, changed or of another model.
    """
    return build_learned({WEIGHTS_FILE: METHOD}, Path(__file__).parent, settings, device)
