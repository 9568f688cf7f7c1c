"""The loop: schedule, warm starts, and what it asks a learner to do."""

import numpy as np
import pytest

from analysis.curation.loop import Schedule, curate
from analysis.curation.selection import Choice


class Pupil:
    """A learner whose doubt is known: it doubts exactly the clips of the second hundred."""

    def __init__(self):
        self.half = np.repeat(np.arange(4), 50)
        self.looks = np.eye(200)
        self.lessons, self.exams = [], []

    def learn(self, labelled, share_of_effort, *, is_fresh):
        self.lessons.append((len(labelled), share_of_effort, is_fresh))

    def scores(self):
        return np.where(np.arange(200) >= 100, 0.5, 0.01)[:, None]

    def measure(self, labelled):
        self.exams.append(len(labelled))
        return float(np.mean(labelled >= 100))


def test_shares_are_met_and_doubtful_clips_are_taken_first():
    pupil = Pupil()
    steps = curate(pupil, Choice(), Schedule((0.1, 0.2, 0.4)), seed=3)
    assert [len(step.labelled) for step in steps] == [20, 40, 80]
    first, _, last = steps
    assert set(last.labelled) - set(first.labelled) <= set(range(100, 200))
    assert last.score > first.score


def test_lessons_between_steps_are_short_and_go_on_from_the_last():
    pupil = Pupil()
    curate(pupil, Choice(), Schedule((0.1, 0.2, 0.3, 0.4), effort=0.2))
    assert pupil.lessons == [(20, 0.2, True), (40, 0.2, False), (60, 0.2, False)]
    cold = Pupil()
    curate(cold, Choice(), Schedule((0.1, 0.2, 0.3), starts_warm=False))
    assert [fresh for _, _, fresh in cold.lessons] == [True, True]


def test_random_needs_no_lessons_and_only_wanted_steps_are_measured():
    pupil = Pupil()
    steps = curate(
        pupil, Choice("random"), Schedule((0.1, 0.5)), measured=lambda share: share > 0.2
    )
    assert not pupil.lessons
    assert pupil.exams == [100]
    assert np.isnan(steps[0].score)
    assert np.isfinite(steps[1].score)


def test_the_first_clips_are_the_same_whatever_chooses_afterwards():
    steps = [
        curate(Pupil(), choice, Schedule((0.05, 0.1)), seed=5)
        for choice in (Choice(), Choice("random"))
    ]
    assert steps[0][0].labelled.tolist() == steps[1][0].labelled.tolist()


@pytest.mark.parametrize("shares", [(), (0.2, 0.1), (0.0, 0.5), (0.5, 1.1), (0.1, 0.1)])
def test_a_schedule_rises(shares):
    with pytest.raises(ValueError, match="the shares of a schedule rise"):
        Schedule(shares)
