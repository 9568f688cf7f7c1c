"""The training side: composed transitions for one network, pictures of all cameras for the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from analysis.core.vocabulary import CAMERAS
from analysis.shots.looks import LOOK_PX, LookNet, look_layers
from analysis.shots.models.compact.composition import Example, compose
from analysis.shots.models.compact.network import TransitionNet

FloatArray = NDArray[np.float32]

_POSITIVE_WEIGHT = 12.0
_VARIANTS = 2
_MIRRORED = {
    CAMERAS.index("Main camera left"): CAMERAS.index("Main camera right"),
    CAMERAS.index("Main camera right"): CAMERAS.index("Main camera left"),
}


@dataclass(frozen=True)
class Transitions:
    """Learns ``TransitionNet`` from examples composed once.

    Args:
        pieces: (N, T, 36, 64, 3) thumbnails.
        n_examples: composed for training; a tenth of it for validation.
        seed: of the composition.
    """

    pieces: NDArray[np.uint8]
    n_examples: int
    seed: int = 0

    def network(self) -> nn.Module:
        """A fresh network."""
        return TransitionNet()

    def examples(self, split: str) -> "_Composed":
        """Composed examples."""
        n = self.n_examples if split == "train" else max(1, self.n_examples // 10)
        rng = np.random.default_rng([self.seed, split == "train"])
        return _Composed([compose(rng, self.pieces) for _ in range(n)])

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Weighted cross-entropy: transitions are one picture in fifty."""
        weight = 1 + (_POSITIVE_WEIGHT - 1) * batch["wanted"]
        logits = network(batch["features"])
        total = nn.functional.binary_cross_entropy_with_logits(
            logits, batch["wanted"], weight=weight
        )
        return {"total": total}


@dataclass(frozen=True)
class _Composed:
    made: list[Example]

    def __len__(self) -> int:
        return len(self.made)

    def example(self, index: int, seed: int) -> Mapping[str, Any]:
        """The example as tensors."""
        one = self.made[index]
        return {"features": torch.from_numpy(one.features), "wanted": torch.from_numpy(one.wanted)}


@dataclass(frozen=True)
class Looks:
    """Learns ``LookNet``.

    Args:
        pictures: (N, H, W, 3) RGB.
        camera: (N,) index in ``vocabulary.CAMERAS``.
        weight: (N,) of each picture in the loss.
    """

    pictures: NDArray[np.uint8]
    camera: NDArray[np.int64]
    weight: FloatArray

    def network(self) -> nn.Module:
        """A fresh network."""
        return LookNet()

    def examples(self, split: str) -> "_Looked":
        """Every picture a few times, varied once and kept as layers, which cost more than a step of the network."""
        rng = np.random.default_rng(17)
        n_variants = _VARIANTS if split == "train" else 1
        layers, cameras = [], []
        for image, camera in zip(self.pictures, self.camera.tolist(), strict=True):
            for _ in range(n_variants):
                shown = _varied(rng, image, camera) if split == "train" else (image, camera)
                layers.append((look_layers(shown[0]) * 255).astype(np.uint8))
                cameras.append(shown[1])
        return _Looked(np.array(layers), np.array(cameras), np.repeat(self.weight, n_variants))

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Weighted cross-entropy over the cameras."""
        each = nn.functional.cross_entropy(
            network(batch["layers"]), batch["camera"], reduction="none", label_smoothing=0.05
        )
        return {"total": (each * batch["weight"]).sum() / batch["weight"].sum()}


@dataclass(frozen=True)
class _Looked:
    layers: NDArray[np.uint8]
    camera: NDArray[np.int64]
    weight: FloatArray

    def __len__(self) -> int:
        return len(self.camera)

    def example(self, index: int, seed: int) -> Mapping[str, Any]:
        """The picture's layers, camera and weight."""
        return {
            "layers": torch.from_numpy(self.layers[index].astype(np.float32) / 255),
            "camera": torch.tensor(int(self.camera[index])),
            "weight": torch.tensor(float(self.weight[index])),
        }


def _varied(
    rng: np.random.Generator, image: NDArray[np.uint8], camera: int
) -> tuple[NDArray[np.uint8], int]:
    """Mirrored, cropped, other light, softer, noisier."""
    if rng.random() < 0.5:
        image, camera = image[:, ::-1], _MIRRORED.get(camera, camera)
    height, width = image.shape[:2]
    part = rng.uniform(0.86, 1.0)
    x, y = rng.uniform(0, 1 - part) * width, rng.uniform(0, 1 - part) * height
    image = image[int(y) : int(y + part * height), int(x) : int(x + part * width)]
    image = cv2.resize(image, (2 * LOOK_PX[0], 2 * LOOK_PX[1]), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.4:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.4))
    light = image.astype(np.float32)
    light = 255 * (light / 255) ** rng.uniform(0.7, 1.4)
    light = (light - 128) * rng.uniform(0.75, 1.25) + 128 + rng.uniform(-18, 18)
    light += rng.normal(0, rng.uniform(0, 5), light.shape)
    return np.clip(light, 0, 255).astype(np.uint8), camera
