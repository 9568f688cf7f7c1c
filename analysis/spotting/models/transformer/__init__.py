"""Transformer on soccer embeddings: three encoder layers over 7 s, mix-up (Zhou et al. 2021, the Baidu report)."""

from pathlib import Path

from analysis.spotting.learned import LearnedSpotter, Settings, build_learned
from analysis.spotting.models.transformer.network import METHOD

__all__ = ["METHOD", "Settings", "build"]

WEIGHTS_FILE = "transformer.safetensors"


def build(settings: Settings, device: str = "cpu") -> LearnedSpotter:
    """The spotter with its bundled weights, or those the settings name.

    Raises:
        InputProblem: the weights are missing, changed or of another model.
    """
    return build_learned({WEIGHTS_FILE: METHOD}, Path(__file__).parent, settings, device)
