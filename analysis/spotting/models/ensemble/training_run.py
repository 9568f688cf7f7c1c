"""``python -m analysis train spotting/ensemble --data HALVES``: weigh spotters against each other, write the recipe.

The halves (``simulate_halves``) must be none that a member learned from. ``--part NAMES`` names other members, with
commas.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import STANDARD_PITCH
from analysis.core.problems import InputProblem
from analysis.core.records import ActionSpot, StageEvent, Stream
from analysis.core.registry import SPOTTERS
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.metrics.spot_hits import hits_of
from analysis.metrics.spotting import TOLERANCES_S, HalfLabels, HalfPredictions, average_map
from analysis.representations.base import HalfView
from analysis.spotting.base import Spotter
from analysis.spotting.learning import FLOOR, SIMULATED_HALVES, built_stream
from analysis.spotting.models.ensemble.fusion import Opinions, Told, fused, opinions
from analysis.spotting.models.ensemble.spotter import FUSED, Settings, build, digits_of, told_of
from analysis.spotting.probabilities import Line, logistic_line
from analysis.synthetic.halves import SimulatedHalf, load_half
from analysis.synthetic.sightings import Sight, sightings
from analysis.training.base import TrainingReport, TrainingRequest

MEMBERS = ("position_anchors", "netvlad_pp", "transformer")
RECIPE_FILE = "ensemble.toml"
LEAST_EVENTS = 8
PARTS = 4
"""Weights are multiples of 1 / PARTS."""
APART_S = (2.0, 4.0, 8.0)
PRICE = 0.02
"""What a second or third voice must add to loose and tight average precision together to be heard."""
_HEAD = """\
# Several spotters as one; written by `python -m analysis train spotting/ensemble`. Of a class: what makes confidences
# of a spotter probabilities (slope and offset in logits), and its weight; `fused`: the line of the answer and the
# seconds between two events. Events are kept as in the default recipe.
title = "Ensemble"
rate_hz = 2.0
floor = 0.3

[calibrate]
method = "line_fit"

[calibrate.settings]
second_opinion = "pitch_elements"

[locate]
method = "compact"

[[represent]]
method = "player_graph"

[spot]
method = "ensemble"

[events]
threshold = 0.35
window_ms = 6000

[events.thresholds]
Goal = 0.2
"Shots on target" = 0.25
"Shots off target" = 0.25
Substitution = 0.5
"Yellow card" = 0.5

[spot.settings.members]
"""
FloatArray = NDArray[np.float64]


def train(request: TrainingRequest, on_event: Callable[[StageEvent], None]) -> TrainingReport:
    """Fit lines and weights of every class and write ``ensemble.toml``.

    Raises:
        InputProblem: no halves, or a member that is not there.
    """
    paths = sorted(request.data.glob(SIMULATED_HALVES)) if request.data is not None else []
    if not paths:
        raise InputProblem(
            "halves_missing",
            "Spotters are weighed on simulated halves: make some with simulate_halves, name their folder with --data.",
        )
    names = tuple(request.part.split(",")) if request.part else MEMBERS
    members = {name: digits_of(name) if name in SPOTTERS.names() else "" for name in names}
    built = build(Settings(members)).members
    truths, found = [], []
    for number, path in enumerate(paths):
        half = load_half(path)
        truths.append(half)
        found.append(_found(built, half, np.random.default_rng([request.seed, number, 5])))
        on_event(StageEvent("spot", number + 1, len(paths)))
    classes = [_entry(label, names, truths, found) for label in SOCCERNET_V2.labels]
    lines = [f'{name} = "{digits}"' for name, digits in members.items()]
    lines += ["", *(line for entry in classes for line in entry)]
    path = request.folder / RECIPE_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_HEAD + "\n".join(lines), encoding="utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return TrainingReport({path: digest}, {"classes": sum(map(bool, classes))})


def _found(
    members: Mapping[str, Spotter], half: SimulatedHalf, rng: np.random.Generator
) -> dict[str, list[ActionSpot]]:
    """Each member's candidates on a half as a camera sees it."""
    players, calibrations = sightings(half, Sight(), rng)
    view = HalfView(calibrations, players, STANDARD_PITCH, FLOOR)
    streams: dict[str, Stream] = {"players": players, "calibrations": calibrations}
    for name in sorted({need for own in members for need in SPOTTERS.card(own).needs}):
        if name not in streams:
            streams[name] = built_stream(name, view, {})
    return {name: member.spot(streams, STANDARD_PITCH) for name, member in members.items()}


def _entry(
    label: str,
    names: Sequence[str],
    truths: Sequence[SimulatedHalf],
    found: Sequence[Mapping[str, Sequence[ActionSpot]]],
) -> list[str]:
    """Lines of the recipe for a class; none where too few events were there to fit."""
    number = SOCCERNET_V2.index(label)
    labels = []
    for half in truths:
        own = half.event_label == number
        nothing = np.zeros(int(own.sum()), np.int64)
        labels.append(HalfLabels(half.event_ms[own], nothing, half.event_shown[own]))
    if sum(len(own.position_ms) for own in labels) < LEAST_EVENTS:
        return []
    told = [
        [told_of([spot for spot in half[name] if spot.label == label]) for name in names]
        for half in found
    ]
    lines = [_line(labels, [half[i] for half in told]) for i in range(len(names))]
    thoughts = [opinions(half, lines) for half in told]
    choices = product(_mixtures(len(names)), APART_S)
    weights, apart_s = max(choices, key=lambda choice: _worth(labels, thoughts, *choice))
    told_together = [_as_told(one, weights, apart_s) for one in thoughts]
    answer = [f'[spot.settings.classes."{label}"]']
    for name, line, weight in zip(names, lines, weights, strict=True):
        if weight:
            answer.append(f"{name} = [{line[0]:.4f}, {line[1]:.4f}, {weight / PARTS:g}]")
    slope, offset = _line(labels, told_together)
    return [*answer, f"{FUSED} = [{slope:.4f}, {offset:.4f}, {apart_s:g}]", ""]


def _mixtures(n_members: int) -> list[tuple[int, ...]]:
    """All ways to share ``PARTS`` among the members; on ties of their worth the earlier counts."""
    shares = product(range(PARTS, -1, -1), repeat=n_members)
    return [own for own in shares if sum(own) == PARTS]


def _worth(
    labels: Sequence[HalfLabels],
    thoughts: Sequence[Opinions],
    weights: Sequence[float],
    apart_s: float,
) -> float:
    """Loose and tight average precision of a class together, less what further voices must earn."""
    predictions = []
    for one in thoughts:
        told = _as_told(one, weights, apart_s)
        nothing = np.zeros(len(told.time_ms), np.int64)
        predictions.append(HalfPredictions(told.time_ms.astype(np.int64), nothing, told.confidence))
    worth = sum(
        average_map(labels, predictions, 1, tolerances_s=own).average_map
        for own in TOLERANCES_S.values()
    )
    return worth - PRICE * (np.count_nonzero(weights) - 1)


def _as_told(thoughts: Opinions, weights: Sequence[float], apart_s: float) -> Told:
    kept, strength = fused(thoughts, weights, 1000 * apart_s)
    return Told(thoughts.time_ms[kept], strength)


def _line(labels: Sequence[HalfLabels], told: Sequence[Told]) -> Line:
    """What makes confidences of a class probabilities."""
    hits = [
        hits_of(truth.position_ms, own.time_ms.astype(np.int64), own.confidence)
        for truth, own in zip(labels, told, strict=True)
    ]
    return logistic_line(np.concatenate([own.confidence for own in told]), np.concatenate(hits))
