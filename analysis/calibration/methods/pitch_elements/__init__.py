"""Calibration by naming every mark of the pitch in a picture and fitting a full camera to the names."""

from pathlib import Path

import torch

from analysis.calibration.base import Calibrator
from analysis.calibration.methods.pitch_elements.calibrator import (
    PitchElementsCalibrator,
    Settings,
)
from analysis.calibration.methods.pitch_elements.network import ElementNetwork
from analysis.core.cards import read_card
from analysis.training.weights import load_weights

__all__ = ["Settings", "build"]


def build(settings: Settings, device: str = "cpu") -> Calibrator:
    """The calibrator with its bundled weights, checked against the card, or those the settings name.

    Raises:
        InputProblem: weights absent, unreadable or changed.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if settings.weights:
        tensors = load_weights(Path(settings.weights))
    else:
        folder = Path(__file__).parent
        bundled = read_card(folder / "card.toml").weights[0]
        tensors = load_weights(folder / bundled.file, sha256=bundled.sha256)
    network = ElementNetwork()
    network.load_state_dict(tensors)
    network.eval().to(device, memory_format=torch.channels_last)
    return PitchElementsCalibrator(network, settings, device)
