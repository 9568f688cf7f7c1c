"""CALF for camera shot segmentation and boundary detection (algorithms N.1), beside the bundled finder."""

from pathlib import Path

from analysis.shots.models.calf_segmentation.finder import CalfSegmentation
from analysis.shots.models.calf_segmentation.settings import Settings

__all__ = ["CalfSegmentation", "Settings", "build"]

WEIGHTS_FILE = "calf_segmentation.safetensors"


def build(settings: Settings, device: str = "cpu") -> CalfSegmentation:
    """The finder with the weights that the settings name.

    Raises:
        InputProblem: the weights are missing.
    """
    from analysis.training.weights import load_weights

    path = (
        Path(settings.weights_file)
        if settings.weights_file
        else Path(__file__).parent / WEIGHTS_FILE
    )
    return CalfSegmentation(settings, load_weights(path), device)
