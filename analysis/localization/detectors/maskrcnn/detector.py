"""Frames in, people out: instance masks on the field, the shirt's colour read inside the mask (algorithms B.1)."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.core.records import Calibration, Detections, Frame
from analysis.localization.detectors.maskrcnn.settings import Settings
from analysis.localization.on_field import Field

ImageArray = NDArray[np.uint8]

PERSON = 1  # of COCO's classes
LEAST_SIDE_PX = 64
INSIDE_MASK = 0.5


class InstanceNetwork(Protocol):
    """What torchvision's detection networks do in evaluation mode."""

    def __call__(self, images: list[Tensor]) -> list[Mapping[str, Tensor]]:
        """(3, H, W) in [0, 1] each -> ``boxes`` (N, 4) px, ``labels`` (N,), ``scores`` (N,), ``masks`` (N, 1, H, W)."""
        ...


class MaskRcnn:
    """See the card. Stateless: each frame is answered by itself.

    Args:
        settings: see there.
        network: an ``InstanceNetwork``; a torch module is set to evaluate on the device.
        device: torch device.
    """

    def __init__(self, settings: Settings, network: Any, device: str) -> None:
        self.settings, self.device = settings, device
        self.network: InstanceNetwork = network
        if isinstance(network, torch.nn.Module):
            self.network = network.eval().to(device)

    def detect(
        self, frames: Sequence[Frame], calibrations: Sequence[Calibration | None]
    ) -> list[Detections]:
        """One ``Detections`` a frame, without roles and ball."""
        return [
            self._detect_one(np.ascontiguousarray(frame.image), calibration)
            for frame, calibration in zip(frames, calibrations, strict=True)
        ]

    @torch.inference_mode()
    def _detect_one(self, image: ImageArray, calibration: Calibration | None) -> Detections:
        height, width = image.shape[:2]
        if min(height, width) < LEAST_SIDE_PX:
            return Detections.empty()
        field = Field(image, calibration, self.settings.pitch)
        if not field.is_seen:
            return Detections.empty()
        pixels = torch.from_numpy(image).permute(2, 0, 1).float() / 255
        (answer,) = self.network([pixels.to(self.device)])
        box = answer["boxes"].double().cpu().numpy().reshape(-1, 4)
        box = np.clip(box, 0, np.array([width, height] * 2, dtype=np.float64))
        score = answer["scores"].double().cpu().numpy()
        kept = (answer["labels"].cpu().numpy() == PERSON) & (score >= self.settings.score_floor)
        kept &= field.has(box) & ((box[:, 2:] - box[:, :2]) >= 1).all(axis=1)
        index = np.flatnonzero(kept)
        masks = [(answer["masks"][int(i), 0] > INSIDE_MASK).cpu().numpy() for i in index]
        return Detections(
            box[index],
            score[index],
            np.full(len(index), -1, np.int64),
            field.colours(box[index], masks),
        )
