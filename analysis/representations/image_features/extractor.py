"""Frames through backbones of ``transformers``, a batch at a time (algorithms 0.3, H.1)."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.core.problems import InputProblem, PlanProblem
from analysis.core.records import FeatureSequence, Frame
from analysis.representations.base import HalfView
from analysis.representations.image_features.projection import Projection, load_projection
from analysis.representations.image_features.settings import Settings

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# SoccerNet's own features: the video at 398 x 224, its middle 224 columns.
SIDE_PX = 224
BATCH = 16


class Backbone:
    """One network from a local folder: the mean of its last map, or of its tokens.

    Args:
        folder: with ``config.json`` and safetensors; nothing is fetched.
        device: torch device.

    Raises:
        InputProblem: the folder holds no such model.
    """

    def __init__(self, folder: Path, device: str) -> None:
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
        self.model: Any = model.eval().to(device)
        self.device = device

    @torch.inference_mode()
    def rows(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(B, 224, 224, 3) -> (B, D)."""
        tensor = torch.from_numpy(pictures).to(self.device).permute(0, 3, 1, 2).float() / 255
        mean = tensor.new_tensor(MEAN).view(1, 3, 1, 1)
        std = tensor.new_tensor(STD).view(1, 3, 1, 1)
        last: Tensor = self.model(pixel_values=(tensor - mean) / std).last_hidden_state
        pooled = last.mean(dim=(2, 3)) if last.ndim == 4 else last.mean(dim=1)
        return pooled.float().cpu().numpy()


class ImageFeatures:
    """See the card.

    Args:
        settings: as built.
        device: torch device.
    """

    def __init__(self, settings: Settings, device: str) -> None:
        self.settings = settings
        self.backbones = [Backbone(Path(text), device) for text in settings.backbones.split(",")]
        names = [text for text in settings.projections.split(",") if text]
        self.projections: list[Projection | None] = [load_projection(Path(text)) for text in names]
        self.projections = self.projections or [None] * len(self.backbones)

    def build(self, half: HalfView) -> FeatureSequence:
        """Rows of the half's frames.

        Raises:
            PlanProblem: the half comes without its pictures.
        """
        if half.frames is None:
            raise PlanProblem(["image_features reads pictures, which this half comes without"])
        return self.describe(half.frames(self.settings.rate_hz))

    def describe(self, frames: Iterable[Frame]) -> FeatureSequence:
        """(T, D) float32, a row for every frame; all networks side by side.

        Args:
            frames: at ``rate_hz``.
        """
        parts = [self._described(batch) for batch in _batches(frames)]
        width = parts[0].shape[1] if parts else 0
        values = np.concatenate([np.zeros((0, width), np.float32), *parts])
        return FeatureSequence(values, self.settings.rate_hz)

    def _described(self, batch: list[Frame]) -> NDArray[np.float32]:
        pictures = np.stack([middle_square(frame.image) for frame in batch])
        columns = []
        for backbone, projection in zip(self.backbones, self.projections, strict=True):
            rows = backbone.rows(pictures)
            if projection is not None:
                rows = projection(rows)
            if self.settings.is_normalised:
                rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
            columns.append(rows)
        return np.concatenate(columns, axis=1)


def middle_square(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(224, 224, 3): the picture at a height of 224, its middle columns; narrow ones get black beside them."""
    height, width = image.shape[:2]
    scaled_width = max(1, round(width * SIDE_PX / height))
    small = cv2.resize(image, (scaled_width, SIDE_PX), interpolation=cv2.INTER_AREA)
    if scaled_width < SIDE_PX:
        left = (SIDE_PX - scaled_width) // 2
        right = SIDE_PX - scaled_width - left
        small = cv2.copyMakeBorder(small, 0, 0, left, right, cv2.BORDER_CONSTANT)
    first = (small.shape[1] - SIDE_PX) // 2
    return np.ascontiguousarray(small[:, first : first + SIDE_PX])


def _batches(frames: Iterable[Frame]) -> Iterator[list[Frame]]:
    waiting = iter(frames)
    for first in waiting:
        yield list(chain([first], islice(waiting, BATCH - 1)))
