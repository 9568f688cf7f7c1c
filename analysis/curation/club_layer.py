"""Learning a club's layer from its corrections, and saying on others of them whether it is better than the present one.

Which events people look at depends on their confidence (the review queue sees to that) and not on whether they are
right, so a fit of right against confidence is not bent by the choice. Missed events teach nothing here: they have no
confidence.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from analysis.core.club_layer import ClassLayer, ClubLayer, logit
from analysis.core.problems import InputProblem

FloatArray = NDArray[np.float64]
# With fewer corrections in all nothing is learned, and with fewer held out nothing is promoted.
LEAST_TO_FIT, LEAST_HELD_OUT = 40, 20
# A class with fewer corrections follows the shared curve and holds nothing back.
LEAST_OF_CLASS = 12
HELD_OUT_SHARE = 0.25
# How far slope (1 / temperature) and bias may go before the corrections must say so: standard deviations of a
# Gaussian, of the shared curve round "as the model says" and of a class round the shared curve.
_SHARED_SIGMA = np.array([0.7, 1.5])
_CLASS_SIGMA = np.array([0.4, 0.8])
_SLOPES = (0.1, 4.0)
N_RESAMPLES = 1000
LEAST_WINS = 0.9


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said about one event.

    Args:
        event: its number.
        match: its match's number.
        label: the class that the model gave it.
        confidence: the model's own, [0, 1].
        is_right: neither rejected nor of another class.
    """

    event: int
    match: int
    label: str
    confidence: float
    is_right: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """A new layer against the present one, on corrections that it did not learn from.

    Args:
        n_fit, n_held: corrections learned from and held out.
        log_loss, log_loss_now: mean negative log likelihood of right and wrong, nats; new and present.
        f1, f1_now: of keeping what is not held back, against what is right.
        wins: share of paired resamples of the held-out corrections in which the new log loss is lower.
        by_match: whether whole matches were held out, else single events.
        is_better: whether it may be promoted.
        sentence: why, or why not.
    """

    n_fit: int
    n_held: int
    log_loss: float
    log_loss_now: float
    f1: float
    f1_now: float
    wins: float
    by_match: bool
    is_better: bool
    sentence: str


class Spoken(Protocol):
    """Anything people said about an event of a match."""

    @property
    def event(self) -> int:
        """Its number."""

    @property
    def match(self) -> int:
        """Its match's number."""


SomeSpoken = TypeVar("SomeSpoken", bound=Spoken)


def split(said: Sequence[SomeSpoken]) -> tuple[list[SomeSpoken], list[SomeSpoken], bool]:
    """(learn, held out, whether by match): a quarter is held out, always the same one.

    Whole matches where that leaves enough on both sides, else single events.
    """
    for by_match in (True, False):
        learn: list[SomeSpoken] = []
        held: list[SomeSpoken] = []
        for row in said:
            key = f"match {row.match}" if by_match else f"event {row.event}"
            share = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") / 2**32
            (held if share < HELD_OUT_SHARE else learn).append(row)
        if len(held) >= LEAST_HELD_OUT and len(learn) >= LEAST_TO_FIT - LEAST_HELD_OUT:
            return learn, held, by_match
    return learn, held, False


def fit(said: Sequence[Said]) -> ClubLayer:
    """The layer that corrections speak for: one shared curve, and one near it for each class with enough of them.

    Raises:
        InputProblem: ``too_few_corrections``.
    """
    if len(said) < LEAST_HELD_OUT:
        raise InputProblem(
            "too_few_corrections",
            f"There are {len(said)} corrections to learn from and {LEAST_HELD_OUT} are needed: review more events.",
        )
    shared = _curve(said, np.array([1.0, 0.0]), _SHARED_SIGMA)
    by_class: dict[str, list[Said]] = defaultdict(list)
    for row in said:
        by_class[row.label].append(row)
    layers = {}
    for label, rows in by_class.items():
        slope, bias = shared
        threshold = 0.0
        if len(rows) >= LEAST_OF_CLASS:
            slope, bias = _curve(rows, shared, _CLASS_SIGMA)
            threshold = _threshold(rows, ClassLayer(1 / slope, bias))
        layers[label] = ClassLayer(round(1 / slope, 6), round(bias, 6), round(threshold, 6))
    return ClubLayer(layers)


