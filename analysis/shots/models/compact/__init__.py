"""The bundled shot finder: transitions, 13 kinds of cameras, replays between wipes."""

from pathlib import Path

from analysis.shots.models.compact.finder import Compact
from analysis.shots.models.compact.settings import Settings

__all__ = ["Compact", "Settings", "build"]

WEIGHTS_FILE = "compact.safetensors"


def build(settings: Settings, device: str = "cpu") -> Compact:
    """The finder with its bundled weights, or those the settings name.

    Raises:
        InputProblem: the weights are missing or not those of the card.
    """
    from analysis.training.weights import method_weights

    weights = method_weights(Path(__file__).parent, WEIGHTS_FILE, settings.weights_file)
    return Compact(settings, weights, device)
