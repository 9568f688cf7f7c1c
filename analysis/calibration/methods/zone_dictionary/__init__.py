"""The published CCBV-SN system: zones of the pitch, a dictionary of views, and a learned correction."""

from pathlib import Path

import torch

from analysis.calibration.methods.zone_dictionary.calibrator import (
    Settings,
    ZoneDictionaryCalibrator,
)
from analysis.calibration.methods.zone_dictionary.dictionary import Dictionary
from analysis.calibration.methods.zone_dictionary.files import (
    CODES,
    DICTIONARY_FILE,
    ENCODER_FILE,
    REFINER_FILE,
    SEGMENTATION_FILE,
)
from analysis.calibration.methods.zone_dictionary.networks import (
    SIZES,
    TemplateRefiner,
    ZoneEncoder,
    ZoneNetwork,
)
from analysis.calibration.methods.zone_dictionary.search import Networks
from analysis.core.cards import read_card
from analysis.training.weights import load_weights

__all__ = ["Settings", "build"]


def build(settings: Settings, device: str = "cpu") -> ZoneDictionaryCalibrator:
    """The calibrator with its bundled weights, checked against the card, or those of a training run's folder.

    A run that trained only some parts is completed from the bundled ones.

    Raises:
        InputProblem: weights absent, unreadable or changed.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return ZoneDictionaryCalibrator(networks(settings, device), settings, device)


def networks(settings: Settings, device: str) -> Networks:
    """The trained parts, in evaluation mode on a device."""
    bundled = {item.file: item.sha256 for item in read_card(_FOLDER / "card.toml").weights}

    def tensors(name: str) -> dict[str, torch.Tensor]:
        own = Path(settings.weights) / name
        if settings.weights and own.is_file():
            return load_weights(own)
        return load_weights(_FOLDER / name, sha256=bundled.get(name))

    sizes = SIZES[settings.size]
    encoder_tensors = tensors(ENCODER_FILE)
    codes = encoder_tensors.pop(CODES)
    parts = (
        (ZoneNetwork(sizes), tensors(SEGMENTATION_FILE)),
        (ZoneEncoder(sizes), encoder_tensors),
        (TemplateRefiner(sizes), tensors(REFINER_FILE)),
    )
    for network, values in parts:
        network.load_state_dict(values)
        network.eval().to(device, memory_format=torch.channels_last)
    poses = tensors(DICTIONARY_FILE)["poses"].double().numpy()
    zones, encoder, refiner = (network for network, _ in parts)
    return Networks(zones, encoder, refiner, Dictionary(poses), codes)


_FOLDER = Path(__file__).parent
