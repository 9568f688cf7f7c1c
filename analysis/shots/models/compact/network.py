"""Two small networks: transitions from numbers of change, and the kind of camera from one small picture."""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from analysis.core.vocabulary import CAMERAS, TRANSITIONS
from analysis.shots.changes import N_FEATURES

FloatArray = NDArray[np.float32]

LOOK_PX = (96, 54)
N_LOOK_LAYERS = 4


class TransitionNet(nn.Module):
    """(B, T, N_FEATURES) -> (B, T, 3) logits of abrupt, smooth, logo; sees 31 pictures to either side."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.first = nn.Conv1d(N_FEATURES, width, 3, padding=1)
        self.blocks = nn.ModuleList(
            nn.Conv1d(width, width, 5, padding=2 * d, dilation=d) for d in (1, 2, 4, 8)
        )
        self.last = nn.Conv1d(width, len(TRANSITIONS), 1)

    def forward(self, features: Tensor) -> Tensor:
        """Logits."""
        # Most numbers are small most of the time: roots spread them.
        seen = features.clamp(-1, 1).abs().sqrt() * features.sign()
        hidden = torch.relu(self.first(seen.transpose(1, 2)))
        for block in self.blocks:
            hidden = hidden + torch.relu(block(hidden))
        return self.last(hidden).transpose(1, 2)


class LookNet(nn.Module):
    """(B, 4, 54, 96) layers of ``look_layers`` -> (B, 13) logits of the cameras."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in ((N_LOOK_LAYERS, 16), (16, 24), (24, 32), (32, 48)):
            layers += [nn.Conv2d(before, after, 3, 2, 1), nn.BatchNorm2d(after), nn.ReLU()]
        layers += [nn.Conv2d(48, 48, 3, 1, 1), nn.BatchNorm2d(48), nn.ReLU()]
        self.body = nn.Sequential(*layers)
        self.head = nn.Sequential(
            nn.Dropout(0.2), nn.Linear(48 * 6 + 48, 64), nn.ReLU(), nn.Linear(64, len(CAMERAS))
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
