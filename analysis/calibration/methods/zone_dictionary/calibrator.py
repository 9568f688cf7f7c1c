"""Pictures in, cameras out: zones, the nearest templates, their correction, alignment, and how much agrees."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from analysis.calibration.confidence import probability, status_of
from analysis.calibration.methods.zone_dictionary.matching import encoded
from analysis.calibration.methods.zone_dictionary.networks import SIZES, as_input
from analysis.calibration.methods.zone_dictionary.search import (
    STAGES,
    Answer,
    Networks,
    Search,
    Seen,
)
from analysis.calibration.methods.zone_dictionary.zones import MAP_SIZE
from analysis.calibration.plausibility import implausible
from analysis.core.homography import normalised
from analysis.core.pitch import STANDARD_PITCH, PitchSpec
from analysis.core.records import Calibration, Frame, ImageArray

FloatArray = NDArray[np.float64]
METHOD = "zone_dictionary"
CONFIDENCE_FILE = Path(__file__).with_name("confidence.toml")
_IMPLAUSIBLE_CONFIDENCE = 0.02
_LEAST_MARKED = 0.1
_FINE = 2


@dataclass(frozen=True, slots=True)
class Settings:
    """How far the pipeline goes. The published system is ``stage="refined"``, ``n_candidates=1``, ``size="published"``.

    Args:
        weights: folder of a training run in place of the bundled weights; empty for the bundled ones.
        size: ``slim`` or ``published``, as the weights were trained.
        stage: ``retrieval`` (nearest template), ``refined`` (and its correction), ``ranked`` (templates by overlap
            rather than by code, and their corrections), ``aligned`` (and borders aligned).
        n_candidates: templates that are tried; the likeliest wins.
        batch_size: pictures through the network at once; 0 for one on a CPU and 16 on a GPU.
    """

    weights: str = ""
    size: str = "slim"
    stage: str = "aligned"
    n_candidates: int = 24
    batch_size: int = 0

    def __post_init__(self) -> None:
        if self.stage not in STAGES:
            raise ValueError(f"the stage is one of {', '.join(STAGES)}, not {self.stage!r}")


@dataclass(frozen=True, slots=True)
class Frameset:
    """How the middle of a picture fills the zone map: ``map = picture * scale - shift_px``, pixels of the map."""

    scale: float
    shift_px: tuple[float, float]

    @property
    def image_from_map(self) -> FloatArray:
        """(3, 3) cells of the map to pixels of the picture."""
        across, down = self.shift_px
        return np.array([[1, 0, across], [0, 1, down], [0, 0, self.scale]]) / self.scale


def prepared(image: ImageArray, size: tuple[int, int] = MAP_SIZE) -> tuple[ImageArray, Frameset]:
    """The 16:9 middle of a picture of any shape, brought to a size (width, height), and how it lies on the map."""
    height_px, width_px = image.shape[:2]
    width, height = size
    detail = width / MAP_SIZE[0]
    scale = max(width / width_px, height / height_px)
    shift = ((width_px * scale - width) / 2, (height_px * scale - height) / 2)
    # at most one picture's worth of pixels before the exact crop: far larger pictures are thinned first
    whole = (max(width, round(width_px * scale)), max(height, round(height_px * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LANCZOS4
    small = cv2.resize(image, whole, interpolation=how)
    left, top = round(shift[0]), round(shift[1])
    left, top = min(left, whole[0] - width), min(top, whole[1] - height)
    crop = np.ascontiguousarray(small[top : top + height, left : left + width])
    return crop, Frameset(scale / detail, (left / detail, top / detail))


class ZoneDictionaryCalibrator:
    """See the module head; pictures are independent of each other.

    Args:
        networks: see ``Networks``.
        settings: see ``Settings``.
        device: torch device.
    """

    def __init__(self, networks: Networks, settings: Settings, device: str) -> None:
        self.networks, self.settings, self.device = networks, settings, device
        self.picture_size = SIZES[settings.size].picture
        self.odds: dict[str, Any] = tomllib.loads(CONFIDENCE_FILE.read_text(encoding="utf-8"))
        self.search = Search(networks, settings.stage, settings.n_candidates, device)

    def calibrate(self, frames: Iterable[Frame], pitch: PitchSpec) -> Iterator[Calibration | None]:
        """One answer a frame, in order; None where there is hardly any pitch."""
        stream = iter(frames)
        size = self.settings.batch_size or (1 if self.device == "cpu" else 16)
        while batch := list(islice(stream, size)):
            pictures = [prepared(frame.image, self.picture_size) for frame in batch]
            seen = self.see(np.stack([picture for picture, _ in pictures]))
            codes = encoded(self.networks.encoder, np.stack([view.zones for view in seen]))
            for frame, (_, frameset), view, code in zip(batch, pictures, seen, codes, strict=True):
                answer = self.search.answer(view, code, pitch)
                yield None if answer is None else self.judged(answer, frameset, frame, pitch)

    def judge(self, image: ImageArray) -> tuple[Mapping[str, float], FloatArray] | None:
        """Evidence and ``image_from_pitch`` of a picture of a standard pitch; None where there is hardly any."""
        seen, code, frameset = self.look(image)
        answer = self.search.answer(seen, code, STANDARD_PITCH)
        if answer is None:
            return None
        return answer.evidence, frameset.image_from_map @ answer.map_from_pitch

    def look(self, image: ImageArray) -> tuple[Seen, Tensor, Frameset]:
        """The zones of one picture, their code (D,), and how they lie on the picture."""
        picture, frameset = prepared(image, self.picture_size)
        (seen,) = self.see(picture[None])
        (code,) = encoded(self.networks.encoder, seen.zones[None])
        return seen, code, frameset

    def see(self, pictures: NDArray[np.uint8]) -> list[Seen]:
        """Zones of prepared pictures (B, H, W, 3)."""
        with torch.inference_mode():
            logs = self.networks.zones(as_input(torch.from_numpy(pictures).to(self.device)))
            fine_zones = _at(logs, _FINE).argmax(dim=1).to(torch.uint8).cpu().numpy()
            probabilities = _at(logs, 1).softmax(dim=1).cpu().numpy()
        return [
            Seen(shares, finer) for shares, finer in zip(probabilities, fine_zones, strict=True)
        ]

    def judged(
        self, answer: Answer, frameset: Frameset, frame: Frame, pitch: PitchSpec
    ) -> Calibration | None:
        """The answer in the frame's pixels with its confidence and state."""
        matrix = frameset.image_from_map @ answer.map_from_pitch
        if not np.isfinite(matrix).all() or abs(matrix[2, 2]) < 1e-9:
            return None
        matrix = normalised(matrix)
        confidence = probability(answer.evidence, self.odds["weights"], bias=self.odds["bias"])
        # plain field without any other zone looks alike from everywhere
        is_bare = answer.evidence["marked"] < _LEAST_MARKED
        if is_bare or implausible(matrix, frame.size_px, pitch=pitch) is not None:
            confidence = min(confidence, _IMPLAUSIBLE_CONFIDENCE)
        return Calibration(matrix, frame.size_px, confidence, status_of(confidence), METHOD)


def _at(logs: Tensor, detail: int) -> Tensor:
    """Maps (B, 4, H, W) at so many times the zone map's size."""
    width, height = MAP_SIZE
    size = (height * detail, width * detail)
    if logs.shape[2:] == size:
        return logs
    return functional.interpolate(logs, size=size, mode="bilinear", align_corners=False)
