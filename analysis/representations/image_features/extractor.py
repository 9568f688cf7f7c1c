"""Frames through backbones of ``transformers``, a batch at a time (algorithms 0.3, H.1)."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.core.problems import PlanProblem
from analysis.core.records import FeatureSequence, Frame
from analysis.representations.base import HalfView
from analysis.representations.image_features.networks import (
    SIDE_PX,
    bundled_model,
    model_of,
    side_of,
)
from analysis.representations.image_features.projection import Projection, load_projection
from analysis.representations.image_features.settings import Settings

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
BATCH = 16


class Backbone:
    """One network: the mean of its last map, or of its tokens.

    Args:
        model: of ``transformers``.
        device: torch device.
    """

    def __init__(self, model: Any, device: str) -> None:
        self.model: Any = model.eval().to(device)
        self.device = device
        self.side_px = side_of(model)

    @torch.inference_mode()
    def rows(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(B, side, side, 3) -> (B, D)."""
        return pooled(self.model, torch.from_numpy(pictures).to(self.device)).float().cpu().numpy()


def pooled(model: Any, pictures: Tensor) -> Tensor:
    """(B, H, W, 3) in 0..255 -> (B, D): the mean of a model's last map, or of its tokens."""
    tensor = pictures.permute(0, 3, 1, 2).float() / 255
    mean, std = (tensor.new_tensor(value).view(1, 3, 1, 1) for value in (MEAN, STD))
    last: Tensor = model(pixel_values=(tensor - mean) / std).last_hidden_state
    return last.mean(dim=(2, 3)) if last.ndim == 4 else last.mean(dim=1)


class ImageFeatures:
    """See the card.

    Args:
        settings: as built.
        device: torch device.
    """

    def __init__(self, settings: Settings, device: str) -> None:
        self.settings = settings
        folders = [Path(text) for text in settings.backbones.split(",") if text]
        models = [model_of(folder) for folder in folders] or [bundled_model()]
        self.backbones = [Backbone(model, device) for model in models]
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
        return self.describe(half.frames(self.settings.pictures_hz))

    def describe(self, frames: Iterable[Frame]) -> FeatureSequence:
        """(T, D) float32, a row for every frame, or every tick where rows look at a window; networks side by side.

        Args:
            frames: at ``settings.pictures_hz``.
        """
        own = self.settings
        times_ms: list[int] = []
        parts = []
        for batch in _batches(frames):
            parts.append(self._described(batch))
            times_ms += [frame.time_ms for frame in batch]
        width = parts[0].shape[1] if parts else 0
        values = np.concatenate([np.zeros((0, width), np.float32), *parts])
        if own.window_s:
            values = sliding(values, times_ms, own.rate_hz, own.window_s)
        return FeatureSequence(values, own.rate_hz)

    def _described(self, batch: list[Frame]) -> NDArray[np.float32]:
        columns = []
        for backbone, projection in zip(self.backbones, self.projections, strict=True):
            side_px = backbone.side_px
            rows = backbone.rows(np.stack([middle_square(one.image, side_px) for one in batch]))
            if projection is not None:
                rows = projection(rows)
            if self.settings.is_normalised:
                rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
            columns.append(rows)
        return np.concatenate(columns, axis=1)


def middle_square(image: NDArray[np.uint8], side_px: int = SIDE_PX) -> NDArray[np.uint8]:
    """(side, side, 3): the picture at that height, its middle columns; narrow ones get black beside them."""
    height, width = image.shape[:2]
    scaled_width = max(1, round(width * side_px / height))
    small = cv2.resize(image, (scaled_width, side_px), interpolation=cv2.INTER_AREA)
    if scaled_width < side_px:
        left = (side_px - scaled_width) // 2
        right = side_px - scaled_width - left
        small = cv2.copyMakeBorder(small, 0, 0, left, right, cv2.BORDER_CONSTANT)
    first = (small.shape[1] - side_px) // 2
    return np.ascontiguousarray(small[:, first : first + side_px])


def sliding(
    rows: NDArray[np.float32], times_ms: Sequence[int], rate_hz: float, window_s: float
) -> NDArray[np.float32]:
    """(T, D) means of the rows within a window round each tick of a clock that begins with the first picture.

    Args:
        rows: (N, D), one a picture.
        times_ms: (N,) of the pictures, in order.
        rate_hz: ticks a second.
        window_s: width of the window.
    """
    if not len(times_ms):
        return rows
    ticks_ms = np.arange(times_ms[0], times_ms[-1] + 1, 1000 / rate_hz)
    first = np.searchsorted(times_ms, ticks_ms - 500 * window_s, "left")
    last = np.searchsorted(times_ms, ticks_ms + 500 * window_s, "right")
    sums = np.cumsum(rows.astype(np.float64), axis=0)
    total = np.concatenate([np.zeros((1, rows.shape[1])), sums])
    n_rows = np.maximum(last - first, 1)[:, None]
    return np.asarray((total[last] - total[first]) / n_rows, np.float32)


def _batches(frames: Iterable[Frame]) -> Iterator[list[Frame]]:
    waiting = iter(frames)
    for first in waiting:
        yield list(chain([first], islice(waiting, BATCH - 1)))
