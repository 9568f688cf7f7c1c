"""Transformer for replay grounding: 30 s of play and the replay in one sequence (algorithms H.3)."""

from dataclasses import dataclass
from pathlib import Path

from analysis.replays.models.transformer.network import PairGrounder, PairTransformer
from analysis.training.weights import method_weights

__all__ = ["Settings", "build"]

WEIGHTS_FILE = "transformer.safetensors"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the weights are.

    Args:
        weights_file: other weights than the bundled ones.
    """

    weights_file: str = ""


def build(settings: Settings, device: str = "cpu") -> PairGrounder:
    """The grounder with its bundled weights, or those the settings name.

    Raises:
        InputProblem: the weights are missing or not those of the card.
    """
    network = PairTransformer()
    network.load_state_dict(
        method_weights(Path(__file__).parent, WEIGHTS_FILE, settings.weights_file)
    )
    return PairGrounder(network.to(device), device)
