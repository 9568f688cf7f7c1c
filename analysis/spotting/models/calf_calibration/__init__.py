"""CALF that knows where players stand: patterned and fuzzy classes, four kinds of calibration branch (algorithms D)."""

from pathlib import Path

from analysis.spotting.learned import LearnedSpotter, Settings, build_learned
from analysis.spotting.models.calf_calibration.network import METHOD

__all__ = ["METHOD", "Settings", "build"]

PATTERNED_FILE, FUZZY_FILE = "patterned.safetensors", "fuzzy.safetensors"


def build(settings: Settings, device: str = "cpu") -> LearnedSpotter:
    """The spotter with its bundled weights, or those the settings name (patterned, then fuzzy).

    Raises:
        InputProblem: the weights are missing, changed or of another model.
    """
    methods = {PATTERNED_FILE: METHOD, FUZZY_FILE: METHOD}
    return build_learned(methods, Path(__file__).parent, settings, device)
