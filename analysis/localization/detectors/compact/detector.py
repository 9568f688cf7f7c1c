"""Frames in, people and ball out: the compact network behind the family's protocol."""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.core.records import Calibration, Detections, Frame
from analysis.localization import field_mask
from analysis.localization.detectors.compact.decode import Peaks, decode
from analysis.localization.detectors.compact.network import CompactNetwork, as_input
from analysis.localization.detectors.compact.settings import Settings
from analysis.localization.shirts import shirt_colour

ImageArray = NDArray[np.uint8]
FloatArray = NDArray[np.float64]

MULTIPLE = 32
LEAST_SIDE_PX = 64
# People stand on the field or just beside it; the region is grown by this share of the width before feet are asked.
FIELD_GROWTH = 0.012


class Compact:
    """See the card. Stateless: each frame is answered by itself, so batches and workers agree."""

    def __init__(self, settings: Settings, weights: Mapping[str, Tensor], device: str) -> None:
        self.settings, self.device = settings, device
        network = CompactNetwork()
        network.load_state_dict(dict(weights))
        self.network = network.eval().to(device, memory_format=torch.channels_last)
        self.is_16_bit = _does_bfloat16(device)

    def detect(
        self, frames: Sequence[Frame], calibrations: Sequence[Calibration | None]
    ) -> list[Detections]:
        """One ``Detections`` a frame; calibrations are not needed."""
        del calibrations
        answers = [Detections.empty() for _ in frames]
        groups: dict[tuple[int, int], list[int]] = {}
        for i, frame in enumerate(frames):
            if min(frame.size_px) >= LEAST_SIDE_PX:
                groups.setdefault(frame.size_px, []).append(i)
        for members in groups.values():
            pictures = [self._prepared(frames[i].image) for i in members]
            for i, picture, peaks in zip(members, pictures, self._peaks(pictures), strict=True):
                answers[i] = self._answer(frames[i].size_px, picture, peaks)
        return answers

    def _prepared(self, image: ImageArray) -> ImageArray:
        """The image at working width, (H, W, 3)."""
        height_px, width_px = image.shape[:2]
        scale = self.settings.working_width_px / width_px
        size = (self.settings.working_width_px, max(MULTIPLE, round(height_px * scale)))
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        return np.ascontiguousarray(cv2.resize(image, size, interpolation=method))

    @torch.inference_mode()
    def _peaks(self, pictures: Sequence[ImageArray]) -> list[Peaks]:
        found: list[Peaks] = []
        # One picture after the other on a CPU: a batch only costs memory there.
        step = 1 if self.device == "cpu" else 8
        for begin in range(0, len(pictures), step):
            batch = torch.from_numpy(np.stack([_padded(p) for p in pictures[begin : begin + step]]))
            kind = torch.device(self.device).type
            with torch.autocast(kind, dtype=torch.bfloat16, enabled=self.is_16_bit):
                raw = self.network(as_input(batch.to(self.device)))
            found += decode(
                raw,
                score_floor=self.settings.score_floor,
                ball_floor=self.settings.ball_floor,
                overlap=self.settings.overlap,
                score_shift=self.settings.score_shift,
            )
        return found

    def _answer(self, size_px: tuple[int, int], picture: ImageArray, peaks: Peaks) -> Detections:
        height, width = picture.shape[:2]
        picture_hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
        grass = field_mask.fit_grass(picture_hsv[::4, ::4])
        if grass is None:
            return Detections.empty()
        region = field_mask.field_region(
            grass.mask(picture_hsv[::4, ::4]), fill_px=max(3, round(0.012 * width))
        )
        feet = np.stack([(peaks.box_px[:, 0] + peaks.box_px[:, 2]) / 2, peaks.box_px[:, 3]], axis=1)
        kept = _stands_on(region, feet / 4, reach=round(FIELD_GROWTH * width / 4))
        limits = np.array([width, height] * 2, dtype=np.float64)
        box = np.clip(peaks.box_px[kept], 0, limits)
        grass_mask = grass.mask(picture_hsv)
        colours = [_colour(picture, grass_mask, row) for row in box]
        back = np.array([size_px[0] / width, size_px[1] / height] * 2)
        ball = peaks.ball_px
        return Detections(
            box_px=box * back,
            score=peaks.score[kept],
            role=self._roles(peaks.role_share[kept]),
            colour_rgb=np.array(colours).reshape(-1, 3),
            ball_px=None if ball is None else ball * np.array([back[0], back[1], 1.0]),
        )

    def _roles(self, role_share: FloatArray) -> NDArray[np.int64]:
        if not len(role_share):
            return np.zeros(0, np.int64)
        best = role_share.argmax(axis=1)
        return np.where(role_share.max(axis=1) >= self.settings.sure_role, best, -1).astype(
            np.int64
        )


def _padded(picture: ImageArray) -> ImageArray:
    height, width = picture.shape[:2]
    below, right = -height % MULTIPLE, -width % MULTIPLE
    return cv2.copyMakeBorder(picture, 0, below, 0, right, cv2.BORDER_CONSTANT)


def _stands_on(region: NDArray[np.bool_], feet: FloatArray, *, reach: int) -> NDArray[np.bool_]:
    """(N,) whether feet (N, 2), in cells of the region, stand on it grown by ``reach`` cells."""
    if not len(feet):
        return np.zeros(0, bool)
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    grown = cv2.dilate(region.astype(np.uint8), kernel) > 0
    rows = np.clip(np.round(feet[:, 1]).astype(int), 0, region.shape[0] - 1)
    columns = np.clip(np.round(feet[:, 0]).astype(int), 0, region.shape[1] - 1)
    return np.asarray(grown[rows, columns])


def _colour(picture: ImageArray, grass: NDArray[np.bool_], box: FloatArray) -> FloatArray:
    x0, y0 = (int(v) for v in np.floor(box[:2]))
    x1, y1 = (int(v) for v in np.ceil(box[2:]))
    if x1 - x0 < 2 or y1 - y0 < 4:
        return np.full(3, np.nan)
    return shirt_colour(picture, ~grass[y0:y1, x0:x1], (x0, y0, x1, y1))


def _does_bfloat16(device: str) -> bool:
    if torch.device(device).type == "cuda":
        return torch.cuda.is_bf16_supported()
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported()) and "avx512_bf16" in _cpu_flags()


def _cpu_flags() -> str:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="ignore") as stream:  # noqa: PTH123
            return next((line for line in stream if line.startswith("flags")), "")
    except OSError:
        return ""
