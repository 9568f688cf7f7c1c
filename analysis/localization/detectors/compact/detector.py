"""Frames in, people and ball out: the compact network behind the family's protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.core.records import Calibration, Detections, Frame
from analysis.localization.detectors.compact import scale
from analysis.localization.detectors.compact.decode import Peaks, decode
from analysis.localization.detectors.compact.network import CompactNetwork, as_input
from analysis.localization.detectors.compact.settings import Settings
from analysis.localization.on_field import Field
from analysis.localization.role_limits import plausible_roles
from analysis.training import eight_bit

ImageArray = NDArray[np.uint8]
FloatArray = NDArray[np.float64]

MULTIPLE = 32
LEAST_SIDE_PX = 64
# How far above the highest grass the network looks, in widths: somebody on the far line in a narrow view is as tall.
REACH_ABOVE = 0.0625
SURE_SCORE = 0.5
LEAST_LINEAR = 0.6


class Compact:
    """See the card. Stateless: each frame is answered by itself, so batches and workers agree."""

    def __init__(self, settings: Settings, weights: Mapping[str, Tensor], device: str) -> None:
        self.settings, self.device = settings, device
        network = CompactNetwork()
        own, greatest = eight_bit.split(weights)
        network.load_state_dict(own)
        # Bytes cost half of what 16-bit floats do on a processor, and find the same people.
        self.is_8_bit = (
            settings.eight_bit
            and device == "cpu"
            and bool(greatest)
            and eight_bit.has_byte_products()
        )
        self.is_16_bit = not self.is_8_bit and eight_bit.has_bfloat16_products(device)
        if self.is_8_bit:
            self.network = eight_bit.in_eight_bits(network, greatest)
        else:
            self.network = network.eval().to(device, memory_format=torch.channels_last)

    def detect(
        self, frames: Sequence[Frame], calibrations: Sequence[Calibration | None]
    ) -> list[Detections]:
        """One ``Detections`` a frame; calibrations are not needed, but where they are known they widen the field and
        tell how large to look."""
        answers = [Detections.empty() for _ in frames]
        groups: dict[tuple[tuple[int, int], int], list[int]] = {}
        for i, (frame, calibration) in enumerate(zip(frames, calibrations, strict=True)):
            if min(frame.size_px) >= LEAST_SIDE_PX:
                width_px = self.width_px(frame, calibration)
                groups.setdefault((frame.size_px, width_px), []).append(i)
        for (_, width_px), members in groups.items():
            pictures = [_prepared(frames[i].image, width_px) for i in members]
            fields = [
                self._field(picture, calibrations[i])
                for i, picture in zip(members, pictures, strict=True)
            ]
            spans = [_rows_px(field, width_px) for field in fields]
            # Some colour of grass may be there, but no field: then there is nowhere to look.
            seen = [n for n, (top, bottom) in enumerate(spans) if bottom > top]
            found = self._peaks([pictures[n] for n in seen], [spans[n] for n in seen])
            for n, peaks in zip(seen, found, strict=True):
                answers[members[n]] = self._answer(
                    frames[members[n]], pictures[n], fields[n], peaks
                )
        return answers

    def width_px(self, frame: Frame, calibration: Calibration | None) -> int:
        """The width at which a frame is worked on: by its calibration, else by a glance at people's height."""
        person_px, most_px = self.settings.person_px, self.settings.working_width_px
        if not person_px or most_px <= scale.LEAST_PX:
            return most_px
        if calibration is not None:
            height = scale.projected_height(calibration, self.settings.pitch)
        else:
            glance = _prepared(frame.image, scale.GLANCE_PX)
            (peaks,) = self._peaks([glance], [(0, glance.shape[0])])
            sure = peaks.score >= SURE_SCORE
            height = scale.seen_height(peaks.box_px[sure], scale.GLANCE_PX)
        return scale.working_width(height, person_px, most_px)

    def _field(self, picture: ImageArray, calibration: Calibration | None) -> Field:
        height, width = picture.shape[:2]
        view = None if calibration is None else calibration.at_size((width, height))
        return Field(picture, view, self.settings.pitch)

    @torch.inference_mode()
    def _peaks(
        self, pictures: Sequence[ImageArray], spans: Sequence[tuple[int, int]]
    ) -> list[Peaks]:
        """What the network sees in the rows of each picture where people of the field can be."""
        # One picture after the other on a CPU: a batch only costs memory there. Elsewhere all get the same rows.
        step = 1 if self.device == "cpu" else 8
        found: list[Peaks] = []
        for begin in range(0, len(pictures), step):
            part = slice(begin, begin + step)
            top, bottom = min(s[0] for s in spans[part]), max(s[1] for s in spans[part])
            batch = torch.from_numpy(np.stack([_padded(p[top:bottom]) for p in pictures[part]]))
            raw = self._maps(batch.to(self.device))
            found += [
                _moved_down(peaks, top)
                for peaks in decode(
                    raw,
                    score_floor=self.settings.score_floor,
                    ball_floor=self.settings.ball_floor,
                    overlap=self.settings.overlap,
                    score_shift=self.settings.score_shift,
                )
            ]
        return found

    def _maps(self, batch: Tensor) -> Tensor:
        if self.is_8_bit:
            return self.network(eight_bit.picture_bytes(batch))
        kind = torch.device(self.device).type
        with torch.autocast(kind, dtype=torch.bfloat16, enabled=self.is_16_bit):
            return self.network(as_input(batch))

    def _answer(self, frame: Frame, picture: ImageArray, field: Field, peaks: Peaks) -> Detections:
        height, width = picture.shape[:2]
        kept = field.has(peaks.box_px)
        box = np.clip(peaks.box_px[kept], 0, np.array([width, height] * 2, dtype=np.float64))
        back = np.array([frame.size_px[0] / width, frame.size_px[1] / height] * 2)
        ball = peaks.ball_px
        colours, score = field.colours(box), peaks.score[kept]
        return Detections(
            box_px=box * back,
            score=score,
            role=self._roles(peaks.role_share[kept], colours, score >= SURE_SCORE),
            colour_rgb=colours,
            ball_px=None if ball is None else ball * np.array([back[0], back[1], 1.0]),
        )

    def _roles(
        self, role_share: FloatArray, colours: FloatArray, is_sure: NDArray[np.bool_]
    ) -> NDArray[np.int64]:
        if not len(role_share):
            return np.zeros(0, np.int64)
        role = plausible_roles(role_share, colours, is_sure)
        return np.where(role_share.max(axis=1) >= self.settings.sure_role, role, -1)


