"""The published detector: Mask R-CNN of torchvision, an optional extra (algorithms B.1)."""

import hashlib
import importlib.util
from pathlib import Path
from typing import Any

from analysis.core.problems import InputProblem
from analysis.localization.detectors.maskrcnn.detector import MaskRcnn
from analysis.localization.detectors.maskrcnn.settings import Settings

__all__ = ["MaskRcnn", "Settings", "build"]

# torchvision names its files by the first eight digits of their sha256.
PUBLISHED_FILE = "maskrcnn_resnet50_fpn_coco-bf2d0c1e.pth"


def build(settings: Settings, device: str = "cpu") -> MaskRcnn:
    """The detector with weights of a local file or of torchvision's own cache; nothing is fetched.

    Raises:
        InputProblem: ``library_missing``, ``weights_missing``, ``weights_changed`` or ``weights_unreadable``.
    """
    if importlib.util.find_spec("torchvision") is None:
        raise InputProblem(
            "library_missing",
            "The detector maskrcnn needs torchvision; install it with `pip install 'touchline[maskrcnn]'`.",
        )
    if device == "auto":
        import torch

        device = "cuda" if torch.cuda.is_available() else "cpu"
    return MaskRcnn(settings, _network(_weights_path(settings), settings.sha256), device)


def _weights_path(settings: Settings) -> Path:
    if settings.weights_file:
        return Path(settings.weights_file)
    import torch

    return Path(torch.hub.get_dir()) / "checkpoints" / PUBLISHED_FILE


def check_digest(path: Path, sha256: str) -> None:
    """Refuse a file that is absent or not the promised one; ``sha256`` may be the digest's first digits.

    Raises:
        InputProblem: ``weights_missing`` or ``weights_changed``.
    """
    if not path.is_file():
        raise InputProblem(
            "weights_missing",
            f"The weights {path.name} are missing: put torchvision's file into its cache, or name one as weights_file "
            "under [locate.settings] of the recipe.",
        )
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if not digest.startswith(sha256.lower()):
        raise InputProblem(
            "weights_changed",
            f"The weights {path.name} are not the expected ones (sha256 {digest[:8]}, not {sha256[:8]}): "
            "fetch the file again, or name its digest as sha256 under [locate.settings].",
        )


def _network(path: Path, sha256: str) -> Any:
    """Mask R-CNN on a ResNet-50 pyramid; its 91 classes are COCO's."""
    import torch
    from torchvision.models.detection import maskrcnn_resnet50_fpn

    check_digest(path, sha256)
    network = maskrcnn_resnet50_fpn(weights=None, weights_backbone=None)
    try:
        if path.suffix == ".safetensors":
            from analysis.training.weights import load_weights

            state = load_weights(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
        network.load_state_dict(state)
    except Exception as error:
        raise InputProblem(
            "weights_unreadable",
            f"{path.name!r} holds no weights of torchvision's maskrcnn_resnet50_fpn.",
        ) from error
    return network
