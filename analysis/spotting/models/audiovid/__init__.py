"""AudioVid: what is seen and what is heard, pooled apart and joined late (Vanderplaetse and Dupont 2020)."""

from pathlib import Path

from analysis.spotting.learned import LearnedSpotter, Settings, build_learned
from analysis.spotting.models.audiovid.network import METHOD

__all__ = ["METHOD", "Settings", "build"]

WEIGHTS_FILE = "audiovid.safetensors"


def build(settings: Settings, device: str = "cpu") -> LearnedSpotter:
    """The spotter with its bundled weights, or those the settings name.

    Raises:
        InputProblem: the weights are missing, changed or of another model.
    """
    return build_learned({WEIGHTS_FILE: METHOD}, Path(__file__).parent, settings, device)
