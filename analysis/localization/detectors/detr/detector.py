"""Frames in, people out: a set-prediction transformer behind the family's protocol.

Every query of the model answers with class logits and one box (Carion et al. 2020), so that no maps are read and
doubles only arise where tiles overlap.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from analysis.core.records import Calibration, Detections, Frame
from analysis.localization.detectors.detr.settings import Settings
from analysis.localization.doubles import without_doubles
from analysis.localization.on_field import Field

ImageArray = NDArray[np.uint8]
FloatArray = NDArray[np.float64]

LEAST_SIDE_PX = 64
# Neighbouring tiles share this part of their width: a person cut by one seam is whole beyond it.
TILE_OVERLAP = 0.12


class Detr:
    """See the card. Stateless: each frame is answered by itself.

    Args:
        settings: see there.
        model: (B, 3, S, S) pictures in [0, 1] as ``pixel_values`` -> ``logits`` (B, Q, C) and ``pred_boxes`` (B, Q, 4)
            as relative middle x, y, width, height; ``config.id2label`` names the classes.
        device: torch device.
    """

    def __init__(self, settings: Settings, model: Any, device: str) -> None:
        self.settings, self.device = settings, device
        self.model = model.eval().to(device)
        names = {str(name).lower(): int(i) for i, name in model.config.id2label.items()}
        # A model with a single class, trained for people alone, may call it anything.
        self.person = 0 if len(names) == 1 else names.get(settings.person.lower(), -1)
        if self.person < 0:
            raise ValueError(f"the model knows no class {settings.person!r}")

    def detect(
        self, frames: Sequence[Frame], calibrations: Sequence[Calibration | None]
    ) -> list[Detections]:
        """One ``Detections`` a frame, without roles and ball."""
        return [
            self._detect_one(np.ascontiguousarray(frame.image), calibration)
            for frame, calibration in zip(frames, calibrations, strict=True)
        ]

    def _detect_one(self, image: ImageArray, calibration: Calibration | None) -> Detections:
        height, width = image.shape[:2]
        if min(height, width) < LEAST_SIDE_PX:
            return Detections.empty()
        field = Field(image, calibration, self.settings.pitch)
        if not field.is_seen:
            return Detections.empty()
        box, score = self._people(image)
        box = np.clip(box, 0, np.array([width, height] * 2, dtype=np.float64))
        kept = field.has(box) & ((box[:, 2:] - box[:, :2]) >= 1).all(axis=1)
        box, score = box[kept], score[kept]
        best = without_doubles(box, score, self.settings.overlap)
        box, score = box[best], score[best]
        return Detections(box, score, np.full(len(box), -1, np.int64), field.colours(box))

    @torch.inference_mode()
    def _people(self, image: ImageArray) -> tuple[FloatArray, FloatArray]:
        """(N, 4) boxes in the image's pixels and (N,) scores."""
        boxes, scores = [np.zeros((0, 4))], [np.zeros(0)]
        side = self.settings.side_px
        for left, right in tile_edges(image.shape[1], self.settings.tiles):
            tile = cv2.resize(image[:, left:right], (side, side), interpolation=cv2.INTER_AREA)
            pixels = torch.from_numpy(tile).permute(2, 0, 1)[None].float() / 255
            answer = self.model(pixel_values=pixels.to(self.device))
            score = torch.sigmoid(answer.logits[0, :, self.person]).double().cpu().numpy()
            told = score >= self.settings.score_floor
            middle = answer.pred_boxes[0].double().cpu().numpy()[told]
            corners = np.concatenate(
                [middle[:, :2] - middle[:, 2:] / 2, middle[:, :2] + middle[:, 2:] / 2], axis=1
            )
            size = np.array([right - left, image.shape[0]] * 2, dtype=np.float64)
            boxes.append(corners * size + np.array([left, 0, left, 0]))
            scores.append(score[told])
        return np.concatenate(boxes), np.concatenate(scores)


def tile_edges(width_px: int, n_tiles: int) -> list[tuple[int, int]]:
    """[left, right) columns of equal tiles that share ``TILE_OVERLAP`` of their width and cover the picture."""
    if n_tiles == 1:
        return [(0, width_px)]
    tile = width_px / (n_tiles - (n_tiles - 1) * TILE_OVERLAP)
    starts = [round(i * tile * (1 - TILE_OVERLAP)) for i in range(n_tiles)]
    return [(start, min(width_px, start + int(np.ceil(tile)))) for start in starts]
