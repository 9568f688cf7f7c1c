"""CALF for camera shot segmentation and boundary detection (algorithms N.1), beside the bundled finder."""

from pathlib import Path

from analysis.shots.models.calf_segmentation.finder import CalfSegmentation
from analysis.shots.models.calf_segmentation.settings import Settings

__all__ = ["CalfSegmentation", "Settings", "build"]

WEIGHTS_FILE = "calf_segmentation.safetensors"


def build(settings: Settings, device: str = "cpu") -> CalfSegmentation:
    """The finder with the weights that the settings name, or those beside the card where there are some.

    Raises:
        InputProblem: the weights are missing or not those of the card.
    """
    from analysis.training.weights import method_weights

    weights = method_weights(Path(__file__).parent, WEIGHTS_FILE, settings.weights_file)
    return CalfSegmentation(settings, weights, device)
