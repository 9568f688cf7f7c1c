"""Transformer for replay grounding: 30 s of play and the replay in one sequence (algorithms H.3)."""

from dataclasses import dataclass
from pathlib import Path

from analysis.core.cards import read_card
from analysis.replays.models.transformer.network import PairGrounder, PairTransformer
from analysis.training.weights import load_weights

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
    folder = Path(__file__).parent
    promised = {item.file: item.sha256 for item in read_card(folder / "card.toml").weights}
    path = Path(settings.weights_file) if settings.weights_file else folder / WEIGHTS_FILE
    digest = None if settings.weights_file else promised.get(WEIGHTS_FILE)
    network = PairTransformer()
    network.load_state_dict(load_weights(path, sha256=digest))
    return PairGrounder(network.to(device), device)
