"""From the zones seen in a picture to a camera: the nearest templates, their correction, alignment, and the choice."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.calibration.cameras import camera_from_homography, homography_of, vector_of
from analysis.calibration.methods.zone_dictionary.alignment import aligned, seen_borders
from analysis.calibration.methods.zone_dictionary.corrections import corrected
from analysis.calibration.methods.zone_dictionary.dictionary import Dictionary, coarse_shares
from analysis.calibration.methods.zone_dictionary.matching import encoded, zone_channels
from analysis.calibration.methods.zone_dictionary.networks import (
    TemplateRefiner,
    ZoneEncoder,
    ZoneNetwork,
)
from analysis.calibration.methods.zone_dictionary.zones import (
    MAP_SIZE,
    LabelArray,
    weighted_jaccard,
    zone_map,
)
from analysis.calibration.plausibility import implausible
from analysis.core.pitch import STANDARD_PITCH, PitchSpec

FloatArray = NDArray[np.float64]
STAGES = ("retrieval", "refined", "ranked", "aligned")
_LEAST_FIELD = 0.08
#: A network is never wrong without bounds: a zone it gave no chance costs this much of a probability, not everything.
_FLOOR = 0.02
_N_CORRECTED = 6
_N_KEPT = 6


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
        probabilities: (4, 144, 256) of the zones.
        fine_zones: (288, 512) likeliest classes, borders between cells.
    """

    probabilities: NDArray[np.float32]
    fine_zones: LabelArray

    @cached_property
    def zones(self) -> LabelArray:
        """(144, 256) likeliest classes."""
        return np.asarray(self.probabilities.argmax(axis=0), dtype=np.uint8)

    @cached_property
    def logs(self) -> NDArray[np.float32]:
        """(4, 144 * 256) what a cell says for each zone."""
        return np.log(self.probabilities + np.float32(_FLOOR)).reshape(len(self.probabilities), -1)

    @property
    def sureness(self) -> float:
        """Mean probability of the likeliest classes."""
        return float(self.probabilities.max(axis=0).mean())

    @property
    def marked(self) -> float:
        """Share of the picture in zones other than plain field."""
        return float(np.isin(self.zones, (1, 3)).mean())

    def likelihood(self, map_from_pitch: FloatArray, pitch: PitchSpec) -> float:
        """Mean logarithm of what cells say for the zones that a camera would see; far below 0 for impossible ones."""
        if not _possible(map_from_pitch, pitch):
            return 2 * float(np.log(_FLOOR))
        drawn = zone_map(map_from_pitch, pitch=pitch).ravel()
        return float(self.logs[drawn, np.arange(drawn.size)].mean())


@dataclass(frozen=True)
class Answer:
    """The best camera of one picture and what speaks for it; ``map_from_pitch`` is onto the zone map."""

    map_from_pitch: FloatArray
    evidence: Mapping[str, float]


class Search:
    """Finds the camera that sees what the zone network saw.

    Args:
        networks: see ``Networks``.
        stage: how far to go, of ``STAGES``.
        n_candidates: templates that are tried.
        device: torch device.
    """

    def __init__(self, networks: Networks, stage: str, n_candidates: int, device: str) -> None:
        self.networks, self.stage, self.device = networks, stage, device
        self.n_candidates = n_candidates
        self.dictionary_of = lru_cache(maxsize=2)(self._dictionary_of)

    def answer(self, seen: Seen, code: Tensor, pitch: PitchSpec) -> Answer | None:
        """The likeliest candidate; None where there is hardly any pitch.

        The published retrieval takes the templates with the nearest codes. From ``ranked`` on it is those that overlap
        best with what is seen, which can be asked of every template, and the corrections of the first few.
        """
        if (seen.zones > 0).mean() < _LEAST_FIELD:
            return None
        dictionary, codes = self.dictionary_of(pitch)
        distance = (codes - code[None]).norm(dim=1).numpy()
        if self.stage in ("retrieval", "refined"):
            order = distance
        else:
            order = -dictionary.overlaps_with(coarse_shares(seen.probabilities)[None])[0]
        nearest = np.argsort(order)[: self.n_candidates]
        candidates = [dictionary.maps_from_pitch[k] for k in nearest]
        if self.stage != "retrieval":
            candidates += self.refined(seen, nearest[:_N_CORRECTED], dictionary)
        if self.stage == "refined":
            candidates = candidates[len(nearest) :]
        if self.stage == "aligned":
            candidates += self._aligned(seen, dictionary.poses[nearest], candidates, pitch)
        scores = [seen.likelihood(matrix, pitch) for matrix in candidates]
        evidence = _evidence(candidates, scores, seen, pitch)
        best = candidates[int(np.argmax(scores))]
        return Answer(best, {**evidence, "distance": float(distance.min())})

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

    def _aligned(
        self, seen: Seen, poses: FloatArray, candidates: list[FloatArray], pitch: PitchSpec
    ) -> list[FloatArray]:
        """Templates and corrections after alignment; the likeliest few go all the way."""
        found = map(_vector_of, candidates[len(poses) :])
        vectors = np.stack([*poses, *(vector for vector in found if vector is not None)])

        def likeliest(moved: FloatArray) -> NDArray[np.int64]:
            scores = [seen.likelihood(homography_of(vector, MAP_SIZE), pitch) for vector in moved]
            return np.argsort(-np.array(scores))[:_N_KEPT]

        moved = aligned(vectors, seen_borders(seen.fine_zones), pitch, likeliest)
        return [homography_of(vector, MAP_SIZE) for vector in moved]

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


def _possible(map_from_pitch: FloatArray, pitch: PitchSpec) -> bool:
    if not np.isfinite(map_from_pitch).all() or abs(np.linalg.det(map_from_pitch)) < 1e-12:
        return False
    return implausible(map_from_pitch, MAP_SIZE, pitch=pitch) is None


def _evidence(
    candidates: list[FloatArray], scores: list[float], seen: Seen, pitch: PitchSpec
) -> dict[str, float]:
    """Named agreements.

    Returns:
        ``jaccard``: the published confidence of the best; ``likelihood``: its score; ``lead``: over the best candidate
        that looks elsewhere; ``sureness``: of the zone network; ``marked``: root of the share of the picture in zones
        other than plain field.
    """
    best = int(np.argmax(scores))
    middle = np.array([MAP_SIZE[0] / 2, MAP_SIZE[1] * 0.7, 1.0])
    aims = [_aim(matrix, middle) for matrix in candidates]
    rivals = [
        score
        for score, aim in zip(scores, aims, strict=True)
        if np.linalg.norm(aim - aims[best]) > 6.0
    ]
    matrix = candidates[best]
    return {
        "jaccard": weighted_jaccard(zone_map(matrix, pitch=pitch), seen.zones)
        if _possible(matrix, pitch)
        else 0.0,
        "likelihood": scores[best],
        "lead": min(scores[best] - max(rivals, default=-np.inf), 0.3),
        "sureness": seen.sureness,
        "marked": float(np.sqrt(seen.marked)),
    }


def _aim(matrix: FloatArray, middle: FloatArray) -> FloatArray:
    """(2,) ground in metres under a cell; far away where there is none."""
    try:
        ground = np.linalg.solve(matrix, middle)
    except np.linalg.LinAlgError:
        return np.full(2, 1e6)
    if abs(ground[2]) < 1e-12:
        return np.full(2, 1e6)
    return np.asarray(np.clip(ground[:2] / ground[2], -1e6, 1e6))
