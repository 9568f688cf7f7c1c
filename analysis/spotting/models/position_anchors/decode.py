"""Dense anchors to candidates: peaks of confidence, each moved to where its neighbourhood says the event lies."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.core.vocabulary import SOCCERNET_V2
from analysis.spotting.models.position_anchors.scene import STEP_MS
from analysis.spotting.models.position_anchors.targets import DISPLACEMENT_REACH_MS
from analysis.temporal.suppression import hard_symmetric

FloatArray = NDArray[np.float64]

NEIGHBOURS = 3
"""Samples to each side that have a say in when the event was."""
WINDOW_SAMPLES = 8
"""Of two peaks of a class closer than half of this, the weaker is dropped."""
LEAST_APART_MS = 2500
"""The same once the peaks have been moved."""
RIVALS = (
    ("Shots on target", "Shots off target"),
    ("Goal", "Ball out of play"),
    ("Foul", "Offside"),
    ("Yellow card", "Red card", "Yellow->red card"),
    (
        "Penalty",
        "Kick-off",
        "Clearance",
        "Throw-in",
        "Indirect free-kick",
        "Direct free-kick",
        "Corner",
    ),
)
"""Of each group only one thing can happen at a time."""
RIVALRY_MS = 2500
STOPS = ("Goal", "Ball out of play", "Foul", "Offside")
RESTARTS = RIVALS[-1]
DEAD_MS = 60_000
"""A ball that went dead may stay so for this long; a restart makes it live before."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An event of class ``label`` (index) at ``time_ms`` from the first sample; ``is_home`` in [0, 1]."""

    label: int
    time_ms: float
    confidence: float
    is_home: float


def candidates(output: FloatArray, least: float) -> list[Candidate]:
    """Candidates of a network's output (T, 3, C): confidence 0..1, displacement -1..1, home 0..1; no order."""
    found: list[Candidate] = []
    for label in range(output.shape[2]):
        peaks, scores = hard_symmetric(output[:, 0, label], WINDOW_SAMPLES, least)
        kept: list[Candidate] = []
        for peak, score in zip(peaks.tolist(), scores.tolist(), strict=True):
            one = _moved(output[:, :, label], label, peak, score)
            if all(abs(one.time_ms - other.time_ms) > LEAST_APART_MS for other in kept):
                kept.append(one)
        found += kept
    return _while_live(_after_rivals(found, least), least)


def _moved(output: FloatArray, label: int, peak: int, score: float) -> Candidate:
    """The candidate of a peak of a class's output (T, 3)."""
    near = np.arange(max(0, peak - NEIGHBOURS), min(len(output), peak + NEIGHBOURS + 1))
    weight = output[near, 0] ** 2 + 1e-9
    moment = near * STEP_MS + output[near, 1] * DISPLACEMENT_REACH_MS
    is_home = float(np.average(output[near, 2], weights=weight))
    return Candidate(label, max(0.0, float(np.average(moment, weights=weight))), score, is_home)


def _after_rivals(found: list[Candidate], least: float) -> list[Candidate]:
    """Each candidate's confidence times the chance that no stronger rival happened at its time."""
    group_of = {SOCCERNET_V2.index(name): k for k, group in enumerate(RIVALS) for name in group}
    kept = [one for one in found if one.label not in group_of]
    for k in range(len(RIVALS)):
        own = [one for one in found if group_of.get(one.label) == k]
        times = np.array([one.time_ms for one in own])
        strength = np.array([one.confidence for one in own])
        labels = np.array([one.label for one in own])
        for one in own:
            against = (np.abs(times - one.time_ms) <= RIVALRY_MS) & (labels != one.label)
            against &= strength > one.confidence
            confidence = one.confidence * float(np.prod(1 - strength[against]))
            if confidence >= least:
                kept.append(replace(one, confidence=confidence))
    return kept


def _while_live(found: list[Candidate], least: float) -> list[Candidate]:
    """What stops play, times the chance that play had not been stopped already (Laws of the Game, 9 and 12).

    Play had been stopped where something within the last minute stopped it and nothing since restarted it. In the
    labels of 200 real halves (SoccerNet-v2, validation) 2 % of what stops play follows so on something else that did.
    """
    of = {name: SOCCERNET_V2.index(name) for name in (*STOPS, *RESTARTS)}
    stops = sorted((one for one in found if one.label in {of[s] for s in STOPS}), key=_time)
    restarts = sorted((one for one in found if one.label in {of[r] for r in RESTARTS}), key=_time)
    # Logarithms of the chance that none of the first k restarts happened.
    no_restart = np.cumsum([0.0, *(np.log1p(-min(one.confidence, 0.999)) for one in restarts)])
    at_ms = np.array([one.time_ms for one in stops])
    sure = np.array([one.confidence for one in stops])
    so_far = no_restart[np.searchsorted([one.time_ms for one in restarts], at_ms, "right")]
    kept = [one for one in found if one.label not in {of[s] for s in STOPS}]
    for k, one in enumerate(stops):
        # What happens within a moment is one event under two names, not two events.
        before = (at_ms >= one.time_ms - DEAD_MS) & (at_ms <= one.time_ms - RIVALRY_MS)
        is_dead = float((sure[before] * np.exp(so_far[k] - so_far[before])).max(initial=0.0))
        confidence = one.confidence * (1 - is_dead)
        if confidence >= least:
            kept.append(replace(one, confidence=confidence))
    return kept


def _time(one: Candidate) -> float:
    return one.time_ms
