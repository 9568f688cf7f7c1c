"""The bundled detector: people, roles and ball by one small network."""

from pathlib import Path

from analysis.localization.detectors.compact.detector import Compact
from analysis.localization.detectors.compact.settings import Settings

__all__ = ["Compact", "Settings", "build"]

WEIGHTS_FILE = "compact.safetensors"


def build(settings: Settings, device: str = "cpu") -> Compact:
    """The detector with its bundled weights, or those the settings name.

    Raises:
        InputProblem: the weights are missing or not those of the card.
    """
    from analysis.training.weights import method_weights

    if device == "auto":
        import torch

        device = "cuda" if torch.cuda.is_available() else "cpu"
    weights = method_weights(Path(__file__).parent, WEIGHTS_FILE, settings.weights_file)
    return Compact(settings, weights, device)
