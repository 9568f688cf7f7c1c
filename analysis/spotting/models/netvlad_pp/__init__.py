"""NetVLAD++: 32 clusters for what leads up to a moment, 32 for what follows (Giancola and Ghanem 2021)."""

from pathlib import Path

from analysis.spotting.learned import LearnedSpotter, Settings, build_learned
from analysis.spotting.models.netvlad_pp.network import METHOD

__all__ = ["METHOD", "Settings", "build"]

WEIGHTS_FILE = "netvlad_pp.safetensors"


def build(settings: Settings, device: str = "cpu") -> LearnedSpotter:
    """The spotter with its bundled weights, or those the settings name.

    Raises:
        InputProblem: the weights are missing, changed or of another model.
    """
    return build_learned({WEIGHTS_FILE: METHOD}, Path(__file__).parent, settings, device)
