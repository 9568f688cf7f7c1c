"""Detection transformers (RT-DETR, RT-DETRv2, D-FINE) of the ``transformers`` library, weights from a local folder."""

import importlib.util
from pathlib import Path

from analysis.core.problems import InputProblem
from analysis.localization.detectors.detr.detector import Detr
from analysis.localization.detectors.detr.settings import Settings

__all__ = ["Detr", "Settings", "build"]

FAMILIES = ("rt_detr", "rt_detr_v2", "d_fine")


def build(settings: Settings, device: str = "cpu") -> Detr:
    """The detector with the model of ``settings.model_folder``.

    Raises:
        InputProblem: ``library_missing``, ``weights_missing`` or ``weights_unreadable``.
    """
    if importlib.util.find_spec("transformers") is None:
        raise InputProblem(
            "library_missing",
            "The detector detr needs transformers; install it with `pip install 'touchline[vision]'`.",
        )
    folder = Path(settings.model_folder)
    if not settings.model_folder or not (folder / "config.json").is_file():
        raise InputProblem(
            "weights_missing",
            "The detector detr brings no weights: name a folder with the config.json and model.safetensors of an "
            "RT-DETR or D-FINE model in the recipe, as model_folder under [locate.settings].",
        )
    if device == "auto":
        import torch

        device = "cuda" if torch.cuda.is_available() else "cpu"
    return Detr(settings, _model(folder), device)


def _model(folder: Path) -> object:
    from transformers import AutoConfig, AutoModelForObjectDetection

    problem = InputProblem(
        "weights_unreadable",
        f"{folder.name!r} holds no RT-DETR or D-FINE model in safetensors; save one there with save_pretrained.",
    )
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        if config.model_type not in FAMILIES:
            raise problem
        return AutoModelForObjectDetection.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, trust_remote_code=False
        )
    except (OSError, ValueError, KeyError) as error:
        raise problem from error
