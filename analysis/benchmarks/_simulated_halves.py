"""The common ground on which spotters are compared: unseen simulated halves, seen in two ways, and one way to score.

Any spotter whose card needs only what positions give (``players``, ``calibrations``, representations) is measured; a
new method folder appears in the tables by itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.core.cards import Card
from analysis.core.pitch import STANDARD_PITCH
from analysis.core.records import ActionSpot, CalibrationTrack, PlayersTrack, Stream
from analysis.core.registry import REPRESENTATIONS, SPOTTERS
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.metrics.spot_hits import hits_of, recall_at_precision
from analysis.metrics.spotting import (
    TOLERANCES_S,
    HalfLabels,
    HalfPredictions,
    SpottingScore,
    average_map,
)
from analysis.representations.base import HalfView
from analysis.synthetic.halves import SimulatedHalf, load_half, make_halves
from analysis.synthetic.sightings import TRUE_POSITIONS, Sight, sightings

SIGHTS = {"true positions": TRUE_POSITIONS, "as a camera sees": Sight()}
FLOOR = 0.3

Spot = Callable[[Mapping[str, Stream]], list[ActionSpot]]


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One class: events, average precisions in [0, 1], and the best recall within 5 s at a precision of 0.5."""

    label: str
    n_events: int
    loose: float
    tight: float
    recall_at_half: float


@dataclass(frozen=True, slots=True)
class Figures:
    """One spotter on many halves; ``loose`` and ``tight`` are means over the classes that occur."""

    loose: float
    tight: float
    official_loose: float
    official_tight: float
    classes: list[ClassFigures]


def halves_of(folder: Path, seeds: range, minutes: float = 60.0) -> list[tuple[int, SimulatedHalf]]:
    """(number, half) of the benchmark's matches, made when they are not there."""
    paths = list(make_halves(folder, seeds, minutes))
    numbers = [int("".join(path.stem.split("-")[1:])) for path in paths]
    return [(number, load_half(path)) for number, path in zip(numbers, paths, strict=True)]


def comparable() -> list[str]:
    """Spotters with weights (or in need of none) that read nothing but positions and what can be made of them."""
    drawn = set(REPRESENTATIONS.names()) - {"image_features"}
    given = {"players", "calibrations"} | drawn
    cards = [SPOTTERS.card(name) for name in SPOTTERS.names()]
    ready = [card for card in cards if card.weights or card.is_baseline]
    return [card.slug for card in ready if set(card.needs) <= given]


def streams_of(
    players: PlayersTrack, calibrations: CalibrationTrack, card: Card
) -> dict[str, Stream]:
    """The streams that a spotter needs, as the pipeline would make them."""
    streams: dict[str, Stream] = {"players": players, "calibrations": calibrations}
    view = HalfView(calibrations, players, STANDARD_PITCH, FLOOR)
    for need in card.needs:
        if need not in streams:
            module = REPRESENTATIONS.load(need)
            streams[need] = module.build(module.Settings(), "cpu").build(view)
    return streams


def spots_of(
    name: str, spot: Spot, halves: Sequence[tuple[int, SimulatedHalf]], sight: Sight
) -> list[list[ActionSpot]]:
    """Candidates of a spotter on each half."""
    card = SPOTTERS.card(name)
    found = []
    for number, half in halves:
        rng = np.random.default_rng([number, 77])
        found.append(spot(streams_of(*sightings(half, sight, rng), card)))
    return found


def figures_of(halves: Sequence[SimulatedHalf], found: Sequence[Sequence[ActionSpot]]) -> Figures:
    """The scores of candidates on halves."""
    labels = [HalfLabels(h.event_ms, h.event_label, h.event_shown) for h in halves]
    predictions = [predictions_of(spots) for spots in found]
    loose, tight = (
        average_map(labels, predictions, len(SOCCERNET_V2), tolerances_s=TOLERANCES_S[kind])
        for kind in ("loose", "tight")
    )
    counts = np.bincount(np.concatenate([h.event_label for h in halves]), minlength=17)
    classes = [
        ClassFigures(
            label, int(counts[k]), float(loose.per_class[k]), float(tight.per_class[k]),
            recall_at_precision(labels, predictions, k),
        )
        for k, label in enumerate(SOCCERNET_V2.labels)
    ]  # fmt: skip
    occurs = counts > 0
    return Figures(
        _mean(loose, occurs), _mean(tight, occurs), loose.average_map, tight.average_map, classes
    )


def reliability_of(
    halves: Sequence[SimulatedHalf], found: Sequence[Sequence[ActionSpot]], edges: Sequence[float]
) -> list[tuple[int, float, float]]:
    """(events told, mean confidence, share that hit within 5 s) for each stretch of confidence between two edges."""
    confidence, hits = [np.zeros(0)], [np.zeros(0, bool)]
    for half, spots in zip(halves, found, strict=True):
        told = predictions_of(spots)
        for label in np.unique(told.label):
            own = told.label == label
            events = half.event_ms[half.event_label == label]
            confidence.append(told.confidence[own])
            hits.append(hits_of(events, told.position_ms[own], told.confidence[own]))
    sure, hit = np.concatenate(confidence), np.concatenate(hits)
    rows = []
    for low, high in pairwise(edges):
        inside = (sure >= low) & (sure < high)
        if inside.any():
            rows.append((int(inside.sum()), float(sure[inside].mean()), float(hit[inside].mean())))
    return rows


def predictions_of(spots: Sequence[ActionSpot]) -> HalfPredictions:
    """As the metric reads them."""
    return HalfPredictions(
        np.array([spot.position_ms for spot in spots], np.int64),
        np.array([SOCCERNET_V2.index(spot.label) for spot in spots], np.int64),
        np.array([spot.confidence for spot in spots], np.float64),
    )


def _mean(score: SpottingScore, occurs: NDArray[np.bool_]) -> float:
    return float(score.per_class[occurs].mean()) if occurs.any() else 0.0
