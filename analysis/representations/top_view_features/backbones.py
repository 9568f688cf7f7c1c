"""The networks that turn a top view into numbers: a small one trained here, and the two published ones.

ResNet-34 and EfficientNet-B4 are the architectures of ``transformers`` with the mean over the last map; their weights
come from a local file. The published code resized to 256 and cropped the middle 224, which cut both goal-lines off a
224 x 224 view: here the whole view goes in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor, nn

from analysis.core.problems import InputProblem
from analysis.representations.top_view import Settings as ViewSettings
from analysis.training.weights import load_weights

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SMALL_WIDTH = 256
SMALL_VIEW = ViewSettings(width_px=128, height_px=80, line_px=1.5, player_px=4)


@dataclass(frozen=True)
class Backbone:
    """A network, the size of view it reads, and how many numbers it gives.

    Args:
        network: (B, 3, H, W) in [0, 1] -> (B, width).
        view: sizes of the drawing.
        width: numbers a sample.
    """

    network: nn.Module
    view: ViewSettings
    width: int


class SmallEncoder(nn.Module):
    """Four strided convolutions and a linear layer; 128 x 80 pixels to 256 numbers."""

    def __init__(self) -> None:
        super().__init__()
        widths = (3, 16, 32, 64, 64)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(before, after, 3, stride=2, padding=1) for before, after in pairwise(widths)
        )
        self.layer = nn.Linear(widths[-1] * 8 * 5, SMALL_WIDTH)

    def forward(self, pictures: Tensor) -> Tensor:
        """(B, 3, 80, 128) in [0, 1] -> (B, 256), 0 or more."""
        hidden = pictures * 2 - 1
        for convolution in self.convolutions:
            hidden = torch.relu(convolution(hidden))
        return torch.relu(self.layer(hidden.flatten(1)))


class PooledBackbone(nn.Module):
    """A ``transformers`` backbone behind ImageNet's normalisation; the mean of its last map.

    Args:
        model: with ``last_hidden_state`` (B, D, h, w).
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(1, 3, 1, 1))

    def forward(self, pictures: Tensor) -> Tensor:
        """(B, 3, H, W) in [0, 1] -> (B, D)."""
        maps: Tensor = self.model((pictures - self.mean) / self.std).last_hidden_state
        return maps.mean(dim=(2, 3))


def make_backbone(name: str) -> Backbone:
    """A backbone with fresh weights."""
    if name == "small":
        return Backbone(SmallEncoder(), SMALL_VIEW, SMALL_WIDTH)
    import transformers

    if name == "resnet34":
        config = transformers.ResNetConfig(
            embedding_size=64, hidden_sizes=[64, 128, 256, 512], depths=[3, 4, 6, 3],
            layer_type="basic",
        )  # fmt: skip
        return Backbone(PooledBackbone(transformers.ResNetModel(config)), ViewSettings(), 512)
    if name == "efficientnet_b4":
        config = transformers.EfficientNetConfig(
            width_coefficient=1.4, depth_coefficient=1.8, image_size=380, hidden_dim=1792
        )
        return Backbone(
            PooledBackbone(transformers.EfficientNetModel(config)), ViewSettings(), 1792
        )
    raise ValueError(f"there is no backbone {name!r}")


def load_backbone(name: str, path: Path, sha256: str | None) -> Backbone:
    """A backbone with the weights of a file.

    Args:
        name: one of ``settings.BACKBONES``.
        path: safetensors; of the published ones as ``transformers`` stores them, with or without a classifier.
        sha256: what the file's digest must be; None not to check.

    Raises:
        InputProblem: ``weights_missing``, ``weights_changed``, ``weights_foreign``.
    """
    backbone = make_backbone(name)
    weights = load_weights(path, sha256=sha256)
    target = backbone.network
    if isinstance(target, PooledBackbone):
        weights = _without_head(weights)
        target = target.model
    missing, unexpected = target.load_state_dict(weights, strict=False)
    needed = [key for key in missing if not key.endswith("num_batches_tracked")]
    if needed or unexpected:
        raise InputProblem(
            "weights_foreign",
            f"The weights {path.name} are none of {name} ({len(needed)} tensors are missing, "
            f"{len(unexpected)} are of something else).",
        )
    return backbone


def _without_head(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    kept = {}
    for key, value in weights.items():
        if not key.startswith("classifier"):
            kept[key.removeprefix("resnet.").removeprefix("efficientnet.")] = value
    return kept
