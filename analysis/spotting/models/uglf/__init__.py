"""UGLF: the whole picture and the things in it, joined by adaptive hard attention (K)."""

from pathlib import Path

from analysis.spotting.learned import LearnedSpotter, Settings, build_learned
from analysis.spotting.models.uglf.network import METHOD

__all__ = ["METHOD", "Settings", "build"]

WEIGHTS_FILE = "uglf.safetensors"


def build(settings: Settings, device: str = "cpu") -> LearnedSpotter:
    """The spotter with its bundled weights, or those the settings name.

    Raises:
        InputProblem: the weights are missing, changed or of another model.
    """
    return build_learned({WEIGHTS_FILE: METHOD}, Path(__file__).parent, settings, device)
