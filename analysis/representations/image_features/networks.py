"""Networks of pictures: of a local folder of ``transformers``, the bundled small one, and the sizes to tune."""

from pathlib import Path
from typing import Any

from analysis.core.cards import read_card
from analysis.core.problems import InputProblem
from analysis.training.weights import load_weights

# SoccerNet's own features: the video at 398 x 224, its middle 224 columns.
SIDE_PX = 224
SIDE_KEY = "picture_side_px"
"""In a model's ``config.json``: the side of the pictures it was tuned on, where that is not ``SIDE_PX``."""
WEIGHTS_FILE = "model.safetensors"
# Preset -> widths and depths of the stages, the stem, the kind of layer, the side of the pictures. The published one is
# ResNet-101 with 2048 numbers, as of the report's TPN and I3D-Slow, without their third axis.
SHAPES: dict[str, tuple[list[int], list[int], int, str, int]] = {
    "cpu": ([16, 32, 64, 128], [1, 1, 1, 1], 16, "basic", 112),
    "gpu": ([256, 512, 1024, 2048], [3, 4, 23, 3], 64, "bottleneck", SIDE_PX),
}


def make_model(preset: str) -> Any:
    """A fresh ResNet of a preset's size, which remembers the side of its pictures."""
    import transformers

    widths, depths, stem, kind, side_px = SHAPES[preset]
    config = transformers.ResNetConfig(
        embedding_size=stem, hidden_sizes=widths, depths=depths, layer_type=kind, **{SIDE_KEY: side_px}
    )  # fmt: skip
    return transformers.ResNetModel(config)


def bundled_model() -> Any:
    """The small network that comes along, tuned on snippets of simulated films.

    Raises:
        InputProblem: its weights are missing or not those of the card.
    """
    folder = Path(__file__).parent
    (own,) = read_card(folder / "card.toml").weights
    model = make_model("cpu")
    model.load_state_dict(load_weights(folder / own.file, sha256=own.sha256))
    return model


def model_of(folder: Path) -> Any:
    """The network of a folder with ``config.json`` and safetensors; nothing is fetched.

    Raises:
        InputProblem: the folder holds no such model.
    """
    import transformers

    if not (folder / "config.json").is_file():
        raise InputProblem(
            "weights_missing",
            f"{folder.name} is no folder of a transformers model (no config.json).",
        )
    try:
        model = transformers.AutoModel.from_pretrained(
            folder, local_files_only=True, use_safetensors=True
        )
    except (OSError, ValueError) as error:
        raise InputProblem(
            "weights_unreadable", f"The model in {folder.name} cannot be loaded: {error}."
        ) from error
    # Stored in sixteen bits, it would be run in sixteen.
    return model.float()


def side_of(model: Any) -> int:
    """Side of the square pictures that a network was tuned on."""
    return int(getattr(model.config, SIDE_KEY, SIDE_PX))