def _rows_px(field: Field, width_px: int) -> tuple[int, int]:
    return field.rows_px(round(REACH_ABOVE * width_px), MULTIPLE)


def _prepared(image: ImageArray, width_px: int) -> ImageArray:
    """The image at working width, (H, W, 3)."""
    factor = width_px / image.shape[1]
    size = (width_px, max(MULTIPLE, round(image.shape[0] * factor)))
    # Averaging areas that are no whole number of pixels is six times as dear, and only matters where many are left out.
    method = cv2.INTER_AREA if factor < LEAST_LINEAR else cv2.INTER_LINEAR
    return np.ascontiguousarray(cv2.resize(image, size, interpolation=method))


def _moved_down(peaks: Peaks, rows_px: int) -> Peaks:
    down = np.array([0.0, rows_px, 0.0, rows_px])
    ball = None if peaks.ball_px is None else peaks.ball_px + np.array([0.0, rows_px, 0.0])
    return replace(peaks, box_px=peaks.box_px + down, ball_px=ball)


def _padded(picture: ImageArray) -> ImageArray:
    height, width = picture.shape[:2]
    below, right = -height % MULTIPLE, -width % MULTIPLE
    return cv2.copyMakeBorder(picture, 0, below, 0, right, cv2.BORDER_CONSTANT)
