"""CALF for replay grounding: half of the windows hold the event (algorithms N.3)."""

from dataclasses import dataclass
from pathlib import Path

from analysis.core.cards import read_card
from analysis.replays.context_aware import CalfGrounder, SiameseCalf
from analysis.training.weights import load_weights

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
    folder = Path(__file__).parent
    promised = {item.file: item.sha256 for item in read_card(folder / "card.toml").weights}
    path = Path(settings.weights_file) if settings.weights_file else folder / WEIGHTS_FILE
    digest = None if settings.weights_file else promised.get(WEIGHTS_FILE)
    network = SiameseCalf()
    network.load_state_dict(load_weights(path, sha256=digest))
    return CalfGrounder(network.to(device), device)
