"""Feature vectors of top views: a network looks at the drawn pitch of every sample (algorithms C.6)."""

from pathlib import Path

from analysis.representations.top_view_features.settings import Settings
from analysis.representations.top_view_features.vectors import TopViewFeatures

__all__ = ["Settings", "TopViewFeatures", "build"]

WEIGHTS_FILE = "top_view_features.safetensors"


def build(settings: Settings, device: str = "cpu") -> TopViewFeatures:
    """The representation with the bundled encoder, or with the backbone and weights that the settings name.

    Raises:
        InputProblem: weights that are missing, changed, or of another network.
    """
    from analysis.core.cards import read_card
    from analysis.representations.top_view_features.backbones import load_backbone

    folder = Path(__file__).parent
    promised = {item.file: item.sha256 for item in read_card(folder / "card.toml").weights}
    path = Path(settings.weights_file) if settings.weights_file else folder / WEIGHTS_FILE
    sha256 = settings.weights_sha256 or (
        promised.get(WEIGHTS_FILE) if not settings.weights_file else None
    )
    backbone = load_backbone(settings.backbone, path, sha256)
    return TopViewFeatures(settings, backbone, device)
