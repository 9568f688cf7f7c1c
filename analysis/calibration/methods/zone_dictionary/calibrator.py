"""Pictures in, cameras out: zones, the nearest templates, their correction, alignment, and how much agrees."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from analysis.calibration.cameras import camera_from_homography, homography_of, vector_of
from analysis.calibration.confidence import probability, status_of
from analysis.calibration.methods.zone_dictionary.alignment import aligned, seen_borders
from analysis.calibration.methods.zone_dictionary.corrections import corrected
from analysis.calibration.methods.zone_dictionary.dictionary import Dictionary
from analysis.calibration.methods.zone_dictionary.matching import encoded, zone_channels
from analysis.calibration.methods.zone_dictionary.networks import (
    TemplateRefiner,
    ZoneEncoder,
    ZoneNetwork,
    as_input,
)
from analysis.calibration.methods.zone_dictionary.zones import (
    MAP_SIZE,
    LabelArray,
    weighted_jaccard,
    zone_map,
)
from analysis.calibration.plausibility import implausible
from analysis.core.homography import normalised
from analysis.core.pitch import STANDARD_PITCH, PitchSpec
from analysis.core.records import Calibration, Frame, ImageArray

FloatArray = NDArray[np.float64]
METHOD = "zone_dictionary"
CONFIDENCE_FILE = Path(__file__).with_name("confidence.toml")
STAGES = ("retrieval", "refined", "aligned")
_IMPLAUSIBLE_CONFIDENCE = 0.02
_LEAST_FIELD = 0.08
_LEAST_MARKED = 0.01
_FINE = 2


@dataclass(frozen=True, slots=True)
class Settings:
    """How far the pipeline goes. The published system is ``stage="refined"``, ``n_candidates=1``, ``size="published"``.

    Args:
        weights: folder of a training run in place of the bundled weights; empty for the bundled ones.
        size: ``slim`` or ``published``, as the weights were trained.
        stage: ``retrieval`` (nearest template), ``refined`` (and its correction), ``aligned`` (and borders aligned).
        n_candidates: nearest templates that are tried; the one that overlaps best wins.
        batch_size: pictures through the network at once; 0 for one on a CPU and 16 on a GPU.
    """

    weights: str = ""
    size: str = "slim"
    stage: str = "aligned"
    n_candidates: int = 6
    batch_size: int = 0

    def __post_init__(self) -> None:
        if self.stage not in STAGES:
            raise ValueError(f"the stage is one of {', '.join(STAGES)}, not {self.stage!r}")


@dataclass(frozen=True)
class Networks:
    """The trained parts: networks in evaluation mode, and the dictionary with its codes (N, D)."""

    zones: ZoneNetwork
    encoder: ZoneEncoder
    refiner: TemplateRefiner
    dictionary: Dictionary
    codes: Tensor


@dataclass(frozen=True)
class Seen:
    """What the zone network says of one picture.

    Args:
        zones: (144, 256) classes.
        fine_zones: (288, 512) classes, borders between cells.
        sureness: mean probability of the chosen classes.
    """

    zones: LabelArray
    fine_zones: LabelArray
    sureness: float


@dataclass(frozen=True)
class Answer:
    """The best camera of one picture and what speaks for it; ``map_from_pitch`` is onto the zone map."""

    map_from_pitch: FloatArray
    evidence: Mapping[str, float]


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


def prepared(image: ImageArray) -> tuple[ImageArray, Frameset]:
    """The 16:9 middle of a picture of any shape in the network's size (144, 256, 3), and how it lies there."""
    height_px, width_px = image.shape[:2]
    width, height = MAP_SIZE
    scale = max(width / width_px, height / height_px)
    shift = ((width_px * scale - width) / 2, (height_px * scale - height) / 2)
    # at most one picture's worth of pixels before the exact crop: far larger pictures are thinned first
    size = (max(width, round(width_px * scale)), max(height, round(height_px * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LANCZOS4
    small = cv2.resize(image, size, interpolation=how)
    left, top = round(shift[0]), round(shift[1])
    left, top = min(left, size[0] - width), min(top, size[1] - height)
    crop = np.ascontiguousarray(small[top : top + height, left : left + width])
    return crop, Frameset(scale, (left, top))


class ZoneDictionaryCalibrator:
    """See the module head; pictures are independent of each other.

    Args:
        networks: see ``Networks``.
        settings: see ``Settings``.
        device: torch device.
    """

    def __init__(self, networks: Networks, settings: Settings, device: str) -> None:
        self.networks, self.settings, self.device = networks, settings, device
        self.odds: dict[str, Any] = tomllib.loads(CONFIDENCE_FILE.read_text(encoding="utf-8"))
        self.dictionary_of = lru_cache(maxsize=2)(self._dictionary_of)

    def calibrate(self, frames: Iterable[Frame], pitch: PitchSpec) -> Iterator[Calibration | None]:
        """One answer a frame, in order; None where there is hardly any pitch."""
        stream = iter(frames)
        size = self.settings.batch_size or (1 if self.device == "cpu" else 16)
        while batch := list(islice(stream, size)):
            pictures = [prepared(frame.image) for frame in batch]
            seen = self.see(np.stack([picture for picture, _ in pictures]))
            codes = encoded(self.networks.encoder, np.stack([view.zones for view in seen]))
            for frame, (_, frameset), view, code in zip(batch, pictures, seen, codes, strict=True):
                answer = self.answer(view, code, pitch)
                yield None if answer is None else self.judged(answer, frameset, frame, pitch)

    def judge(self, image: ImageArray) -> tuple[Mapping[str, float], FloatArray] | None:
        """Evidence and ``image_from_pitch`` of a picture of a standard pitch; None where there is hardly any."""
        picture, frameset = prepared(image)
        (seen,) = self.see(picture[None])
        (code,) = encoded(self.networks.encoder, seen.zones[None])
        answer = self.answer(seen, code, STANDARD_PITCH)
        if answer is None:
            return None
        return answer.evidence, frameset.image_from_map @ answer.map_from_pitch

    def see(self, pictures: NDArray[np.uint8]) -> list[Seen]:
        """Zones of prepared pictures (B, 144, 256, 3)."""
        with torch.inference_mode():
            logs = self.networks.zones(as_input(torch.from_numpy(pictures).to(self.device)))
            fine = functional.interpolate(
                logs, scale_factor=_FINE, mode="bilinear", align_corners=False
            )
            sure, zones = logs.exp().max(dim=1)
            fine_zones = fine.argmax(dim=1).to(torch.uint8).cpu().numpy()
            coarse_zones = zones.to(torch.uint8).cpu().numpy()
            sureness = sure.mean(dim=(1, 2)).cpu().numpy()
        return [
            Seen(zones, finer, float(value))
            for zones, finer, value in zip(coarse_zones, fine_zones, sureness, strict=True)
        ]

    def answer(self, seen: Seen, code: Tensor, pitch: PitchSpec) -> Answer | None:
        """The candidate that overlaps the seen zones best."""
        # plain field without any other zone looks alike from everywhere
        if (seen.zones > 0).mean() < _LEAST_FIELD or _marked(seen) < _LEAST_MARKED:
            return None
        dictionary, codes = self.dictionary_of(pitch)
        distance = (codes - code[None]).norm(dim=1)
        nearest = torch.argsort(distance)[: self.settings.n_candidates].numpy()
        candidates = [dictionary.maps_from_pitch[k] for k in nearest]
        vectors = [dictionary.poses[k] for k in nearest]
        if self.settings.stage != "retrieval":
            candidates = self.refined(seen, nearest, dictionary)
            vectors += [v for v in map(_vector_of, candidates) if v is not None]
        if self.settings.stage == "aligned":
            moved = aligned(np.stack(vectors), seen_borders(seen.fine_zones), pitch)
            candidates = candidates + [homography_of(vector, MAP_SIZE) for vector in moved]
        scores = [_overlap(matrix, seen, pitch) for matrix in candidates]
        best = int(np.argmax(scores))
        evidence = _evidence(candidates, scores, seen, pitch)
        return Answer(candidates[best], {**evidence, "distance": float(distance.min())})

    def refined(
        self, seen: Seen, numbers: NDArray[np.int64], dictionary: Dictionary
    ) -> list[FloatArray]:
        """Corrected ``map_from_pitch`` of the templates with these numbers."""
        templates = torch.from_numpy(dictionary.zones[numbers])
        views = torch.from_numpy(seen.zones)[None].expand(len(numbers), -1, -1)
        pair = torch.cat([zone_channels(views), zone_channels(templates)], dim=1)
        pair = pair.to(self.device, memory_format=torch.channels_last)
        with torch.inference_mode():
            entries = self.networks.refiner(pair).double().cpu().numpy()
        return [
            corrected(dictionary.maps_from_pitch[number], row)
            for number, row in zip(numbers, entries, strict=True)
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
        if implausible(matrix, frame.size_px, pitch=pitch) is not None:
            confidence = min(confidence, _IMPLAUSIBLE_CONFIDENCE)
        return Calibration(matrix, frame.size_px, confidence, status_of(confidence), METHOD)

    def _dictionary_of(self, pitch: PitchSpec) -> tuple[Dictionary, Tensor]:
        """The dictionary as it sees a pitch, with its codes; computed once for each size."""
        if pitch == STANDARD_PITCH:
            return self.networks.dictionary, self.networks.codes
        dictionary = Dictionary(self.networks.dictionary.poses, pitch)
        return dictionary, encoded(self.networks.encoder, dictionary.zones)


def _vector_of(map_from_pitch: FloatArray) -> FloatArray | None:
    if not np.isfinite(map_from_pitch).all() or abs(np.linalg.det(map_from_pitch)) < 1e-12:
        return None
    camera = camera_from_homography(map_from_pitch, MAP_SIZE)
    if camera is None or not 1.0 < camera.position_m[2] < 100.0:
        return None
    vector = vector_of(camera)
    return vector if np.isfinite(vector).all() and abs(vector[6]) < 3 else None


def _overlap(map_from_pitch: FloatArray, seen: Seen, pitch: PitchSpec) -> float:
    """The published confidence: support-weighted Jaccard index of the warped template and the seen zones."""
    if not np.isfinite(map_from_pitch).all() or abs(np.linalg.det(map_from_pitch)) < 1e-12:
        return 0.0
    if implausible(map_from_pitch, MAP_SIZE, pitch=pitch) is not None:
        return 0.0
    return weighted_jaccard(zone_map(map_from_pitch, pitch=pitch), seen.zones)


def _evidence(
    candidates: list[FloatArray], scores: list[float], seen: Seen, pitch: PitchSpec
) -> dict[str, float]:
    """Named agreements.

    Returns:
        ``jaccard``: the published confidence of the best; ``lead``: over the best candidate that looks elsewhere;
        ``sureness``: of the zone network; ``marked``: share of the picture in zones other than plain field.
    """
    best = int(np.argmax(scores))
    middle = np.array([MAP_SIZE[0] / 2, MAP_SIZE[1] * 0.7, 1.0])
    aims = [_aim(matrix, middle) for matrix in candidates]
    rivals = [
        score
        for score, aim in zip(scores, aims, strict=True)
        if np.linalg.norm(aim - aims[best]) > 6.0
    ]
    return {
        "jaccard": scores[best],
        "lead": scores[best] - max(rivals, default=scores[best] - 0.3),
        "sureness": seen.sureness,
        "marked": float(np.sqrt(_marked(seen))),
    }


def _marked(seen: Seen) -> float:
    """Share of the picture in zones other than plain field."""
    return float(np.isin(seen.zones, (1, 3)).mean())


def _aim(matrix: FloatArray, middle: FloatArray) -> FloatArray:
    """(2,) ground in metres under a cell; far away where there is none."""
    try:
        ground = np.linalg.solve(matrix, middle)
    except np.linalg.LinAlgError:
        return np.full(2, 1e6)
    if abs(ground[2]) < 1e-12:
        return np.full(2, 1e6)
    return np.asarray(np.clip(ground[:2] / ground[2], -1e6, 1e6))
