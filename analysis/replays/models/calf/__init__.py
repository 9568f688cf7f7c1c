"""CALF for replay grounding: half of the windows hold the event (algorithms N.3)."""

from dataclasses import dataclass
from pathlib import Path

from analysis.replays.context_aware import CalfGrounder, SiameseCalf
from analysis.training.weights import method_weights

__all__ = ["Settings", "build"]

WEIGHTS_FILE = "calf.safetensors"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the weights are.

    Args:
        weights_file: other weights than the bundled ones.
    """

    weights_file: str = ""


def build(settings: Settings, device: str = "cpu") -> CalfGrounder:
    """The grounder with its bundled weights, or those the settings name.

    Raises:
        InputProblem: the weights are missing or not those of the card.
    """
    network = SiameseCalf()
    network.load_state_dict(
        method_weights(Path(__file__).parent, WEIGHTS_FILE, settings.weights_file)
    )
    return CalfGrounder(network.to(device), device)
