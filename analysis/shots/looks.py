"""The kind of camera from one small picture: a network, and what it is shown of a picture; shared by shot finders."""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from analysis.core.vocabulary import CAMERAS

FloatArray = NDArray[np.float32]

LOOK_PX = (96, 54)
N_LOOK_LAYERS = 4
_BATCH = 64
PREFIX = "look."
"""Names of its weights in a finder's file begin so."""


class LookNet(nn.Module):
    """(B, 4, 54, 96) layers of ``look_layers`` -> (B, 13) logits of the cameras."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in ((N_LOOK_LAYERS, 16), (16, 32), (32, 48), (48, 64)):
            layers += [nn.Conv2d(before, after, 3, 2, 1), nn.BatchNorm2d(after), nn.ReLU()]
        layers += [nn.Conv2d(64, 64, 3, 1, 1), nn.BatchNorm2d(64), nn.ReLU()]
        self.body = nn.Sequential(*layers)
        self.head = nn.Sequential(
            nn.Dropout(0.2), nn.Linear(64 * 6 + 64, 64), nn.ReLU(), nn.Linear(64, len(CAMERAS))
        )

    def forward(self, layers: Tensor) -> Tensor:
        """Logits."""
        seen = self.body(layers)
        places = nn.functional.adaptive_avg_pool2d(seen, (2, 3)).flatten(1)
        return self.head(torch.cat([places, seen.amax((2, 3))], dim=1))


def look_layers(image: NDArray[np.uint8]) -> FloatArray:
    """(4, 54, 96) of an RGB picture: white marks on grass, what is not grass, brightness and colourfulness.

    Simulated and real pictures differ less in these than in their colours.
    """
    small = cv2.resize(image, (2 * LOOK_PX[0], 2 * LOOK_PX[1]), interpolation=cv2.INTER_AREA)
    hsv = cv2.cvtColor(small, cv2.COLOR_RGB2HSV)
    grass = ((hsv[..., 0] > 28) & (hsv[..., 0] < 92) & (hsv[..., 1] > 50)).astype(np.uint8)
    field = cv2.morphologyEx(grass, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    marks = cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, np.ones((5, 5), np.uint8)).astype(np.float32)
    luma = grey.astype(np.float32)
    layers = [
        np.clip(marks / 50, 0, 1) * field,
        1.0 - grass.astype(np.float32),
        np.clip((luma - luma.mean()) / (2 * luma.std() + 8) + 0.5, 0, 1),
        hsv[..., 1].astype(np.float32) / 255,
    ]
    return np.array(
        [cv2.resize(layer, LOOK_PX, interpolation=cv2.INTER_AREA) for layer in layers], np.float32
    )


class LookJudge:
    """The network with weights, ready to judge pictures.

    Args:
        weights: of a finder; those whose names begin with ``PREFIX`` are taken.
        device: torch device.
    """

    def __init__(self, weights: Mapping[str, Tensor], device: str) -> None:
        self.device = device
        self.net = LookNet()
        self.net.load_state_dict(own_weights(weights, PREFIX))
        self.net.to(device).eval()

    @torch.inference_mode()
    def probabilities(self, images: Sequence[NDArray[np.uint8]]) -> FloatArray:
        """(N, 13) probability of each camera for RGB pictures (H, W, 3) of any size."""
        parts = [np.zeros((0, len(CAMERAS)), np.float32)]
        for start in range(0, len(images), _BATCH):
            layers = np.array([look_layers(image) for image in images[start : start + _BATCH]])
            logits = self.net(torch.from_numpy(layers).to(self.device))
            parts.append(logits.softmax(1).float().cpu().numpy())
        return np.concatenate(parts)


def own_weights(weights: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Weights of one network out of a file of several, without their prefix."""
    return {
        name.removeprefix(prefix): value
        for name, value in weights.items()
        if name.startswith(prefix)
    }
