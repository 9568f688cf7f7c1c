"""Learn, look, ask, learn again: active learning with its schedule and its warm starts (algorithms M.1, M.3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from analysis.curation.measures import RANDOM, BoolArray, FloatArray, IntArray
from analysis.curation.selection import Choice, select

SHARES = (0.01, 0.02, 0.04, 0.08, 0.16, 0.25, 0.4)


class Learner(Protocol):
    """A spotter that is being taught, and the pool it is taught from."""

    @property
    def looks(self) -> FloatArray:
        """(N, D) what the clips of the pool look like."""
        ...

    @property
    def half(self) -> IntArray:
        """(N,) the half each clip is of."""
        ...

    def learn(self, labelled: IntArray, share_of_effort: float, *, is_fresh: bool) -> None:
        """Learn the labelled clips, from the weights it has or from fresh ones.

        Args:
            labelled: indices into the pool.
            share_of_effort: of the steps that a full training takes.
            is_fresh: forget everything first.
        """
        ...

    def scores(self) -> FloatArray:
        """(N, C) probability of every class in every clip of the pool."""
        ...

    def measure(self, labelled: IntArray) -> float:
        """How well a fresh spotter spots halves outside the pool once it has fully learned these clips."""
        ...


@dataclass(frozen=True, slots=True)
class Schedule:
    """When how much is annotated and learned.

    Args:
        shares: of the pool that is annotated at the end of each step, rising: small steps first, since early answers
            change what is worth asking most. The first share is drawn at random.
        effort: share of a full training between two steps; that spotter need not be good, only good enough to ask.
        starts_warm: go on from the weights of the step before.
    """

    shares: Sequence[float] = SHARES
    effort: float = 0.25
    starts_warm: bool = True

    def __post_init__(self) -> None:
        rising = all(a < b for a, b in zip(self.shares[:-1], self.shares[1:], strict=True))
        if not self.shares or not rising or not 0 < self.shares[0] <= self.shares[-1] <= 1:
            raise ValueError("the shares of a schedule rise, above 0 and up to 1")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the share and the clips that are annotated, and how well the spotter does with them."""

    share: float
    labelled: IntArray
    score: float


def curate(
    learner: Learner,
    choice: Choice,
    schedule: Schedule,
    *,
    seed: int = 0,
    measured: Callable[[float], bool] = lambda share: True,
    on_step: Callable[[Step], None] = lambda step: None,
) -> list[Step]:
    """Run the loop.

    Args:
        learner: see ``Learner``.
        choice: how clips are chosen after the first step.
        schedule: see ``Schedule``.
        seed: of the first clips, and of random choices.
        measured: at which shares a fresh spotter is trained and measured; at the others the score is NaN.
        on_step: told every finished step.
    """
    n_clips = len(learner.half)
    is_labelled: BoolArray = np.zeros(n_clips, bool)
    steps: list[Step] = []
    for number, share in enumerate(schedule.shares):
        wanted = max(1, round(share * n_clips)) - int(is_labelled.sum())
        own = choice if number else Choice(RANDOM)
        scores = np.zeros((n_clips, 1))
        if own.measure != RANDOM:
            is_fresh = number == 1 or not schedule.starts_warm
            learner.learn(np.flatnonzero(is_labelled), schedule.effort, is_fresh=is_fresh)
            scores = learner.scores()
        chosen = select(
            scores, is_labelled, wanted, own,
            looks=learner.looks, half=learner.half, seed=100 * seed + number,
        )  # fmt: skip
        is_labelled[chosen] = True
        labelled = np.flatnonzero(is_labelled)
        score = learner.measure(labelled) if measured(share) else float("nan")
        steps.append(Step(share, labelled, score))
        on_step(steps[-1])
    return steps
