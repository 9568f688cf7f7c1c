"""Dense anchors on player positions: the default spotter."""

from pathlib import Path

from analysis.core.cards import read_card
from analysis.spotting.models.position_anchors.settings import WEIGHTS_FILE, Settings
from analysis.spotting.models.position_anchors.spotter import PositionAnchors
from analysis.training.weights import load_weights

__all__ = ["WEIGHTS_FILE", "PositionAnchors", "Settings", "build"]

_FOLDER = Path(__file__).parent


def build(settings: Settings, device: str = "cpu") -> PositionAnchors:
    """The spotter with the bundled weights, or those that ``settings.weights`` names.

    Raises:
        InputProblem: the weights are absent, unreadable or not those of the card.
    """
    if settings.weights:
        weights = load_weights(Path(settings.weights), sha256=settings.tuned_sha256 or None)
    else:
        (own,) = read_card(_FOLDER / "card.toml").weights
        weights = load_weights(_FOLDER / own.file, sha256=own.sha256)
    return PositionAnchors(settings, weights, device)
