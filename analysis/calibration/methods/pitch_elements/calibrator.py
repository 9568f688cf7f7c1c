"""Pictures in, cameras out: maps of named elements, points read off them, a camera fitted, evidence weighed."""

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

from analysis.calibration.cameras import homography_of
from analysis.calibration.confidence import probability, status_of
from analysis.calibration.methods.pitch_elements.elements import geometry
from analysis.calibration.methods.pitch_elements.evidence import evidence_of
from analysis.calibration.methods.pitch_elements.fitting import Fit, fit
from analysis.calibration.methods.pitch_elements.network import (
    INPUT_SIZE_PX,
    MAP_SIZE,
    ElementNetwork,
    as_input,
)
from analysis.calibration.methods.pitch_elements.reading import (
    Frameset,
    MapArray,
    Sighting,
    read_maps,
)
from analysis.calibration.plausibility import implausible
from analysis.core.pitch import PitchSpec
from analysis.core.records import Calibration, Frame, ImageArray

FloatArray = NDArray[np.float64]
METHOD = "pitch_elements"
CONFIDENCE_FILE = Path(__file__).with_name("confidence.toml")
_IMPLAUSIBLE_CONFIDENCE = 0.02


@dataclass(frozen=True, slots=True)
class Settings:
    """How pictures are read.

    Args:
        weights: a safetensors file in place of the bundled one; empty for the bundled one.
        batch_size: pictures through the network at once; 0 for one on a CPU and 16 on a GPU.
        floor: smallest map value that counts as seen.
        follow: try the last frame's camera as one more start; it must still win on this frame's evidence.
    """

    weights: str = ""
    batch_size: int = 0
    floor: float = 0.25
    follow: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything known of one picture: for calibration, for fitting the confidence, for tests."""

    sighting: Sighting
    fit: Fit | None
    evidence: Mapping[str, float]
    image_from_pitch: FloatArray | None


def prepared(image: ImageArray) -> tuple[ImageArray, Frameset]:
    """A picture of any shape in the network's input, centred, and how it lies there."""
    height_px, width_px = image.shape[:2]
    width, height = INPUT_SIZE_PX
    scale = min(width / width_px, height / height_px)
    size = (max(1, round(width_px * scale)), max(1, round(height_px * scale)))
    shrunk = cv2.resize(
        image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    canvas = np.zeros((height, width, 3), np.uint8)
    canvas[top : top + size[1], left : left + size[0]] = shrunk
    cell = (width / MAP_SIZE[0]) / size[0]
    shift = (-left / size[0] - 0.5, -top / size[0] - size[1] / size[0] / 2)
    return canvas, Frameset(cell, shift)


class PitchElementsCalibrator:
    """See the module head; one instance may serve several streams one after the other.

    Args:
        network: in evaluation mode, on ``device``.
        settings: see ``Settings``.
        device: torch device.
    """

    def __init__(self, network: ElementNetwork, settings: Settings, device: str) -> None:
        self.network, self.settings, self.device = network, settings, device
        self.odds: dict[str, Any] = tomllib.loads(CONFIDENCE_FILE.read_text(encoding="utf-8"))

    def calibrate(self, frames: Iterable[Frame], pitch: PitchSpec) -> Iterator[Calibration | None]:
        """One answer a frame, in order; None where no three elements were seen."""
        last: FloatArray | None = None
        stream = iter(frames)
        size = self.settings.batch_size or (1 if self.device == "cpu" else 16)
        while batch := list(islice(stream, size)):
            pictures = [prepared(frame.image) for frame in batch]
            maps = self.maps(np.stack([picture for picture, _ in pictures]))
            for frame, (_, frameset), seen in zip(batch, pictures, maps, strict=True):
                answer = self.answer(seen, frameset, frame.size_px, pitch, hint=last)
                calibration = self.judged(answer, frame.size_px, pitch)
                sure = calibration is not None and calibration.status == "ok"
                last = answer.fit.vector if sure and answer.fit and self.settings.follow else None
                yield calibration

    def maps(self, pictures: NDArray[np.uint8]) -> MapArray:
        """(B, 53, 90, 160) in [0, 1] of prepared pictures (B, 360, 640, 3)."""
        with torch.inference_mode():
            inputs = as_input(torch.from_numpy(pictures).to(self.device))
            return np.asarray(torch.sigmoid(self.network(inputs)).float().cpu().numpy())

    def answer(
        self,
        maps: MapArray,
        frameset: Frameset,
        size_px: tuple[int, int],
        pitch: PitchSpec,
        *,
        hint: FloatArray | None = None,
    ) -> Answer:
        """Read the maps (53, 90, 160) of a picture of (width, height), fit, and weigh the evidence."""
        elements = geometry(pitch)
        sighting = read_maps(maps, frameset, floor=self.settings.floor)
        found = fit(sighting, elements, hints=None if hint is None else hint[None])
        if found is None:
            return Answer(sighting, None, {}, None)
        height = size_px[1] / size_px[0]
        evidence = evidence_of(
            found, sighting, maps, frameset, pitch=pitch, elements=elements, height=height
        )
        matrix = homography_of(found.vector, size_px)
        usable = np.isfinite(matrix).all() and abs(matrix[2, 2]) > 1e-9
        return Answer(sighting, found, evidence, matrix if usable else None)

    def judged(
        self, answer: Answer, size_px: tuple[int, int], pitch: PitchSpec
    ) -> Calibration | None:
        """The answer with its confidence and state."""
        if answer.image_from_pitch is None:
            return None
        confidence = probability(answer.evidence, self.odds["weights"], bias=self.odds["bias"])
        if implausible(answer.image_from_pitch, size_px, pitch=pitch) is not None:
            confidence = min(confidence, _IMPLAUSIBLE_CONFIDENCE)
        return Calibration(
            answer.image_from_pitch, size_px, confidence, status_of(confidence), METHOD
        )
