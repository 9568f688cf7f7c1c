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
    from analysis.core.cards import read_card
    from analysis.training.weights import load_weights

    folder = Path(__file__).parent
    if settings.weights_file:
        return Compact(settings, load_weights(Path(settings.weights_file)), device)
    promised = {item.file: item.sha256 for item in read_card(folder / "card.toml").weights}
    weights = load_weights(folder / WEIGHTS_FILE, sha256=promised.get(WEIGHTS_FILE))
    return Compact(settings, weights, device)