def _curve(said: Sequence[Said], guide: FloatArray, sigma: FloatArray) -> FloatArray:
    """(slope, bias) of the logistic curve with the highest posterior, by Newton's method; the problem is convex."""
    x = np.array([[logit(row.confidence), 1.0] for row in said])
    right = np.array([row.is_right for row in said], dtype=np.float64)
    at = guide.copy()
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ at, -30, 30)))
        gradient = x.T @ (p - right) + (at - guide) / sigma**2
        curvature = (x * (p * (1 - p))[:, None]).T @ x + np.diag(1 / sigma**2)
        step = np.linalg.solve(curvature, gradient)
        at = at - np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-9:
            break
    return np.array([np.clip(at[0], *_SLOPES), at[1]])


def _threshold(said: Sequence[Said], layer: ClassLayer) -> float:
    """The line with the best F1 on these corrections, 0 where keeping everything is as good."""
    p = np.array([layer.confidence(row.confidence) for row in said])
    right = np.array([row.is_right for row in said])
    best, at = _f1(np.ones(len(said), bool), right), 0.0
    for line in np.unique(p):
        found = _f1(p >= line, right)
        if found > best + 1e-9:
            best, at = found, float(line)
    return min(at, 0.99)


def _f1(kept: NDArray[np.bool_], right: NDArray[np.bool_]) -> float:
    wanted = int(kept.sum() + right.sum())
    return 2 * int((kept & right).sum()) / wanted if wanted else 0.0


def compare(
    learned: Sequence[Said], held: Sequence[Said], new: ClubLayer, now: ClubLayer, *, by_match: bool
) -> Comparison:
    """The new layer against the present one on held-out corrections; see ``Comparison``."""
    right = np.array([row.is_right for row in held])
    told = [np.array([a.confidence(r.label, r.confidence) for r in held]) for a in (new, now)]
    kept = [
        np.array([not layer.holds_back(r.label, r.confidence) for r in held])
        for layer in (new, now)
    ]
    return judge(len(learned), right, told, kept, by_match=by_match)


def judge(
    n_fit: int,
    right: NDArray[np.bool_],
    told: Sequence[FloatArray],
    kept: Sequence[NDArray[np.bool_]],
    *,
    by_match: bool,
) -> Comparison:
    """New against present on held-out corrections.

    Args:
        n_fit: corrections learned from.
        right: (N,) what people said.
        told: two arrays (N,): confidences of the new and of the present one.
        kept: two arrays (N,): whether each is shown.
        by_match: whether whole matches were held out.
    """
    if len(right) < LEAST_HELD_OUT:
        words = (
            f"Only {len(right)} corrections were held out to check it and {LEAST_HELD_OUT} are needed: "
            "review more events."
        )
        return Comparison(
            n_fit, len(right), 0, 0, 0, 0, 0, by_match, is_better=False, sentence=words
        )
    losses = [_losses(right, each) for each in told]
    gain = losses[1] - losses[0]
    drawn = np.random.default_rng(0).integers(0, len(right), (N_RESAMPLES, len(right)))
    wins = float((gain[drawn].mean(axis=1) > 0).mean())
    f1, f1_now = _f1(kept[0], right), _f1(kept[1], right)
    is_better = wins >= LEAST_WINS and f1 >= f1_now
    if is_better:
        words = "It is better than the present one on corrections that it did not learn from."
    elif wins >= LEAST_WINS:
        words = (
            "Its confidences are better, but it would hold back the wrong events; it is not used."
        )
    else:
        words = "It is not surely better than the present one on corrections it did not learn from."
    return Comparison(
        n_fit, len(right), float(losses[0].mean()), float(losses[1].mean()), f1, f1_now, wins, by_match,
        is_better, words,
    )  # fmt: skip


def _losses(right: NDArray[np.bool_], told: FloatArray) -> FloatArray:
    p = np.clip(told, 1e-6, 1 - 1e-6)
    return np.asarray(-np.log(np.where(right, p, 1 - p)))
